"""Magnitude spectrum of a real window: the front-end of BearingPGA-Net."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Integers
from hwgen.network.layer import Floats, Layer, Shape, usual

MIN_WINDOW, MAX_WINDOW = 16, 1 << 16


@dataclass(frozen=True)
class Spectrum(Layer):
    """``gain * |FFT(x)| / window``, bins side by side in either order.

    x is real, so ``|X[M + i]| = |X[M - i]|`` with ``M = window / 2``: bins 0 to M are all there
    are. The published network takes bins M down to 1.

    Parameters
    ----------
    window
        Samples, a power of two.
    first, last
        Bins that the features begin and end with: one of 0 and 1, the other of M - 1 and M.
        None: M down to 1.
    gain
        What the magnitudes are multiplied by, positive.
    """

    op: ClassVar[str] = "spectrum"
    window: int
    first: int | None = usual(None)
    last: int | None = usual(None)
    gain: float = usual(1.0)

    def __post_init__(self) -> None:
        ok = isinstance(self.window, int) and MIN_WINDOW <= self.window <= MAX_WINDOW
        if not ok or self.window & (self.window - 1):
            raise InputError(
                f"window must be a power of two from {MIN_WINDOW} to {MAX_WINDOW} samples, "
                f"not {self.window!r}"
            )
        bins(self.window, self.first, self.last)
        if (self.first, self.last) == (self.window // 2, 1):  # as it is left out in files
            object.__setattr__(self, "first", None)
            object.__setattr__(self, "last", None)
        if not isinstance(self.gain, int | float) or not 0 < self.gain < math.inf:
            raise InputError(f"{self.name} gain must be a positive number, not {self.gain!r}")

    @property
    def bins(self) -> Integers:
        """The bin of each feature."""
        return bins(self.window, self.first, self.last)

    def output_shape(self, shape: Shape) -> Shape:
        """``(window,) -> (1, bins)``."""
        if shape != (self.window,):
            raise InputError(f"{self.name} takes ({self.window},) samples, not {shape}")
        return (1, len(self.bins))

    def apply(self, x: Floats) -> Floats:
        """Return the features ``(n, 1, bins)`` of windows ``(n, window)``."""
        every = np.abs(np.fft.rfft(x, axis=-1)) * (self.gain / self.window)
        return every[:, np.newaxis, self.bins]


def bins(window: int, first: int | None, last: int | None) -> Integers:
    """Return the bin of each feature; both ends None for `window` / 2 down to 1.

    Raises
    ------
    InputError
        If one end is not 0 or 1 and the other not ``window / 2`` or one less.
    """
    top = window // 2
    if first is None and last is None:
        return np.arange(top, 0, -1)
    ends = first, last
    sides: dict[object, str] = {0: "low", 1: "low", top - 1: "high", top: "high"}
    plain = all(isinstance(end, int) and not isinstance(end, bool) for end in ends)
    if not plain or {sides.get(end) for end in ends} != {"low", "high"}:
        raise InputError(
            f"bins of a window of {window} samples must go from 0 or 1 to {top - 1} or {top}, or "
            f"the other way, not from {first} to {last}"
        )
    begin, end = (int(each) for each in ends if each is not None)
    step = 1 if end > begin else -1
    return np.arange(begin, end + step, step)


LAYER = Spectrum
