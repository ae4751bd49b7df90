"""Integer adaptive average-pooling with gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from hwgen.quantized.ops.adaptiveavgpool1d import QuantizedAdaptiveAvgPool1d
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.rounding import requantize


def run(op: QuantizedAdaptiveAvgPool1d, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, channels, positions)`` of ``(n, channels, length)``."""
    del sources, weights
    sums = [weight * x[:, :, group.start : group.stop].sum(dim=2) for group, weight in op.groups]
    return requantize(torch.stack(sums, dim=2), op.shift, op.out)
