"""Integer dense layer with gradients."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from hwgen.quantized.ops.dense import QuantizedDense
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.rounding import aligned, requantize, straight_through, units


def run(op: QuantizedDense, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, outputs)`` of ``(n, *shape)``: logits, or a hidden layer's activations."""
    (source,) = sources
    unit = torch.from_numpy(units(op))
    columns = np.repeat(source.scale, op.weight.shape[1] // len(source.scale))
    real = weights["weight"] * torch.from_numpy(columns) / unit[:, None]
    weight = straight_through(real, op.weight, x.dtype)
    bias = straight_through(weights["bias"] / unit, op.bias, x.dtype)
    sums = aligned(op, x.flatten(1) @ weight.T + bias)
    return sums if op.last else requantize(sums, op.shift, op.out)
