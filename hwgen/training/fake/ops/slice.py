"""Some of a value's integers, with gradients."""

from __future__ import annotations

from torch import Tensor

from hwgen.network.ops.slice import along
from hwgen.quantized.ops.slice import QuantizedSlice
from hwgen.training.fake.chain import Sources, Weights


def run(op: QuantizedSlice, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, *shape)`` of the slice."""
    del sources, weights
    return x[along(op.axis, op.begin, op.count)]
