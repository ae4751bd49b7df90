"""Integer convolution with gradients."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from hwgen.network.ops import conv1d
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.rounding import requantize, straight_through, units


def run(
    op: QuantizedConv1d, sources: Sources, weights: Weights, x: Tensor, *added: Tensor
) -> Tensor:
    """Return ``(n, filters, positions)`` of ``(n, channels, length)`` and what is added."""
    unit = torch.from_numpy(units(op))
    columns = torch.from_numpy(conv1d.columns(sources[0].scale, len(op.weight), op.groups))
    real = weights["weight"] * columns / unit[:, None, None]
    weight = straight_through(real, op.weight, x.dtype)
    bias = straight_through(weights["bias"] / unit, op.bias, x.dtype)
    padded = functional.pad(x, op.sides)
    patches = padded.unfold(2, op.reach, op.stride)[..., :: op.dilation].transpose(1, 2)
    parts = zip(patches.chunk(op.groups, dim=2), weight.chunk(op.groups), strict=True)
    sums = torch.cat([part.flatten(2) @ rows.flatten(1).T for part, rows in parts], dim=2) + bias
    sums = sums.transpose(1, 2)
    for value in added:
        assert op.skip_shift is not None
        sums = sums + value * torch.from_numpy(2.0**op.skip_shift).to(x.dtype)[:, None]
    return requantize(sums, op.shift, op.out)
