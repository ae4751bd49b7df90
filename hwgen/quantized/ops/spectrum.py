"""Integer magnitude spectrum: half-length complex FFT, untangling, magnitude, rounding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.network import Shape
from hwgen.network.ops import spectrum
from hwgen.quantized import fft
from hwgen.quantized.features import QuantizedFeatures, rounded_magnitude
from hwgen.quantized.magnitude import mean_gain
from hwgen.quantized.op import Activations, Chosen
from hwgen.quantized.ops import dft
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps

TRANSFORM = ("data", "twiddle", "magnitude", "transform")
"""Fields of `Precision` that decide the magnitudes of given samples, before their rounding."""


@dataclass(frozen=True, eq=False)
class QuantizedSpectrum(QuantizedFeatures):
    """``|FFT(x)|``, bins of a window of ``2 M`` real samples.

    Samples in pairs make M complex values z; with Z their transform and W = exp(-2j pi / 2M),
    ``E = (Z[k] + Z*[M-k]) / 2``, ``O = -j (Z[k] - Z*[M-k]) / 2`` (halves go up where a part is a
    sum, down where it is a difference),
    ``X[k] = E + W^k O`` and ``X[M-k] = conj(E - W^k O)`` for k = 0..M/2.

    Parameters
    ----------
    stages
        The M-point transform.
    untangle
        W^k for k = 0..M/2.
    """

    op: ClassVar[str] = "spectrum"
    depends: ClassVar[tuple[str, ...]] = (*TRANSFORM, "feature")
    sums_depend: ClassVar[tuple[str, ...] | None] = TRANSFORM
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **QuantizedFeatures.decoders,
        "stages": lambda value: tuple(fft.Stage.from_json(stage) for stage in value),
        "untangle": fft.Twiddles.from_json,
    }
    stages: tuple[fft.Stage, ...]
    untangle: fft.Twiddles

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the samples, by the magnitude's mean gain and the layer's."""
        del shapes
        return Steps((Link(0, factor=layer.gain / mean_gain(bits.magnitude)),))

    @property
    def bin_width(self) -> int:
        """Bits that hold each part of a bin: a sum of two numbers that just fit a result of Z."""
        return self.stages[-1].width + 2

    @property
    def fft_shift(self) -> int:
        """Total division by powers of two before the magnitude."""
        return sum(stage.shift for stage in self.stages)


def quantize(
    layer: spectrum.Spectrum, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedFeatures:
    """Return the integer op for `layer`, by the transform that `bits` names.

    Parameters
    ----------
    layer
        The float op.
    sources
        The samples.
    bits
        Transform, widths and the magnitude method.
    chosen
        Its shift is calibration's.
    """
    if bits.transform == "dft":
        return dft.quantize(layer, sources, bits, chosen)
    (source,) = sources
    points = layer.window // 2
    stages = fft.plan(points, source.fmt.width, bits.data, bits.twiddle)
    divided = sum(stage.shift for stage in stages)
    return QuantizedSpectrum(
        stages=stages,
        untangle=fft.Twiddles.of(np.arange(points // 2 + 1), 2 * points, bits.twiddle),
        **rounded_magnitude(layer, source, bits, chosen.shift, divided),
    )


OP = QuantizedSpectrum
