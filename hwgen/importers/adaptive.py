"""Adaptive max-pooling of a program of torch, for which ONNX has no form, as a pooling by sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hwgen.errors import InputError
from hwgen.network.pooling import even_groups

if TYPE_CHECKING:
    import torch


def by_sizes(name: object, program: torch.export.ExportedProgram) -> None:
    """Write adaptive max-poolings as those of groups of one size at one distance.

    Parameters
    ----------
    name
        Of the module or file, for messages.
    program
        Is changed.

    Raises
    ------
    InputError
        If groups differ: the node, its layer and the lengths are named.
    """
    import torch

    aten = torch.ops.aten
    strange = []
    for node in program.graph.nodes:
        if node.target != aten.adaptive_max_pool1d.default:
            continue
        source, (positions, *_) = node.args
        length = source.meta["val"].shape[-1]
        found = even_groups(length, positions)
        if found is None:
            strange.append(
                f"{node.name} (adaptive_max_pool1d{_layer(node)}) pools {length} positions to "
                f"{positions}, in groups that differ in size or distance; choose a number that "
                f"divides {length}"
            )
            continue
        size, stride = found
        node.target = aten.max_pool1d_with_indices.default
        node.args = (source, [size], [stride])
    if strange:
        raise InputError(f"{name} has nodes that hwgen cannot do: {'; '.join(strange)}")
    program.graph_module.recompile()


def _layer(node: Any) -> str:
    stack = [place for place, _ in node.meta.get("nn_module_stack", {}).values()]
    inner = stack[-1].removeprefix("L['self'].") if stack else ""
    return f", in {inner}" if inner else ""
