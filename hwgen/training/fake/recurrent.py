"""Recurrent layers with gradients: the golden model's integers, the float layer's gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hwgen import golden
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.rounding import straight_through

Float = Callable[[Any, Weights, Tensor], Tensor]
"""The float layer: op, weights and ``(n, channels, length)`` to ``(n, units, length)``."""


def through(op: Any, sources: Sources, weights: Weights, x: Tensor, soft: Float) -> Tensor:
    """Return ``(n, units, length)``: many roundings inside are taken as none by the gradient."""
    (source,) = sources
    integers = golden.run_op(op, x.detach().numpy().astype(np.int64))
    real = x.to(torch.float64) * torch.from_numpy(np.array(source.scale))[:, None]
    value = soft(op, weights, real) / float(op.output.scale[0])
    return straight_through(value, integers, x.dtype)


def stacked(op: Any, found: list[Tensor]) -> Tensor:
    """Return what each position gave, in the order of work, as ``(n, units, length)``."""
    return torch.stack(found[::-1] if op.backwards else found, dim=2)
