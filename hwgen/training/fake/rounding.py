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
    made: Tensor = _Requantize.apply(sums, shift, out)
    return made


class _Requantize(torch.autograd.Function):
    """A rounding passes gradients on; a saturation does not."""

    @staticmethod
    def forward(ctx: Any, sums: Tensor, shift: int, out: Format) -> Tensor:
        rounded = (sums * 2.0**-shift).add_(0.5).floor_()
        result = rounded.clamp(out.min, out.max)
        # A factor: choosing by truth values takes ten times as long.
        passed = torch.empty_like(rounded)
        torch.eq(result, rounded, out=passed)
        ctx.save_for_backward(passed.mul_(2.0**-shift))
        return result

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (passed,) = ctx.saved_tensors
        return passed * grads[0], None, None
