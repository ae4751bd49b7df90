"""Folds batch normalisation behind a sum into the layers whose values are added.

Neurons with several terms have it so: products of sums, and sums of powers, before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.ops.add import Add
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.network.ops.multiply import Multiply
from hwgen.passes.fold_batchnorm import folded
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped, without


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, BatchNorm1d):
        return None
    added = before(graph, node.inputs[0])
    if added is None or not isinstance(added.op, Add) or not alone(graph, added.name):
        return None
    plain = {shapes[name] for name in added.inputs} == {shapes[added.name]}
    if not plain or added.op.rectified or len(set(added.inputs)) < len(added.inputs):
        return None
    if added.op.grid is not None:
        return None
    ops = [next(_scalable(graph, name, shapes), None) for name in added.inputs]
    found = [op for op in ops if op is not None]
    # What is added to all counts once: it goes where a bias is that is nobody's factor.
    taker = next(
        (op for op, name in zip(ops, added.inputs, strict=True) if op and op.name == name
         and op.linear), None,
    )  # fmt: skip
    if taker is None or len(found) < len(added.inputs):
        return None
    gain = replace(node.op, bias=node.op.mean * node.op.gain)
    graph = graph.with_ops([_scaled(op, node.op if op is taker else gain) for op in found])
    return without(graph, graph[node.name])


def _scalable(graph: Nodes, name: str, shapes: Shapes) -> Iterator[Layer]:
    """Yield the layers by whose weights a value can be multiplied."""
    node = before(graph, name)
    if node is None or node.op.grid is not None or not alone(graph, name):
        return
    if node.op.linear or isinstance(node.op, Bilinear1d):
        yield node.op
    elif isinstance(node.op, Multiply) and len(set(node.inputs)) == len(node.inputs):
        for factor in node.inputs:
            if shapes[factor] == shapes[name]:
                yield from _scalable(graph, factor, shapes)


def _scaled(op: Layer, norm: BatchNorm1d) -> Layer:
    if not isinstance(op, Bilinear1d):
        return folded(op, norm)
    weight = op.weight_r * norm.gain[:, None, None]
    return replace(op, weight_r=weight, bias_r=op.bias_r * norm.gain)


run = everywhere_shaped(_match)
