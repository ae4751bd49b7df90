"""Integer max-pooling with gradients."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from hwgen.network import pooling
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d
from hwgen.training.fake.chain import Sources, Weights


def run(op: QuantizedMaxPool1d, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, channels, positions)``; a rest that fills no group is dropped."""
    del sources, weights
    padded = functional.pad(x, pooling.sides(op), value=float(op.out.min))
    return functional.max_pool1d(padded, op.size, pooling.stride(op))
