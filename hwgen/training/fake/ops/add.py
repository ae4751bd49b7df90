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
    sums = torch.zeros_like(xs[0])
    for x, up in zip(xs, op.up, strict=True):
        factor = torch.from_numpy(2.0**up).to(x.dtype)
        sums = sums + x * factor.reshape(-1, *[1] * (len(op.shape) - 1))
    return requantize(sums, op.shift, op.out)
