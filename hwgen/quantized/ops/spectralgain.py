"""Integer gains of the bins of a window: a transform, two products a bin, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network import Floats, Shape
from hwgen.network.ops import spectralgain
from hwgen.quantized import fft, gains
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps

TRANSFORMED = ("data", "twiddle")
"""Fields of `Precision` that decide the filtered samples, before their rounding."""

INSIDE = 8
"""Bits that values have inside beyond `Precision.data`: what is halved on the way there would be
missing in quiet windows on the way back."""


@dataclass(frozen=True, eq=False)
class QuantizedSpectralGain(QuantizedOp):
    """``saturate(shift_half_up(sums, shift))``, sums the window behind its filter.

    Samples in pairs make M complex values; Z is their transform, by stages of sums and differences
    of values a span apart, differences times a twiddle, the first span M / 2 and the last 1. With
    Z' as in `hwgen.quantized.gains`, each of its two products rounded, re and im of Z' are swapped,
    go through the same stages, and are swapped again: the transform back, but for a factor of M.

    Parameters
    ----------
    window
        Real samples, 2 M.
    sample
        Format of a sample: signed ADC steps.
    width
        Bits of each part inside, signed.
    halved
        Whether each stage divides by two on the way there, sums half up, differences half down.
    twiddles
        ``exp(-2j pi k / M)``, k = 0 .. M/2 - 1.
    own, mirrored
        Factors of Z[k], and the conjugates of those of conj(Z[M-k]), k = 0 .. M-1.
    shift
        Of the one rounding at the end.
    out
        Signed format of a value.
    scale
        Real value of one in the output, ``(1,)``.

    Raises
    ------
    InputError
        If tables and stages are not those of the window.
    """

    op: ClassVar[str] = "spectralgain"
    depends: ClassVar[tuple[str, ...]] = (*TRANSFORMED, "feature")
    sums_depend: ClassVar[tuple[str, ...] | None] = TRANSFORMED
    usual_shift: ClassVar[int] = 12
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "sample": Format.from_json,
        "halved": tuple,
        "twiddles": fft.Twiddles.from_json,
        "own": fft.Twiddles.from_json,
        "mirrored": fft.Twiddles.from_json,
        "out": Format.from_json,
        "scale": floats,
    }
    window: int
    sample: Format
    width: int
    halved: tuple[bool, ...]
    twiddles: fft.Twiddles
    own: fft.Twiddles
    mirrored: fft.Twiddles
    shift: int
    out: Format
    scale: Floats

    def __post_init__(self) -> None:
        points = self.points
        if (
            self.window != 1 << (len(self.halved) + 1)
            or not spectralgain.MIN_WINDOW <= self.window <= spectralgain.MAX_WINDOW
            or any(len(t.re) != points or len(t.im) != points for t in (self.own, self.mirrored))
            or not len(self.twiddles.re) == len(self.twiddles.im) == points // 2
        ):
            raise InputError(
                f"{self.name} must have stages and tables of a window of {self.window} samples; "
                f"quantize again"
            )

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the samples: all divisions are by powers of two."""
        del layer, shapes, bits
        return Steps((Link(0),))

    @property
    def points(self) -> int:
        """M."""
        return self.window // 2

    @property
    def accumulator(self) -> tuple[int, int]:
        """Range of any value inside."""
        return -(1 << self.width - 1), (1 << self.width - 1) - 1

    @cached_property
    def there(self) -> tuple[fft.Stage, ...]:
        """The stages of the transform."""
        return self._stages(self.halved)

    @cached_property
    def back(self) -> tuple[fft.Stage, ...]:
        """Those of the way back: nothing is halved."""
        return self._stages((False,) * len(self.halved))

    def _stages(self, halved: tuple[bool, ...]) -> tuple[fft.Stage, ...]:
        stages = []
        for number, half in enumerate(halved):
            span = self.points >> (number + 1)
            # Sums are not turned: their factor is 1 exactly.
            one = np.full(span, 1 << self.twiddles.frac_bits), np.zeros(span, dtype=np.int64)
            turned = fft.Twiddles(
                np.concatenate([one[0], self.twiddles.re[:: 1 << number]]),
                np.concatenate([one[1], self.twiddles.im[:: 1 << number]]),
                self.twiddles.frac_bits,
            )
            table = turned if span > 1 else None
            stages.append(fft.Stage(span, False, int(half), table, self.width))
        return tuple(stages)

    @property
    def output(self) -> Activations:
        """``(1, window)``."""
        return Activations((1, self.window), self.out, self.scale)


def quantize(
    layer: spectralgain.SpectralGain,
    sources: tuple[Activations, ...],
    bits: Precision,
    chosen: Chosen,
) -> QuantizedSpectralGain:
    """Return the integer op for `layer` on the samples.

    Raises
    ------
    InputError
        If the source is not one channel of samples, or values are on a grid of a training.
    """
    (source,) = sources
    layer.output_shape(source.shape)
    if layer.grid is not None:
        raise InputError(
            f"{layer.name}: the input must have no quantiser where its bins have gains; give "
            f"--quantizers drop"
        )
    points, frac_bits, width = layer.window // 2, bits.twiddle - 2, bits.data + INSIDE
    found = gains.growth(layer.gain, source.fmt.width, width, frac_bits)
    own, mirrored = gains.packed_gains(layer.gain)
    divided = sum(found.halved) + found.exponent - (points.bit_length() - 1)
    return QuantizedSpectralGain(
        name=layer.name,
        window=layer.window,
        sample=source.fmt,
        width=width,
        halved=found.halved,
        twiddles=fft.Twiddles.of(np.arange(points // 2), points, bits.twiddle),
        own=gains.table(own, found.exponent, frac_bits),
        mirrored=gains.table(mirrored.conj(), found.exponent, frac_bits),
        shift=chosen.shift,
        out=Format.of_width(bits.feature, signed=True, frac_bits=0),
        scale=source.scale * 2.0 ** (divided + chosen.shift),
    )


OP = QuantizedSpectralGain
