"""Integer product of two convolutions with gradients."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from hwgen.quantized.ops.bilinear1d import QuantizedBilinear1d
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.patches import patches
from hwgen.training.fake.rounding import requantize, straight_through


def run(op: QuantizedBilinear1d, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, *shape)`` of ``(n, channels, length)``, or of flat values."""
    x = x.reshape(len(x), -1, op.length)
    unit = torch.from_numpy(np.array(op.unit))
    columns = torch.from_numpy(np.array(sources[0].scale))[:, None]
    real = torch.cat([weights["weight_r"], weights["weight_g"]]) * columns / unit[:, None, None]
    weight = straight_through(real, op.weight, x.dtype)
    both = torch.cat([weights["bias_r"], weights["bias_g"]])
    bias = straight_through(both / unit, op.bias, x.dtype)
    sums = (patches(op, x) @ weight.transpose(1, 2).flatten(1).T + bias).transpose(1, 2)
    one, other = requantize(sums, op.down, op.factor).chunk(2, dim=1)
    made = requantize(one * other, op.shift, op.out)
    return made[:, :, 0] if op.flat else made
