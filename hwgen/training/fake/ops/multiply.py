"""Integer product of two values with gradients."""

from __future__ import annotations

from torch import Tensor

from hwgen.quantized.ops.multiply import QuantizedMultiply
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.rounding import requantize


def run(op: QuantizedMultiply, sources: Sources, weights: Weights, x: Tensor, y: Tensor) -> Tensor:
    """Return ``(n, *shape)``."""
    del sources, weights
    first, second = (
        each.reshape(-1, *op.beside(shape)) for each, shape in zip((x, y), op.shapes, strict=True)
    )
    return requantize(first * second, op.shift, op.out)
