"""A table with gradients: those of the line through an entry's neighbours."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from hwgen.quantized.ops.table import QuantizedTable
from hwgen.training.fake.chain import Sources, Weights


def run(op: QuantizedTable, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, *shape)``."""
    del sources, weights
    factor = torch.from_numpy(2.0 ** -op.down.astype(np.float64)).to(x.dtype)
    scaled = x * factor.reshape(-1, *[1] * (len(op.shape) - 1))
    index = torch.floor(scaled.detach() + 0.5).long() - op.source.min
    entries = op.entries.astype(np.float64)
    slopes = np.gradient(entries)
    value = torch.from_numpy(entries).to(x.dtype)[index]
    return value + torch.from_numpy(slopes).to(x.dtype)[index] * (scaled - scaled.detach())
