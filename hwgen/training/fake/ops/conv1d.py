"""Integer convolution with gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from hwgen.network.ops import conv1d
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.patches import patches
from hwgen.training.fake.rounding import requantize, straight_through, units


def run(
    op: QuantizedConv1d, sources: Sources, weights: Weights, x: Tensor, *added: Tensor
) -> Tensor:
    """Return ``(n, filters, positions)`` of ``(n, channels, length)`` and what is added."""
    unit = torch.from_numpy(units(op))
    columns = torch.from_numpy(conv1d.columns(sources[0].scale, len(op.weight), op.groups))
    real = weights["weight"] * columns / (unit[:, None, None] * 2.0**op.up)
    weight = straight_through(real, op.weight, x.dtype)
    bias = straight_through(weights["bias"] / unit, op.bias, x.dtype)
    parts = zip(x.chunk(op.groups, dim=1), weight.chunk(op.groups), strict=True)
    each = [patches(op, part) @ _by_taps(rows).T for part, rows in parts]
    products = each[0] if op.groups == 1 else torch.cat(each, dim=2)
    sums = (products * 2.0**op.up + bias).transpose(1, 2)
    for value in added:
        sums = sums + value * torch.from_numpy(op.skip_gain).to(x.dtype)[:, None]
    return requantize(sums, op.shift, op.out)


def _by_taps(weight: Tensor) -> Tensor:
    """Return ``(rows, kernel * channels)`` of ``(rows, channels, kernel)``, as patches have it."""
    return weight.transpose(1, 2).flatten(1)
