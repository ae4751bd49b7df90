"""Some of a value's channels or positions, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, positive

AXES = ("channels", "positions")
"""Of a value ``(channels, positions)``; numbers of a flat one are channels."""


@dataclass(frozen=True)
class Slice(Layer):
    """Channels or positions from one on.

    Parameters
    ----------
    axis
        One of `AXES`.
    begin, count
        The first, and how many.
    """

    op: ClassVar[str] = "slice"
    axis: str
    begin: int
    count: int

    def __post_init__(self) -> None:
        if self.axis not in AXES:
            raise InputError(f"{self.name} axis must be {' or '.join(AXES)}, not {self.axis!r}")
        positive(f"{self.name} begin", self.begin, 0)
        positive(f"{self.name} count", self.count)

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length)`` or ``(numbers,)`` -> the same with `count` on the axis."""
        number = AXES.index(self.axis)
        if not number < len(shape) <= 2 or shape[number] < self.begin + self.count:
            raise InputError(
                f"{self.name} takes values of {self.begin + self.count} or more {self.axis}, "
                f"not {shape}"
            )
        return (*shape[:number], self.count, *shape[number + 1 :])

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, *output_shape)``."""
        return x[self.along()]

    def along(self) -> tuple[slice, ...]:
        """Return what takes the slice out of an array ``(n, channels, ...)``."""
        return along(self.axis, self.begin, self.count)


def along(axis: str, begin: int, count: int) -> tuple[slice, ...]:
    """Return what takes a slice out of an array ``(n, channels, ...)``."""
    return (*[slice(None)] * (1 + AXES.index(axis)), slice(begin, begin + count))


LAYER = Slice
