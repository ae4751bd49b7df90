"""Integer long short-term memory with gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from hwgen.network.recurrent import in_order
from hwgen.quantized.ops.lstm import QuantizedLstm
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.recurrent import stacked, through


def run(op: QuantizedLstm, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, units, length)`` of ``(n, channels, length)``."""
    return through(op, sources, weights, x, _soft)


def _soft(op: QuantizedLstm, weights: Weights, x: Tensor) -> Tensor:
    h = c = torch.zeros(len(x), op.units, dtype=x.dtype)
    found = []
    for t in in_order(op.length, backwards=op.backwards):
        sums = x[:, :, t] @ weights["weight_input"].T + h @ weights["weight_hidden"].T
        i, f, g, o = (sums + weights["bias"]).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        found.append(h)
    return stacked(op, found)
