"""Puts a quantiser before a pooling by maxima, a reshape or a concatenation: the numbers stay."""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.graph import Graph
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.quantizer import Quantizer
from hwgen.network.ops.reshape import Reshape
from hwgen.passes.rewrite import Nodes, alone, before, everywhere, free_name, swapped, without


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, Quantizer):
        return None
    source = before(graph, node.inputs[0])
    if source is None or not alone(graph, source.name):
        return None
    one_step = node.op.grid is not None and len(node.op.grid.step) == 1
    if isinstance(source.op, MaxPool1d) or (isinstance(source.op, Reshape) and one_step):
        moved = swapped(graph, source, node)
        return _match(moved, moved[node.name]) or moved
    if isinstance(source.op, Concat) and one_step:
        return _each(graph, source, node)
    return None


def _each(graph: Nodes, concat: Node[Layer], node: Node[Layer]) -> Nodes:
    """Return the graph with a quantiser on each of what is put side by side."""
    made: list[Node[Layer]] = []
    names = {name: free_name(graph, f"{node.name}_{name}") for name in set(concat.inputs)}
    for each in graph.nodes:
        if each is concat:
            made += [
                Node(replace(node.op, name=new), (name,)) for name, new in sorted(names.items())
            ]
            each = Node(concat.op, tuple(names[name] for name in concat.inputs))  # noqa: PLW2901
        made.append(each)
    return without(Graph(graph.inputs, tuple(made), graph.outputs), _of(made, node.name))


def _of(nodes: list[Node[Layer]], name: str) -> Node[Layer]:
    return next(node for node in nodes if node.name == name)


run = everywhere(_match)
