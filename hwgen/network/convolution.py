"""Where the taps of a convolution are: what every op has whose rows of weights move along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy.typing as npt

_ROOM = 1 << 22
"""Numbers that taps meet at a time: 32 MiB. All windows of a calibration at once take 10 GiB and
more where a layer has many taps and positions, and more time than parts that fit a cache."""


class Convolution:
    """Of an op with such fields.

    Parameters
    ----------
    weight
        ``(rows, channels, kernel)``.
    stride, padding, dilation
        Input positions from an output to the next, zeros on the left, and input positions from one
        tap to the next.
    padding_right
        Zeros on the right; None: as many as on the left.
    """

    weight: npt.NDArray[Any]
    stride: int
    padding: int
    dilation: int
    padding_right: int | None

    @property
    def sides(self) -> tuple[int, int]:
        """Zeros on the left and on the right."""
        return self.padding, self.padding if self.padding_right is None else self.padding_right

    @property
    def reach(self) -> int:
        """Input positions from an output's first tap to its last, both included."""
        return self.dilation * (self.weight.shape[2] - 1) + 1

    def positions_of(self, length: int) -> int:
        """Return the output positions of so many input positions."""
        return (length + sum(self.sides) - self.reach) // self.stride + 1

    def parts_of(self, x: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
        """Yield ``(n, channels, length)`` some windows at a time: what their taps meet is small."""
        windows, channels, length = x.shape
        met = self.positions_of(length) * channels * self.weight.shape[2]
        step = max(1, _ROOM // max(1, met))
        yield from (x[first : first + step] for first in range(0, max(1, windows), step))
