"""A gain of each bin of a window's spectrum: a linear filter over frequency, samples to samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, tensor

MIN_WINDOW, MAX_WINDOW = 16, 1 << 14


@dataclass(frozen=True)
class SpectralGain(Layer):
    """``irfft(G rfft(x))``: the samples, each bin of their spectrum multiplied by a complex gain.

    The window is taken for one period of what goes on without end: a circular convolution.

    Parameters
    ----------
    real, imag
        ``(window / 2 + 1,)``: the parts of G, of bins 0 to window / 2. Of both ends `imag` is 0:
        those bins are real, and so must be what becomes of them. The window is a power of two.
    """

    op: ClassVar[str] = "spectralgain"
    real: Floats
    imag: Floats

    def __post_init__(self) -> None:
        for field in ("real", "imag"):
            object.__setattr__(self, field, tensor(f"{self.name}.{field}", getattr(self, field), 1))
        if len(self.real) != len(self.imag):
            raise InputError(
                f"{self.name} real and imag must be as long as each other, not {len(self.real)} "
                f"and {len(self.imag)}"
            )
        window = self.window
        if not MIN_WINDOW <= window <= MAX_WINDOW or window & (window - 1):
            raise InputError(
                f"{self.name} must have gains of window / 2 + 1 bins, window a power of two from "
                f"{MIN_WINDOW} to {MAX_WINDOW} samples, not of {len(self.real)}"
            )
        if self.imag[0] or self.imag[-1]:
            raise InputError(
                f"{self.name} imag of bins 0 and {window // 2} must be 0, not {self.imag[0]:g} and "
                f"{self.imag[-1]:g}"
            )

    @property
    def window(self) -> int:
        """Samples."""
        return 2 * (len(self.real) - 1)

    @property
    def gain(self) -> npt.NDArray[np.complex128]:
        """G, bins 0 to window / 2."""
        made: npt.NDArray[np.complex128] = self.real + 1j * self.imag
        return made

    def output_shape(self, shape: Shape) -> Shape:
        """``(window,) -> (1, window)``."""
        if shape != (self.window,):
            raise InputError(f"{self.name} takes ({self.window},) samples, not {shape}")
        return (1, self.window)

    def apply(self, x: Floats) -> Floats:
        """Return the filtered windows ``(n, 1, window)`` of ``(n, window)``."""
        made = np.fft.irfft(np.fft.rfft(x, axis=-1) * self.gain, self.window, axis=-1)
        return made[:, np.newaxis]


LAYER = SpectralGain
