"""The float weights that fine-tuning moves, in units that suit each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hwgen.network import Floats, Network
from hwgen.quantized import Activations, QuantizedModel

_BIAS_SHARE = 0.25
"""A bias moves as fast as a weight whose input is at this share of its range."""


class Latent(nn.Module):
    """Weights and biases of every layer behind the first one, which has none.

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
        self._fields: list[tuple[str, ...]] = []
        self._gains: list[Tensor] = []
        self.values = nn.ParameterList()
        source = model.ops[0].output
        for layer, op in zip(network.layers[1:], model.ops[1:], strict=True):
            start = {key: v for key, v in vars(layer).items() if isinstance(v, np.ndarray)}
            self._fields.append(tuple(start))
            for key, gain in _gains(start, source).items():
                self._gains.append(torch.from_numpy(gain))
                self.values.append(nn.Parameter(torch.from_numpy(start[key] / gain)))
            source = op.output

    def weights(self) -> list[dict[str, Tensor]]:
        """Return each layer's float weights by field, with their gradients' way back."""
        scaled = (value * gain for value, gain in zip(self.values, self._gains, strict=True))
        return [{key: next(scaled) for key in fields} for fields in self._fields]

    def network(self) -> Network:
        """Return the float network with the present weights."""
        layers = []
        for layer, weights in zip(self._network.layers[1:], self.weights(), strict=True):
            fields: dict[str, Any] = {key: w.detach().numpy() for key, w in weights.items()}
            layers.append(replace(layer, **fields))
        return replace(self._network, layers=(self._network.layers[0], *layers))


def dequantized(network: Network, model: QuantizedModel) -> Network:
    """Return the float network whose weights are what the integers of `model` stand for."""
    layers, source = [network.layers[0]], model.ops[0].output
    for layer, op in zip(network.layers[1:], model.ops[1:], strict=True):
        layers.append(_stood_for(layer, op, source) if hasattr(op, "weight") else layer)
        source = op.output
    return replace(network, layers=tuple(layers))


def _stood_for(layer: Any, op: Any, source: Activations) -> Any:
    step = op.output.scale / 2.0**op.shift
    if getattr(op, "last", False):
        step = step * 2.0**op.align
    inner = (1,) * (op.weight.ndim - 2)
    columns = np.repeat(source.scale, op.weight.shape[1] // len(source.scale))
    weight = op.weight * step.reshape(-1, 1, *inner) / columns.reshape(-1, *inner)
    return replace(layer, weight=weight, bias=op.bias * step)


def _gains(start: dict[str, Floats], source: Activations) -> dict[str, Floats]:
    """Return what one in each stored tensor stands for, of the tensor's shape."""
    gains = {key: np.ones_like(value) for key, value in start.items()}
    if "weight" not in start:
        return gains
    weight = start["weight"]
    columns = np.repeat(source.scale, weight.shape[1] // len(source.scale))
    columns = columns.reshape(-1, *[1] * (weight.ndim - 2))
    largest = np.abs(weight * columns).max(axis=tuple(range(1, weight.ndim)))
    # A row of zeros moves as fast as the fastest.
    largest = np.where(largest > 0, largest, largest.max() or 1.0)
    gains["weight"] = gains["weight"] * largest.reshape(-1, *[1] * (weight.ndim - 1)) / columns
    if "bias" in start:
        gains["bias"] = largest * source.fmt.max * _BIAS_SHARE
    return gains
