"""Makes a ReLU the end of the op before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hwgen.network import Layer, Node
from hwgen.network.ops.relu import Relu
from hwgen.passes.rewrite import Nodes, alone, before, everywhere, merged, without


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, Relu):
        return None
    source = before(graph, node.inputs[0])
    if source is None or not hasattr(source.op, "relu"):
        return None
    if source.op.rectified:
        return without(graph, node)  # a second one does nothing
    if not alone(graph, source.name):
        return None
    op: Any = source.op
    grid = None if op.grid is None else op.grid.rectified(source.name)
    return merged(graph, node, Node(replace(op, relu=True, grid=grid), source.inputs))


run = everywhere(_match)
