"""Integer sum of values with gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from hwgen.quantized.ops.add import QuantizedAdd
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.rounding import requantize


def run(op: QuantizedAdd, sources: Sources, weights: Weights, *xs: Tensor) -> Tensor:
    """Return ``(n, *shape)``."""
    del sources, weights
    sums = torch.zeros((), dtype=xs[0].dtype)
    rank = len(op.shape) - 1
    for x, up in zip(xs, op.up, strict=True):
        factor = torch.from_numpy(2.0**up).to(x.dtype)
        beside = x.reshape(*x.shape[:2], *x.shape[2:] or [1] * rank)
        sums = sums + beside * factor.reshape(-1, *[1] * rank)
    return requantize(sums, op.shift, op.out)
