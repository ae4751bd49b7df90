"""Gains of a window's bins: the golden model's integers, the float filter's gradients."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from hwgen import golden
from hwgen.quantized.ops.spectralgain import QuantizedSpectralGain
from hwgen.training.fake.chain import Sources, Weights
from hwgen.training.fake.rounding import requantize, straight_through


def run(op: QuantizedSpectralGain, sources: Sources, weights: Weights, x: Tensor) -> Tensor:
    """Return ``(n, 1, window)`` of samples: roundings inside are taken as none by the gradient."""
    (source,) = sources
    sums = golden.accumulate(op, x.detach().numpy().astype(np.int64))
    real = x.to(torch.float64) * float(source.scale[0])
    gain = torch.complex(weights["real"], weights["imag"])
    soft = torch.fft.irfft(torch.fft.rfft(real) * gain, op.window)[:, None]
    unit = float(op.scale[0]) * 2.0**-op.shift
    exact = straight_through(soft / unit, sums, torch.float64)
    return requantize(exact, op.shift, op.out).to(x.dtype)
