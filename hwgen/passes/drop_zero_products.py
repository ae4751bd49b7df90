"""Takes out of a sum the products one of whose factors is nothing.

Their step would bind that of the sum, which may be far finer.
"""

from __future__ import annotations

from hwgen.network import Graph, Layer, Node
from hwgen.network.ops.add import Add
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.multiply import Multiply
from hwgen.passes.rewrite import Nodes, Shapes, before, everywhere_shaped, without


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, Add) or node.op.rectified or node.op.grid is not None:
        return None
    rest = tuple(name for name in node.inputs if not _is_product_of_nothing(graph, name))
    if not rest or len(rest) == len(node.inputs):
        return None
    if any(shapes[name] != shapes[node.name] for name in rest):
        return None
    left = Node[Layer](node.op, rest)
    nodes = [left if each is node else each for each in graph.nodes]
    kept = Graph(graph.inputs, tuple(_read(graph, nodes)), graph.outputs)
    return kept if len(rest) > 1 else without(kept, left)


def _read(graph: Nodes, nodes: list[Node[Layer]]) -> list[Node[Layer]]:
    """Return the nodes that some output comes of."""
    wanted = {output.source for output in graph.outputs}
    kept: list[Node[Layer]] = []
    for node in reversed(nodes):
        if node.name in wanted:
            wanted.update(node.inputs)
            kept.append(node)
    return kept[::-1]


def _is_product_of_nothing(graph: Nodes, name: str) -> bool:
    node = before(graph, name)
    return node is not None and isinstance(node.op, Bilinear1d | Multiply) and _zero(graph, name)


def _zero(graph: Nodes, name: str) -> bool:
    """Return whether a value is 0 whatever the samples are."""
    node = before(graph, name)
    if node is None or node.op.grid is not None:
        return False
    if isinstance(node.op, Bilinear1d):
        return any(not half.weight.any() and not half.bias.any() for half in node.op.halves)
    if isinstance(node.op, Conv1d | Dense):
        return node.op.linear and not any(each.any() for each in node.op.tensors().values())
    return isinstance(node.op, Multiply) and any(_zero(graph, each) for each in node.inputs)


run = everywhere_shaped(_match)
