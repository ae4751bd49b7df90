"""How a window of the training part is varied each time it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

SNR_JITTER_DB = 3.0
CLEAN_SNR_DB = (20.0, 40.0)
"""Without a stated signal-to-noise ratio: so little noise that it only blurs details."""
GAIN_JITTER = 0.3
"""Octaves: the level changes by up to 2^0.3, about 23 %, either way."""


@dataclass(frozen=True)
class Augment:
    """Fresh white noise around a signal-to-noise ratio, and a random gain.

    Parameters
    ----------
    snr_db
        The ratio in dB, None for clean recordings.
    """

    snr_db: float | None

    @property
    def snr_range(self) -> tuple[float, float]:
        """Lowest and highest signal-to-noise ratio in dB."""
        if self.snr_db is None:
            return CLEAN_SNR_DB
        return self.snr_db - SNR_JITTER_DB, self.snr_db + SNR_JITTER_DB

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
        low, high = self.snr_range
        snr_db = low + (high - low) * torch.rand(len(x), generator=generator)
        sigma = torch.sqrt(power * 10 ** (-snr_db / 10))
        noise = torch.randn(x.shape, generator=generator)
        octaves = GAIN_JITTER * (2 * torch.rand(len(x), generator=generator) - 1)
        return (x + sigma[:, None] * noise) * torch.exp2(octaves)[:, None]
