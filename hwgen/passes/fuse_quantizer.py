"""Makes a quantiser the end of the layer before it."""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.grid import Grid
from hwgen.network.ops.quantizer import Quantizer
from hwgen.passes.grids import ROUNDED
from hwgen.passes.rewrite import Nodes, alone, before, everywhere, merged, without


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    source = before(graph, node.inputs[0])
    grid = node.op.grid
    if not isinstance(node.op, Quantizer) or grid is None or source is None:
        return None
    if not isinstance(source.op, (*ROUNDED, Quantizer)):
        return None
    grid = grid.rectified(node.name) if source.op.rectified else grid
    first = source.op.grid
    if first is not None and _same(first, grid):
        both = grid.within(first)
        if both == first:
            return without(graph, node)
        grid = both
    elif first is not None:
        return None
    if not alone(graph, source.name):
        return None
    return merged(graph, node, Node(replace(source.op, grid=grid), source.inputs))


def _same(one: Grid, other: Grid) -> bool:
    """Return whether all numbers are integers times the same steps."""
    return set(one.step) == set(other.step) and len(set(one.step)) == 1


run = everywhere(_match)
