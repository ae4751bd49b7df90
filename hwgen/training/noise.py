"""Noise of windows in torch, of the kinds that recordings get."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from scipy import signal
from torch import Tensor

from hwgen.signals.noise_kinds import KINDS, PINK, WHITE, pink_deviation


def drawn(kind: str, shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Return noise of variance 1.

    Parameters
    ----------
    kind
        One of `hwgen.signals.noise_kinds.KINDS`.
    shape
        ``(n, [channels,] window)``.
    generator
        Draws it.
    """
    if kind == WHITE:
        return torch.randn(shape, generator=generator)
    if kind == "laplace":
        uniform = 2 * torch.rand(shape, generator=generator) - 1
        # A uniform value is never 1, but may round to -1.
        return -uniform.sign() * torch.log1p(-uniform.abs().clamp(max=1 - 1e-7)) * 0.5**0.5
    if kind != "pink":
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind}")
    bins = torch.fft.rfft(torch.randn(shape, generator=generator))
    return torch.fft.irfft(bins * _pink(shape[-1]), shape[-1])


@cache
def _pink(window: int) -> Tensor:
    """Return the factor of each bin of white noise that makes it pink."""
    angles = 2 * np.pi * np.arange(window // 2 + 1) / window
    _, response = signal.freqz(*PINK, worN=angles)
    return torch.from_numpy((np.abs(response) / pink_deviation()).astype(np.float32))
