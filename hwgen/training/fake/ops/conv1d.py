"""Integer convolution with gradients."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.rounding import aligned, requantize, straight_through, units


def run(op: QuantizedConv1d, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, filters, positions)`` of ``(n, channels, length)``."""
    (source,) = sources
    unit = torch.from_numpy(units(op))
    columns = torch.from_numpy(source.scale)[:, None]
    real = weights["weight"] * columns / unit[:, None, None]
    weight = straight_through(real, op.weight, x.dtype).flatten(1)
    bias = straight_through(weights["bias"] / unit, op.bias, x.dtype)
    padded = functional.pad(x, (op.padding, op.padding))
    patches = padded.unfold(2, op.weight.shape[2], op.stride).transpose(1, 2).flatten(2)
    sums = aligned(op, patches @ weight.T + bias)
    return requantize(sums.transpose(1, 2), op.shift, op.out)
