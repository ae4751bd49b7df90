"""Integer gated recurrent unit with gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from hwgen.network.recurrent import in_order
from hwgen.quantized.ops.gru import QuantizedGru
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.recurrent import stacked, through


def run(op: QuantizedGru, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, units, length)`` of ``(n, channels, length)``."""
    return through(op, sources, weights, x, _soft)


def _soft(op: QuantizedGru, weights: Weights, x: Tensor) -> Tensor:
    h = torch.zeros(len(x), op.units, dtype=x.dtype)
    found = []
    for t in in_order(op.length, backwards=op.backwards):
        given = (x[:, :, t] @ weights["weight_input"].T + weights["bias"]).chunk(3, dim=1)
        kept = (h @ weights["weight_hidden"].T + weights["bias_hidden"]).chunk(3, dim=1)
        r, z = (torch.sigmoid(given[gate] + kept[gate]) for gate in (0, 1))
        n = torch.tanh(given[2] + r * kept[2])
        h = n + z * (h - n)
        found.append(h)
    return stacked(op, found)
