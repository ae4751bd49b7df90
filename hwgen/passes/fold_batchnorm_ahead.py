"""Folds batch normalisation into the weights of the only layer that reads it, or into another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hwgen.network import Layer, Node
from hwgen.network.ops import dense
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.passes.rewrite import Nodes, alone, everywhere, times, without


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, BatchNorm1d) or not alone(graph, node.name):
        return None
    (reader,) = graph.readers(node.name)
    if reader.inputs[0] != node.name:
        return None  # what a convolution adds meets no weights
    made = _folded(node.op, reader.op)
    return None if made is None else without(graph, node).with_ops([made])


def _folded(norm: BatchNorm1d, layer: Any) -> Layer | None:
    """Return the layer that reads what the normalisation reads; None if there is none."""
    if isinstance(layer, BatchNorm1d):
        gain, offset = norm.gain * layer.gain, norm.offset * layer.gain + layer.offset
        return BatchNorm1d(layer.name, gain, offset, 0 * gain, np.ones(len(gain)), 0.0)
    unit = getattr(layer, "unit", None)
    if unit is not None and np.ptp(np.abs(norm.gain)) > 0:
        return None  # its integers would be others
    if isinstance(layer, Dense):
        inputs = layer.weight.shape[1]
        offset = layer.weight @ dense.columns(norm.offset, inputs)
    elif isinstance(layer, Conv1d) and not any(layer.sides):
        # Padding is zeros of the normalised values: folded, it would be of those before.
        offset = (layer.weight * layer.columns(norm.offset)).sum(axis=(1, 2))
    else:
        return None
    weight = layer.weight * layer.columns(norm.gain)
    bias = layer.bias + np.asarray(offset)
    gain = np.full(len(weight), norm.gain[0])
    return replace(layer, weight=weight, bias=bias, unit=times(unit, gain))


run = everywhere(_match)
