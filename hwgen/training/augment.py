"""How a window of the training part is varied each time it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from hwgen.signals.noise_kinds import WHITE
from hwgen.training.noise import drawn

CLEAN_SNR_DB = (20.0, 40.0)
"""Without a stated signal-to-noise ratio: so little noise that it only blurs details."""


_KNOTS = 9
"""Of a random frequency response: features some hundred Hz wide, as of a transfer path."""

_PATH_KNOTS = 25
"""Of that of the signal alone. Finer: levels of neighbouring bands must not be what tells faults
apart, for under another load resonances are not as strong."""


@dataclass(frozen=True)
class Augment:
    """Fresh noise of random strength, a random gain and a random frequency response.

    Strength and gain are those of a window; each channel has its own noise and response.

    Parameters
    ----------
    low, high
        Range of the signal-to-noise ratio in dB.
    exponent
        The ratio is low + (high - low) u^exponent, u uniform in 0..1.
    gain
        Octaves: the level changes by up to 2^gain either way.
    colour
        dB, standard deviation: levels at equally spaced frequencies, straight lines between them.
        What distinguishes faults must not hang on how the machine carries one of them.
    dropout
        Share of the frequencies that are silenced, the rest being raised to make up for it (as
        N. Srivastava et al., Dropout, JMLR 2014, for inputs).
    noise
        Its kind, one of `hwgen.signals.noise_kinds.KINDS`.
    path
        dB, as `colour`, but of the signal alone, before there is noise: the same fault on another
        machine or at another load, in noise that is white all the same. The window's power stays,
        so that the ratio is the stated one.
    """

    low: float
    high: float
    exponent: float = 1.0
    gain: float = 0.3
    colour: float = 0.0
    dropout: float = 0.0
    noise: str = WHITE
    path: float = 0.0

    def __call__(self, x: Tensor, power: Tensor, generator: torch.Generator) -> Tensor:
        """Return windows like `x`, each with its own noise, gain and frequency response.

        Parameters
        ----------
        x
            ``(n, window)``, or ``(n, channels, window)``.
        power
            ``(n,)`` or ``(n, channels)``: mean square of the recording that each window is from.
        generator
            Draws everything.
        """
        share = torch.rand(len(x), generator=generator) ** self.exponent
        snr_db = self.low + (self.high - self.low) * share
        each = (-1,) + (1,) * (x.ndim - 1)
        if self.path:
            x = self._carried(x, generator)
        sigma = torch.sqrt(power * 10 ** (-snr_db / 10).reshape(each[: power.ndim]))
        noise = drawn(self.noise, x.shape, generator)
        octaves = self.gain * (2 * torch.rand(len(x), generator=generator) - 1)
        loud = (x + sigma[..., None] * noise) * torch.exp2(octaves).reshape(each)
        if not (self.colour or self.dropout):
            return loud
        bins = torch.fft.rfft(loud)
        return torch.fft.irfft(bins * self._response(bins.shape, generator), x.shape[-1])

    def _carried(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return windows as another path carries them, of the same power."""
        bins = torch.fft.rfft(x)
        y = torch.fft.irfft(
            bins * _levels(bins.shape, self.path, _PATH_KNOTS, generator), x.shape[-1]
        )
        before, after = (each.square().mean(-1, keepdim=True) for each in (x, y))
        return y * torch.sqrt(before / after.clamp_min(torch.finfo(y.dtype).tiny))

    def _response(self, shape: torch.Size, generator: torch.Generator) -> Tensor:
        """Return the factor of every bin of every window ``(n, [channels,] bins)``."""
        levels = _levels(shape, self.colour, _KNOTS, generator)
        kept = torch.rand(shape, generator=generator) >= self.dropout
        return levels * kept / (1 - self.dropout)


def _levels(shape: torch.Size, deviation: float, knots: int, generator: torch.Generator) -> Tensor:
    """Return smooth factors of every bin ``(n, [channels,] bins)``, `deviation` in dB."""
    channels = shape[1] if len(shape) == 3 else 1
    drawn = deviation * torch.randn(shape[0], channels, knots, generator=generator)
    levels = functional.interpolate(drawn, shape[-1], mode="linear", align_corners=True)
    return 10 ** (levels.reshape(shape) / 20)
