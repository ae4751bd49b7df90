"""Rounds values to all integers of a format; a table behind cuts them to a narrower range."""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.ops.table import Table
from hwgen.passes.rewrite import Nodes, everywhere, free_name, inserted


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    grid = node.op.grid
    if grid is None or grid.is_whole or isinstance(node.op, Table):
        return None
    if len(set(grid.step)) > 1:
        return None
    name = free_name(graph, f"{node.name}_cut")
    made = inserted(graph, node, Table(name, "identity", grid=grid))
    return made.with_ops([replace(node.op, grid=grid.whole)])


run = everywhere(_match)
