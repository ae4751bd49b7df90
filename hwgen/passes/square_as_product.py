"""Makes a square of what others read, too, a product of the value with itself.

A table is shared by all channels, whose steps must then be powers of two apart; of a product each
channel's step is its own. What nobody else reads is squared on its way, by a table.
"""

from __future__ import annotations

from hwgen.network import Graph, Layer, Node
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.table import Table
from hwgen.passes.rewrite import Nodes, alone, everywhere


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, Table) or node.op.function != "square" or node.op.grid is not None:
        return None
    if alone(graph, node.inputs[0]):
        return None
    product = Node[Layer](Multiply(node.name), (*node.inputs, *node.inputs))
    nodes = tuple(product if each is node else each for each in graph.nodes)
    return Graph(graph.inputs, nodes, graph.outputs)


run = everywhere(_match)
