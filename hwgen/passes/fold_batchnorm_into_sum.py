"""Folds batch normalisation behind a sum into the layers whose values are added.

Quadratic neurons have it so: a product of two sums, and a sum of squares, before it.
"""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.ops.add import Add
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.passes.fold_batchnorm import folded
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped, without


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, BatchNorm1d):
        return None
    added = before(graph, node.inputs[0])
    if added is None or not isinstance(added.op, Add) or not alone(graph, added.name):
        return None
    parts = [before(graph, name) for name in added.inputs]
    ops = [part.op for part in parts if part and _scalable(part.op) and alone(graph, part.name)]
    plain = {shapes[name] for name in added.inputs} == {shapes[added.name]}
    taker = next((op for op in ops if op.linear), None)
    if len(ops) < len(added.inputs) or added.op.rectified or taker is None or not plain:
        return None
    if added.op.grid is not None or len({op.name for op in ops}) < len(ops):
        return None
    # What is added to all counts once.
    gain = replace(node.op, bias=node.op.mean * node.op.gain)
    graph = graph.with_ops([_scaled(op, node.op if op is taker else gain) for op in ops])
    return without(graph, graph[node.name])


def _scalable(op: Layer) -> bool:
    return op.linear or (isinstance(op, Bilinear1d) and op.grid is None)


def _scaled(op: Layer, norm: BatchNorm1d) -> Layer:
    if not isinstance(op, Bilinear1d):
        return folded(op, norm)
    weight = op.weight_r * norm.gain[:, None, None]
    return replace(op, weight_r=weight, bias_r=op.bias_r * norm.gain)


run = everywhere_shaped(_match)
