"""Other channels and positions of the same integers, with gradients."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from hwgen.quantized.ops.reshape import QuantizedReshape
from hwgen.training.fake.chain import Sources, Weights


def run(op: QuantizedReshape, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, channels, positions)``."""
    del sources, weights
    factor = torch.from_numpy(2.0 ** -op.down.astype(np.float64)).to(x.dtype)
    scaled = x * factor.reshape(-1, *[1] * (x.ndim - 2))
    even = scaled + (torch.floor(scaled.detach() + 0.5) - scaled.detach())
    turned = even.transpose(1, -1) if x.ndim == 3 else even
    return turned.reshape(len(x), -1, op.channels).transpose(1, 2)
