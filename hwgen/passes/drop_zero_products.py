"""Takes out of a sum the products one of whose factors is nothing.

Their step would bind that of the sum, which may be far finer.
"""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.ops.add import Add
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped, without


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, Add) or node.op.rectified or node.op.grid is not None:
        return None
    gone = next((name for name in node.inputs if _is_nothing(graph, name)), None)
    rest = tuple(name for name in node.inputs if name != gone)
    if gone is None or len(rest) != len(node.inputs) - 1 or not alone(graph, gone):
        return None
    if any(shapes[name] != shapes[node.name] for name in rest):
        return None
    left = Node[Layer](node.op, rest)
    nodes = [left if each is node else each for each in graph.nodes if each.name != gone]
    if len(rest) > 1:
        return replace(graph, nodes=tuple(nodes))
    return without(replace(graph, nodes=tuple(nodes)), left)


def _is_nothing(graph: Nodes, name: str) -> bool:
    node = before(graph, name)
    if node is None or not isinstance(node.op, Bilinear1d):
        return False
    return any(not half.weight.any() and not half.bias.any() for half in node.op.halves)


run = everywhere_shaped(_match)
