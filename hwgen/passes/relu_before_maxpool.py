"""Puts a ReLU behind a max-pooling before it: the largest of a group is the same one."""

from __future__ import annotations

from hwgen.network import Layer, Node
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.relu import Relu
from hwgen.passes.rewrite import Nodes, alone, before, everywhere, swapped


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, Relu):
        return None
    pool = before(graph, node.inputs[0])
    if pool is None or not isinstance(pool.op, MaxPool1d) or not alone(graph, pool.name):
        return None
    return swapped(graph, pool, node)


run = everywhere(_match)
