"""Which values of a network are on a grid."""

from __future__ import annotations

from hwgen.errors import InputError
from hwgen.network.grid import Grid
from hwgen.network.ops.add import Add
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.quantizer import Quantizer
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.slice import Slice
from hwgen.network.ops.table import Table
from hwgen.passes.rewrite import Nodes, before

ROUNDED = (Conv1d, Dense, Add, Direct, Table)
"""Layers whose results can be rounded to a grid."""


def quantised(graph: Nodes, name: str) -> bool:
    """Return whether a quantiser is all that reads a value."""
    readers = graph.readers(name)
    alone = len(readers) == 1 and not graph.leaves(name)
    return alone and isinstance(readers[0].op, Quantizer)


def grid_of(graph: Nodes, name: str) -> Grid | None:
    """Return a grid with one step that a value is on; None where none is known."""
    node = before(graph, name)
    if node is None:
        return None
    if node.op.grid is not None:
        return node.op.grid if len(set(node.op.grid.step)) == 1 else None
    if isinstance(node.op, MaxPool1d | Slice | Concat | Reshape):
        return _common([grid_of(graph, each) for each in node.inputs])
    return None


def _common(grids: list[Grid | None]) -> Grid | None:
    """Return the grid that holds all of some of one step."""
    known = [each for each in grids if each is not None]
    if len(known) < len(grids) or len({each.step[0] for each in known}) != 1:
        return None
    ends = min(each.low for each in known), max(each.high for each in known)
    try:
        return Grid(known[0].step[:1], *ends, known[0].rounding)
    except InputError:
        return None
