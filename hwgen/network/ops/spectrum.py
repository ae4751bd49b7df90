"""Magnitude spectrum of a real window: the front-end of BearingPGA-Net."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape

MIN_WINDOW, MAX_WINDOW = 16, 1 << 16


@dataclass(frozen=True)
class Spectrum(Layer):
    """``|FFT(x)| / window``, bins ``window/2 .. window-1``.

    x is real, so ``|X[M + i]| = |X[M - i]|`` with ``M = window / 2``: the features are the bins
    M down to 1, and bin 0 (the mean) is never used.

    Parameters
    ----------
    window
        Samples, a power of two.
    """

    op: ClassVar[str] = "spectrum"
    window: int

    def __post_init__(self) -> None:
        ok = isinstance(self.window, int) and MIN_WINDOW <= self.window <= MAX_WINDOW
        if not ok or self.window & (self.window - 1):
            raise InputError(
                f"window must be a power of two from {MIN_WINDOW} to {MAX_WINDOW} samples, "
                f"not {self.window!r}"
            )

    def output_shape(self, shape: Shape) -> Shape:
        """``(window,) -> (1, window / 2)``."""
        if shape != (self.window,):
            raise InputError(f"{self.name} takes ({self.window},) samples, not {shape}")
        return (1, self.window // 2)

    def apply(self, x: Floats) -> Floats:
        """Return the features in the order of the published network: bins M down to 1."""
        bins = np.abs(np.fft.rfft(x, axis=-1)) / self.window
        return bins[:, np.newaxis, :0:-1]


LAYER = Spectrum
