"""Integer magnitude spectrum: half-length complex FFT, untangling, magnitude, rounding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format
from hwgen.network import spectrum
from hwgen.quantized import fft
from hwgen.quantized.bits import Bits
from hwgen.quantized.magnitude import EIGHTHS, mean_gain
from hwgen.quantized.op import Activations, QuantizedOp


@dataclass(frozen=True, eq=False)
class QuantizedSpectrum(QuantizedOp):
    """``|FFT(x)|``, bins M down to 1 of a window of ``2 M`` real samples.

    Samples in pairs make M complex values z; with Z their transform and W = exp(-2j pi / 2M),
    ``E = (Z[k] + Z*[M-k]) / 2``, ``O = -j (Z[k] - Z*[M-k]) / 2`` (halves go up where a part is a
    sum, down where it is a difference),
    ``X[k] = E + W^k O`` and ``X[M-k] = conj(E - W^k O)`` for k = 0..M/2.

    Parameters
    ----------
    window
        Real samples, 2 M.
    sample
        Format of a sample: signed ADC steps.
    stages
        The M-point transform.
    untangle
        W^k for k = 0..M/2.
    magnitude
        Name of the approximation.
    shift
        Magnitudes are divided by ``2**shift``, halves up, then saturated to `out`.
    out
        Unsigned format of a feature.
    scale
        Real value of one in the feature's integers.
    """

    op: ClassVar[str] = "spectrum"
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "sample": Format.from_json,
        "stages": lambda value: tuple(fft.Stage.from_json(stage) for stage in value),
        "untangle": fft.Twiddles.from_json,
        "out": Format.from_json,
    }
    window: int
    sample: Format
    stages: tuple[fft.Stage, ...]
    untangle: fft.Twiddles
    magnitude: str
    shift: int
    out: Format
    scale: float

    @property
    def points(self) -> int:
        """M, the points of the complex transform and the number of features."""
        return self.window // 2

    @property
    def bin_width(self) -> int:
        """Bits that hold each part of a bin: a sum of two numbers that just fit a result of Z."""
        return self.stages[-1].width + 2

    @property
    def fft_shift(self) -> int:
        """Total division by powers of two before the magnitude."""
        return sum(stage.shift for stage in self.stages)

    @property
    def dropped(self) -> int:
        """Bits that the exact sums, eight times a magnitude, lose at their rounding."""
        return self.shift + EIGHTHS

    @property
    def output(self) -> Activations:
        """One channel of M features."""
        return Activations((1, self.points), self.out, np.array([self.scale]))


def quantize(
    layer: spectrum.Spectrum, bits: Bits, input_scale: float, shift: int
) -> QuantizedSpectrum:
    """Return the integer op for `layer`.

    Parameters
    ----------
    layer
        The float op.
    bits
        Widths and the magnitude method.
    input_scale
        The float network takes the sensor's value times this.
    shift
        Chosen by calibration.
    """
    points = layer.window // 2
    stages = fft.plan(points, bits.adc, bits.data, bits.twiddle)
    total = sum(stage.shift for stage in stages) + shift
    # One global input scale and the magnitude's mean gain fold into the next layer.
    scale = input_scale * bits.lsb * 2.0**total / layer.window / mean_gain(bits.magnitude)
    return QuantizedSpectrum(
        name=layer.name,
        window=layer.window,
        sample=Format.of_width(bits.adc, signed=True, frac_bits=0),
        stages=stages,
        untangle=fft.Twiddles.of(np.arange(points // 2 + 1), 2 * points, bits.twiddle),
        magnitude=bits.magnitude,
        shift=shift,
        out=Format.of_width(bits.feature, signed=False, frac_bits=0),
        scale=scale,
    )


OP = QuantizedSpectrum
