"""Integer weights and the one rounding of a layer, with straight-through gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from hwgen.fixedpoint import Format, Integers
from hwgen.network import Floats


def straight_through(value: Tensor, integers: Integers, dtype: torch.dtype) -> Tensor:
    """Return `integers` with the gradient of `value`, what they were rounded from."""
    exact = torch.from_numpy(np.array(integers, dtype=np.float64))
    return (exact + (value - value.detach())).to(dtype)


def units(op: Any) -> Floats:
    """Return the real value of one in each row's sums: its output's, less shift and alignment."""
    return np.asarray(op.scale * 2.0 ** (alignment(op) - float(op.shift)))


def alignment(op: Any) -> Integers:
    """Return by how many bits each row's sum is shifted up before it meets the others."""
    align = getattr(op, "align", None)
    return np.zeros(len(op.weight), dtype=np.int64) if align is None else np.asarray(align)


def aligned(op: Any, sums: Tensor) -> Tensor:
    """Return sums ``(n, rows)`` times two to the power of each row's alignment: exact."""
    return sums * torch.from_numpy(2.0 ** alignment(op)).to(sums.dtype)


def requantize(sums: Tensor, shift: int, out: Format) -> Tensor:
    """Return ``saturate(shift_half_up(sums, shift))``; an unsigned `out` is the ReLU."""
    scaled = sums * 2.0**-shift
    rounded = torch.floor(scaled.detach() + 0.5) + (scaled - scaled.detach())
    return rounded.clamp(out.min, out.max)
