"""The sensor's ADC: from physical values to the integers that the hardware takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import Format, Integers, round_half_up, saturate
from hwgen.network import Shape
from hwgen.quantized.op import Activations
from hwgen.quantized.precision import Precision

SAMPLES_DEPEND = ("adc", "full_scale")
"""Fields of `Precision` that decide the samples."""


def digitise(values: npt.ArrayLike, bits: Precision) -> Integers:
    """Return ADC steps of sensor values (g), halves up, saturating at full scale."""
    limit = 1 << (bits.adc - 1)
    scaled = np.clip(np.asarray(values, dtype=np.float64) / bits.lsb, -limit - 1.0, limit)
    return saturate(round_half_up(scaled), -limit, limit - 1)


def stream_order(windows: Integers) -> Integers:
    """Return windows as they come one by one, ``(n, elements)``: channels take turns.

    Parameters
    ----------
    windows
        ``(n, samples)``, or ``(n, channels, samples)``.
    """
    if windows.ndim == 2:
        return windows
    return windows.transpose(0, 2, 1).reshape(len(windows), -1)


def in_windows(stream: Integers, shape: Shape) -> Integers:
    """Return windows of a shape from what comes one by one: `stream_order`, backwards."""
    if len(shape) == 1:
        return stream
    channels, samples = shape
    return stream.reshape(len(stream), samples, channels).transpose(0, 2, 1)


def sampled(shape: Shape, bits: Precision, input_scale: float) -> Activations:
    """Return what a window of ADC steps is to the first layers.

    Parameters
    ----------
    shape
        ``(samples,)`` of one channel, ``(channels, samples)`` of several.
    bits
        Width of a sample, and full scale.
    input_scale
        The float network takes the sensor's value times this.
    """
    channels = 1 if len(shape) == 1 else shape[0]
    fmt = Format.of_width(bits.adc, signed=True, frac_bits=0)
    return Activations(shape, fmt, np.full(channels, input_scale * bits.lsb))
