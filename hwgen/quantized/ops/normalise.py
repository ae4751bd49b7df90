"""Each window by its own mean and spread, in integers: sums, ends, and a table of reciprocals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network import Floats, Shape
from hwgen.network.ops import normalise
from hwgen.quantized import reciprocal
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps

_FRACTION = 4
"""Fraction bits, about, of a sample less its mean."""

NUMBER = 18
"""Bits of what is multiplied by a reciprocal, signed: what one multiplier takes."""

_SCORE_FRACTION = 10
"""Fraction bits of a z-score's number before it is multiplied: it saturates at 64 and more."""

MOST_SAMPLES = 1 << 14
"""So that sums of squares, times the number of samples, are exact in 62 bits."""


@dataclass(frozen=True, eq=False)
class QuantizedNormalise(QuantizedOp):
    """``saturate(shift_half_up(number * reciprocal, shift))``, each channel by itself.

    With S the sum of L samples x, Q that of their squares, low and high their ends:

    ``mean``
        number is ``shift_half_up(L x - S, mean_shift)``; nothing is multiplied.
    ``z-score``
        The same number, shifted left by k and down by `number_shift`, halves up, saturated to 18
        bits; the reciprocal and k are those of the root of ``L Q - S S``, which is exact.
    ``max-abs``, ``min-max``, ``min-max-signed``
        x, ``x - low``, ``2 x - low - high``, shifted left by k; the reciprocal and k are those of
        the largest absolute value, or of ``high - low``.

    k is such that the leading bit of what is divided by is set (`hwgen.quantized.reciprocal`).

    Parameters
    ----------
    method
        As in `hwgen.network.ops.normalise`.
    channels, samples
        Of a window.
    sample
        Format of a sample: signed ADC steps.
    shift
        Of the one rounding at the end.
    out
        Format of a value: unsigned for ``min-max``.
    scale
        Real value of one in the output, per channel.
    """

    op: ClassVar[str] = "normalise"
    depends: ClassVar[tuple[str, ...]] = ("feature",)
    usual_shift: ClassVar[int] = 20
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "sample": Format.from_json,
        "out": Format.from_json,
        "scale": floats,
    }
    method: str
    channels: int
    samples: int
    sample: Format
    shift: int
    out: Format
    scale: Floats

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Powers of two; those of the samples by their number where only the mean is taken away."""
        del bits
        if layer.method != "mean":
            return Steps(known=1.0)
        return Steps((Link(0, factor=1 / shapes[0][-1]),))

    @property
    def centred(self) -> bool:
        """Whether the mean is taken away."""
        return self.method in ("mean", "z-score")

    @property
    def divided(self) -> bool:
        """Whether there is a reciprocal."""
        return self.method != "mean"

    @property
    def root(self) -> bool:
        """Whether it is that of a root."""
        return self.method == "z-score"

    @property
    def factor(self) -> int:
        """A sample is multiplied by this in its number."""
        return self.samples if self.centred else 1 + (self.method == "min-max-signed")

    @property
    def mean_shift(self) -> int:
        """L samples less their sum are divided by two to this."""
        return max(0, self.samples.bit_length() - 1 - _FRACTION) if self.centred else 0

    @property
    def spread_width(self) -> int:
        """Bits of what is divided by, unsigned; of its square for a root."""
        if self.root:
            return 2 * (self.sample.width - 1) + 2 * (self.samples - 1).bit_length()
        return self.sample.width

    @property
    def number_shift(self) -> int:
        """A number that was shifted left is divided by two to this."""
        if not self.root:
            return 0
        return max(0, self.spread_width // 2 - 1 - self.mean_shift - _SCORE_FRACTION)

    @property
    def plain_width(self) -> int:
        """Bits of a number before it is shifted left, signed."""
        return self.sample.width + 1 + self.factor.bit_length() - self.mean_shift

    @property
    def fraction(self) -> int:
        """Fraction bits of the exact product; of `mean` a number's, but for L."""
        if not self.divided:
            return -self.mean_shift
        whole = self.spread_width // 2 - 1 if self.root else self.spread_width - 1
        return reciprocal.FRACTION + whole - self.mean_shift - self.number_shift

    @property
    def output(self) -> Activations:
        """``(channels, samples)``."""
        return Activations((self.channels, self.samples), self.out, self.scale)


def quantize(
    layer: normalise.Normalise, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedNormalise:
    """Return the integer op for `layer` on the samples.

    Raises
    ------
    InputError
        If a window is too long, or values are on a grid of a training.
    """
    (source,) = sources
    channels, samples = layer.output_shape(source.shape)
    if samples > MOST_SAMPLES:
        raise InputError(
            f"{layer.name}: a window must have at most {MOST_SAMPLES} samples to be normalised on "
            f"chip ({layer.method}), not {samples}"
        )
    if layer.grid is not None:
        raise InputError(
            f"{layer.name}: the input must have no quantiser where windows are normalised "
            f"({layer.method}); give --quantizers drop"
        )
    made = QuantizedNormalise(
        name=layer.name,
        method=layer.method,
        channels=channels,
        samples=samples,
        sample=source.fmt,
        shift=0,
        out=Format.of_width(bits.feature, signed=layer.method != "min-max", frac_bits=0),
        scale=source.scale,
    )
    one = source.scale / samples if layer.method == "mean" else source.scale**0
    scale = one * 2.0 ** (chosen.shift - made.fraction)
    return dataclasses.replace(made, shift=chosen.shift, scale=scale)


OP = QuantizedNormalise
