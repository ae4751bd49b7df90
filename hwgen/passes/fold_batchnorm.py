"""Folds batch normalisation into the weights of the layer before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hwgen.network import Layer, Node
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.passes.rewrite import Nodes, alone, before, everywhere, merged


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, BatchNorm1d):
        return None
    source = before(graph, node.inputs[0])
    if source is None or not source.op.linear or not alone(graph, source.name):
        return None
    return merged(graph, node, Node(folded(source.op, node.op), source.inputs))


def folded(layer: Any, norm: BatchNorm1d) -> Layer:
    """Return a layer whose values are normalised."""
    weight = layer.weight * norm.gain.reshape(-1, *[1] * (layer.weight.ndim - 1))
    folded: Layer = replace(layer, weight=weight, bias=layer.bias * norm.gain + norm.offset)
    return folded


run = everywhere(_match)
