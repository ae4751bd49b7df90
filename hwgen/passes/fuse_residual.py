"""Makes an add part of the convolution that gives one of its values."""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.ops.add import Add
from hwgen.network.ops.conv1d import Conv1d
from hwgen.passes.grids import quantised
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped, free_name, merged


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, Add) or len(set(node.inputs)) < len(node.inputs):
        return None
    if len({shapes[name] for name in node.inputs}) > 1:
        return None
    # Of two convolutions the later one: what it adds is there already.
    order = {each.name: place for place, each in enumerate(graph.nodes)}
    for name in sorted(node.inputs, key=lambda each: -order.get(each, -1)):
        source = before(graph, name)
        if source is None or not alone(graph, name):
            continue
        conv = source.op
        if not isinstance(conv, Conv1d) or conv.relu or conv.residual or conv.grid is not None:
            continue
        # With weights as they are the sum's step is theirs, unless a grid behind says another.
        if conv.unit is None or quantised(graph, node.name):
            graph, other = _others(graph, node, name)
            fused = replace(conv, relu=node.op.rectified, residual=True)
            graph = merged(graph, graph[node.name], Node(fused, (*source.inputs, other)))
            if other in shapes:
                return graph
            return _match(graph, graph[other], {**shapes, other: shapes[name]}) or graph
    return None


def _others(graph: Nodes, node: Node[Layer], but: str) -> tuple[Nodes, str]:
    """Return the name of the sum of all that an add reads but one, and the graph with it."""
    rest = tuple(name for name in node.inputs if name != but)
    if len(rest) == 1:
        return graph, rest[0]
    name = free_name(graph, f"{node.name}_others")
    both = Node[Layer](Add(name), rest), Node(node.op, (name, but))
    place = graph.nodes.index(node)
    nodes = (*graph.nodes[:place], *both, *graph.nodes[place + 1 :])
    return replace(graph, nodes=nodes), name


run = everywhere_shaped(_match)
