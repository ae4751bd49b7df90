"""Makes a product of two convolutions of one value, or of two dense layers, one layer.

Quadratic neurons have it so, however a file spells them; on chip both sums leave in pairs that
meet, with more bits than values in memory have.
"""

from __future__ import annotations

from hwgen.network import Graph, Layer, Node
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.multiply import Multiply
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, Multiply) or node.op.grid is not None:
        return None
    if len(set(node.inputs)) < 2:
        return None  # a square needs its one sum once
    factors = [before(graph, name) for name in node.inputs]
    found = [each for each in factors if each and each.op.linear and alone(graph, each.name)]
    if len(found) < 2 or found[0].inputs != found[1].inputs:
        return None
    one, other = (each.op for each in found)
    made = _of(node.name, one, other, shapes[found[0].inputs[0]])
    if made is None:
        return None
    gone = {one.name, other.name}
    return Graph(
        graph.inputs,
        tuple(
            Node(made, found[0].inputs) if each is node else each
            for each in graph.nodes
            if each.name not in gone
        ),
        graph.outputs,
    )


def _of(name: str, one: Layer, other: Layer, shape: tuple[int, ...]) -> Bilinear1d | None:
    """Return the product of two layers; None where they differ, or have integers of their own."""
    if isinstance(one, Conv1d) and isinstance(other, Conv1d):
        geometry = [
            (each.weight.shape, each.stride, each.sides, each.dilation, each.groups, each.unit)
            for each in (one, other)
        ]
        if geometry[0] != geometry[1] or one.groups > 1 or one.unit is not None:
            return None
        return Bilinear1d(
            name, one.weight, one.bias, other.weight, other.bias, one.stride, one.padding,
            one.dilation, one.padding_right,
        )  # fmt: skip
    if not isinstance(one, Dense) or not isinstance(other, Dense):
        return None
    if one.weight.shape != other.weight.shape or (one.unit, other.unit) != (None, None):
        return None
    channels, length = (*shape, 1)[:2]
    first, second = (each.weight.reshape(-1, channels, length) for each in (one, other))
    return Bilinear1d(name, first, one.bias, second, other.bias, 1, 0, flat=True)


run = everywhere_shaped(_match)
