"""Where the taps of a convolution are: what every op has whose rows of weights move along."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt


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
