"""Makes a sum of sums one sum: what is added to what nobody else reads."""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.ops.add import Add
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, Add):
        return None
    for place, name in enumerate(node.inputs):
        inner = before(graph, name)
        if inner is None or not isinstance(inner.op, Add) or inner.op.rectified:
            continue
        if inner.op.grid is not None or node.inputs.count(name) > 1:
            continue
        if not alone(graph, name) or len({shapes[each] for each in (name, *inner.inputs)}) > 1:
            continue
        read = (*node.inputs[:place], *inner.inputs, *node.inputs[place + 1 :])
        nodes = [
            Node[Layer](node.op, read) if each is node else each
            for each in graph.nodes
            if each is not inner
        ]
        flat = replace(graph, nodes=tuple(nodes))
        return _match(flat, flat[node.name], shapes) or flat
    return None


run = everywhere_shaped(_match)
