"""A gain of each bin of a window's spectrum: a filter over frequency that taps could not be."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from hwgen.errors import UsageError
from hwgen.network import Floats
from hwgen.network.ops.spectralgain import MAX_WINDOW, MIN_WINDOW, SpectralGain


class GainFilter(nn.Module):
    """A complex gain of each bin; it begins as none.

    Parameters
    ----------
    window
        Samples.
    """

    def __init__(self, window: int) -> None:
        super().__init__()
        self.real = nn.Parameter(torch.ones(window // 2 + 1))
        self.imag = nn.Parameter(torch.zeros(window // 2 - 1))
        """Of all bins but both ends, which are real."""

    def gain(self) -> Tensor:
        """Return the gain of bins 0 to window / 2."""
        return torch.complex(self.real, functional.pad(self.imag, (1, 1)))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, 1, samples)`` of the same."""
        return torch.fft.irfft(torch.fft.rfft(x) * self.gain(), x.shape[-1])


def gain_layer(name: str, real: Floats, imag: Floats) -> SpectralGain:
    """Return the layer of a trained `GainFilter`, by its tensors."""
    return SpectralGain(name, real, np.pad(imag, 1))


def check_window(window: int, prepare: str | None) -> None:
    """Refuse what gains of bins cannot be in front of; `UsageError` names the option."""
    if not MIN_WINDOW <= window <= MAX_WINDOW or window & (window - 1):
        raise UsageError(
            f"--window must be a power of two from {MIN_WINDOW} to {MAX_WINDOW} with --front gain, "
            f"not {window}; give --front filter for others"
        )
    if prepare is not None:
        raise UsageError(
            f"--prepare {prepare} makes no sense with --front gain, which reads samples as they "
            "come; leave it out, or give --front filter"
        )
