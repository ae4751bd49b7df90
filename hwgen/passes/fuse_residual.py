"""Makes an add of two values part of the convolution that gives one of them."""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.ops.add import Add
from hwgen.network.ops.conv1d import Conv1d
from hwgen.passes.grids import quantised
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped, merged


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, Add) or len(node.inputs) != 2 or len(set(node.inputs)) != 2:
        return None
    if len({shapes[name] for name in node.inputs}) > 1:
        return None
    # Of two convolutions the later one: what it adds is there already.
    order = {each.name: place for place, each in enumerate(graph.nodes)}
    for name in sorted(node.inputs, key=lambda each: -order.get(each, -1)):
        source = before(graph, name)
        if source is None or not alone(graph, name):
            continue
        conv, (other,) = source.op, set(node.inputs) - {name}
        if not isinstance(conv, Conv1d) or conv.relu or conv.residual or conv.grid is not None:
            continue
        # With weights as they are the sum's step is theirs, unless a grid behind says another.
        if conv.unit is None or quantised(graph, node.name):
            fused = replace(conv, relu=node.op.relu, residual=True)
            return merged(graph, node, Node(fused, (*source.inputs, other)))
    return None


run = everywhere_shaped(_match)
