"""Back through gains of bins: the same filter, backwards in time."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats
from hwgen.network.ops.spectralgain import SpectralGain


def back(op: SpectralGain, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del xs, y
    return (np.fft.irfft(np.fft.rfft(g[:, 0], axis=-1) * op.gain.conj(), op.window, axis=-1),)
