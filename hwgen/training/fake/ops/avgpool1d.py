"""Integer average-pooling with gradients."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from hwgen.network import pooling
from hwgen.quantized.ops.avgpool1d import QuantizedAvgPool1d
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.rounding import requantize


def run(op: QuantizedAvgPool1d, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, channels, positions)`` of ``(n, channels, length)``."""
    del sources, weights
    padded = functional.pad(x, (op.padding, op.padding))
    sums = padded.unfold(2, op.size, pooling.stride(op)).sum(dim=3)
    return requantize(sums, op.shift, op.out)
