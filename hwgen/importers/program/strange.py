"""Nodes of a program that are not taken from a file: what is told of them, and in what shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwgen.checkpoint.tensors import printable
from hwgen.errors import InputError
from hwgen.importers.program.archive import whole
from hwgen.importers.program.values import dtype_of
from hwgen.importers.stand_ins import StandIn

_MOST = 80
"""Letters of a name."""


def refused(path: Path, nodes: Sequence[str]) -> InputError:
    """Return what a user is told of nodes (`told`) where no more is known of the graph."""
    return InputError(
        f"{path} has nodes that hwgen cannot do: {'; '.join(dict.fromkeys(nodes))}: what is not in "
        "its list is not taken from a file; docs/onnx.md lists what is supported"
    )


def stand_in(
    node: Mapping[str, Any], gives: Sequence[str], tensors: Mapping[str, Any]
) -> StandIn | None:
    """Return what stands for a node in one window's graph; None where it gives more than tensors.

    Parameters
    ----------
    node
        From the file.
    gives
        Names of what it gives.
    tensors
        What the file says of tensors, by name.
    """
    known = [tensors.get(name) for name in gives]
    if not known or None in known:
        return None
    shapes = [[_size(size) for size in each["sizes"]] for each in known if each]
    kinds = [dtype_of(each["dtype"]) for each in known if each]
    name = printable(str(node.get("name") or gives[0]), _MOST)
    return StandIn(str(node["target"])[:_MOST], name, _place(node), kinds, shapes)


def told(node: Mapping[str, Any]) -> str:
    """Return a node's name, op and layer."""
    target = printable(str(node["target"]).removeprefix("torch.ops."), _MOST)
    where = f", in {place}" if (place := _place(node)) else ""
    return f"{printable(str(node.get('name')))} ({target}{where})"


def _place(node: Mapping[str, Any]) -> str:
    stack = str(node.get("metadata", {}).get("nn_module_stack", "")).split(";")
    return printable(stack[-1].split(",")[1], _MOST) if stack[-1].count(",") >= 2 else ""


def _size(size: Mapping[str, Any]) -> int:
    """Return a size; what is open is the number of windows, of which there is one."""
    return whole(size) if "as_int" in size else 1
