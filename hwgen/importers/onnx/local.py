"""Functions that a model brings with it: written out where they are called, if that ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwgen.errors import InputError

MAX_NODES = 100_000
"""Of a model whose functions are written out; a network has hundreds."""


def written_out(path: Path, model: Any) -> Any:
    """Return a model without functions of its own.

    Raises
    ------
    InputError
        If they call themselves, or make more than `MAX_NODES` nodes: functions that call each
        other twice are few bytes in a file.
    """
    from onnx import inliner

    if not model.functions:
        return model
    known = {(each.domain, each.name): each for each in model.functions}
    if _count(path, model.graph.node, known, {}, ()) > MAX_NODES:
        raise InputError(f"{path} must have at most {MAX_NODES:,} nodes with its functions' own")
    return inliner.inline_local_functions(model)


def _count(
    path: Path,
    nodes: Any,
    known: dict[tuple[str, str], Any],
    counted: dict[tuple[str, str], int],
    above: tuple[tuple[str, str], ...],
) -> int:
    """Return the nodes that are left of some, when functions are written out."""
    total = 0
    for node in nodes:
        key = node.domain, node.op_type
        if key in above or len(above) > _DEEPEST:
            raise InputError(f"{path} must have functions that do not call themselves")
        if key in known and key not in counted:
            counted[key] = _count(path, known[key].node, known, counted, (*above, key))
        total += counted.get(key, 1)
    return total


_DEEPEST = 200
"""Functions within each other."""
