"""Takes in a ReLU behind a quantiser: its grid has no negative numbers then."""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.ops.quantizer import Quantizer
from hwgen.network.ops.relu import Relu
from hwgen.passes.rewrite import Nodes, alone, before, everywhere, merged, without


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, Relu):
        return None
    source = before(graph, node.inputs[0])
    if source is None or not isinstance(source.op, Quantizer) or source.op.grid is None:
        return None
    if source.op.grid.low == 0:
        return without(graph, node)
    if not alone(graph, source.name):
        return None
    op = replace(source.op, grid=source.op.grid.rectified(source.name))
    return merged(graph, node, Node(op, source.inputs))


run = everywhere(_match)
