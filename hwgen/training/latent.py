"""The float weights that fine-tuning moves, in units that suit each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hwgen.network import SAMPLES, Floats, Layer, Network, Node
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.quantized import Activations, QuantizedModel
from hwgen.quantized.samples import sampled

_BIAS_SHARE = 0.25
"""A bias moves as fast as a weight whose input is at this share of its range."""


class Latent(nn.Module):
    """Weights and biases of every layer that has some.

    A weight is stored relative to the largest of its row as the integer rule sees it (input scales
    folded in), so that one learning rate fits all layers, rows and widths.

    Parameters
    ----------
    network, model
        The start: a float network, and the integer network that calibration made of it.
    """

    def __init__(self, network: Network, model: QuantizedModel) -> None:
        super().__init__()
        self._network = network
        self._fields: dict[str, tuple[str, ...]] = {}
        self._gains: list[Tensor] = []
        self.values = nn.ParameterList()
        samples = sampled(network.input_shape, model.bits, model.input_scale)

        def step(node: Node[Layer], sources: tuple[Activations, ...]) -> Activations:
            start = node.op.tensors()
            self._fields[node.name] = tuple(start)
            for key, gain in _gains(node.op, start, sources).items():
                self._gains.append(torch.from_numpy(gain))
                self.values.append(nn.Parameter(torch.from_numpy(start[key] / gain)))
            return model.graph[node.name].op.output

        network.graph.walk(step, {SAMPLES: samples})

    def weights(self) -> dict[str, dict[str, Tensor]]:
        """Return each layer's float weights by field, with their gradients' way back."""
        scaled = (value * gain for value, gain in zip(self.values, self._gains, strict=True))
        return {name: {key: next(scaled) for key in keys} for name, keys in self._fields.items()}

    def network(self) -> Network:
        """Return the float network with the present weights."""
        weights = self.weights()
        layers: dict[str, Layer] = {}
        for layer in self._network.layers:
            fields = {key: w.detach().numpy() for key, w in weights[layer.name].items()}
            if fields:
                kind: Any = layer
                layers[layer.name] = replace(kind, **fields)
        return self._network.with_layers(layers.values())


def dequantized(network: Network, model: QuantizedModel) -> Network:
    """Return the float network whose weights are what the integers of `model` stand for."""
    layers: dict[str, Layer] = {}

    def step(node: Node[Layer], sources: tuple[Activations, ...]) -> Activations:
        op = model.graph[node.name].op
        if hasattr(op, "weight"):
            layers[node.name] = _stood_for(node.op, op, sources[0])
        return op.output

    samples = sampled(network.input_shape, model.bits, model.input_scale)
    network.graph.walk(step, {SAMPLES: samples})
    return network.with_layers(layers.values())


def _stood_for(layer: Any, op: Any, source: Activations) -> Any:
    if isinstance(layer, Bilinear1d):
        columns = layer.halves[0].columns(source.scale)
        weights = np.split(op.weight * op.unit[:, np.newaxis, np.newaxis], 2)
        one, other = (weight / columns for weight in weights)
        bias, bias_g = np.split(op.bias * op.unit, 2)
        return replace(layer, weight_r=one, bias_r=bias, weight_g=other, bias_g=bias_g)
    step = op.output.scale / 2.0**op.shift
    if getattr(op, "last", False):
        step = step * 2.0**op.align
    rows = step.reshape(-1, *[1] * (op.weight.ndim - 1))
    weight = op.weight * rows / layer.columns(source.scale)
    return replace(layer, weight=weight, bias=op.bias * step)


def _gains(
    layer: Layer, start: dict[str, Floats], sources: tuple[Activations, ...]
) -> dict[str, Floats]:
    """Return what one in each stored tensor stands for, of the tensor's shape."""
    gains = {key: np.ones_like(value) for key, value in start.items()}
    rows: Layer = layer.halves[0] if isinstance(layer, Bilinear1d) else layer
    for key, weight in start.items():
        if not key.startswith("weight") or key.removeprefix("weight") not in ("", "_r", "_g"):
            continue
        source = sources[0]
        columns = rows.columns(source.scale)
        largest = np.abs(weight * columns).max(axis=tuple(range(1, weight.ndim)))
        # A row of zeros moves as fast as the fastest.
        largest = np.where(largest > 0, largest, largest.max() or 1.0)
        gains[key] = gains[key] * largest.reshape(-1, *[1] * (weight.ndim - 1)) / columns
        bias = key.replace("weight", "bias")
        if bias in start:
            gains[bias] = largest * source.fmt.max * _BIAS_SHARE
    return gains
