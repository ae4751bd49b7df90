"""Puts a ReLU before a max-pooling or a reshape: the largest of a group is the same one."""

from __future__ import annotations

from hwgen.network import Layer, Node
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.relu import Relu
from hwgen.network.ops.reshape import Reshape
from hwgen.passes.rewrite import Nodes, alone, before, everywhere, swapped


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, Relu):
        return None
    source = before(graph, node.inputs[0])
    if source is None or not isinstance(source.op, MaxPool1d | Reshape):
        return None
    if not alone(graph, source.name):
        return None
    moved = swapped(graph, source, node)
    return _match(moved, moved[node.name]) or moved


run = everywhere(_match)
