"""Back through the magnitudes of a spectrum, to the samples."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats
from hwgen.network.ops.spectrum import Spectrum


def back(op: Spectrum, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del y
    (x,) = xs
    bins = np.fft.rfft(x, axis=-1)
    size = np.abs(bins)
    # The derivative of |X| by x[n] is the real part of X / |X| exp(2 pi i k n / N); of 0 it is 0.
    turn = np.where(size > 0, bins / np.where(size > 0, size, 1.0), 0.0)
    every = np.zeros(x.shape, dtype=np.complex128)
    every[:, op.bins] = g[:, 0] * turn[:, op.bins] * (op.gain / op.window)
    return (np.fft.ifft(every, axis=-1).real * op.window,)
