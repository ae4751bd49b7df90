"""How a window of the training part is varied each time it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

CLEAN_SNR_DB = (20.0, 40.0)
"""Without a stated signal-to-noise ratio: so little noise that it only blurs details."""


@dataclass(frozen=True)
class Augment:
    """Fresh white noise of random strength, and a random gain.

    Parameters
    ----------
    low, high
        Range of the signal-to-noise ratio in dB.
    exponent
        The ratio is low + (high - low) u^exponent, u uniform in 0..1.
    gain
        Octaves: the level changes by up to 2^gain either way.
    """

    low: float
    high: float
    exponent: float = 1.0
    gain: float = 0.3

    def __call__(self, x: Tensor, power: Tensor, generator: torch.Generator) -> Tensor:
        """Return windows like `x`, each with its own noise and gain.

        Parameters
        ----------
        x
            ``(n, window)``.
        power
            ``(n,)``: mean square of the recording that each window is from.
        generator
            Draws everything.
        """
        share = torch.rand(len(x), generator=generator) ** self.exponent
        snr_db = self.low + (self.high - self.low) * share
        sigma = torch.sqrt(power * 10 ** (-snr_db / 10))
        noise = torch.randn(x.shape, generator=generator)
        octaves = self.gain * (2 * torch.rand(len(x), generator=generator) - 1)
        return (x + sigma[:, None] * noise) * torch.exp2(octaves)[:, None]
