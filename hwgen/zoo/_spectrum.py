"""The magnitude spectrum in torch, for networks that begin with it."""

from __future__ import annotations

import torch
from torch import Tensor


def spectrum(x: Tensor) -> Tensor:
    """Return ``|FFT(x)| / N``, bins N/2 .. N-1, as ``(n, 1, N/2)``.

    x is real: these are bins N/2 down to 1 of the real transform.
    """
    bins = torch.fft.rfft(x).abs() / x.shape[1]
    return bins[:, 1:].flip(1).unsqueeze(1)
