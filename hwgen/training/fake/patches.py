"""What the taps of a convolution meet, as a matrix whose way back adds in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from hwgen.network.convolution import Convolution


@dataclass(frozen=True)
class _Grid:
    """Where taps are: position p's tap k reads ``p * stride + k * dilation`` of what is padded."""

    positions: int
    taps: int
    stride: int
    dilation: int
    sides: tuple[int, int]

    def read(self, tap: int) -> slice:
        """Return what a tap reads, one for each position."""
        first = tap * self.dilation
        return slice(first, first + self.stride * (self.positions - 1) + 1, self.stride)


def patches(op: Convolution, x: Tensor) -> Tensor:
    """Return ``(n, positions, kernel * channels)`` of ``(n, channels, length)``, tap by tap.

    Channels of one tap are side by side, and positions of all of them are in turn: what is behind a
    convolution lies in memory so, and is copied in long runs.
    """
    grid = _Grid(op.positions_of(x.shape[2]), op.weight.shape[2], op.stride, op.dilation, op.sides)
    made: Tensor = _Patches.apply(x, grid)
    return made


class _Patches(torch.autograd.Function):
    """Each value goes to all taps that read it; their gradients are added, last tap first."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, grid: _Grid) -> Tensor:
        ctx.grid, ctx.length = grid, x.shape[2]
        left, right = grid.sides
        padded = x.new_zeros((len(x), left + x.shape[2] + right, x.shape[1]))
        padded[:, left : left + x.shape[2]] = x.transpose(1, 2)
        n, row, one = padded.stride()
        taken = padded.as_strided(
            (len(x), grid.positions, grid.taps, x.shape[1]),
            (n, grid.stride * row, grid.dilation * row, one),
        )
        return taken.reshape(len(x), grid.positions, -1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        grid, length = ctx.grid, ctx.length
        left, right = grid.sides
        grad = grads[0].reshape(len(grads[0]), grid.positions, grid.taps, -1)
        padded = grad.new_zeros((len(grad), left + length + right, grad.shape[3]))
        for tap in reversed(range(grid.taps)):
            padded[:, grid.read(tap)] += grad[:, :, tap]
        return padded[:, left : left + length].transpose(1, 2), None
