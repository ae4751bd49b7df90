"""Integer FFT as data: radix-2^2 decimation in frequency over packed pairs of real samples.

Structure after He and Torkelson, "A new approach to pipeline FFT processor", IPPS 1996: pairs of
butterfly stages, the second with a free rotation by -j, then one twiddle multiplication.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.fixedpoint import Integers, round_half_up, signed_width


@dataclass(frozen=True, eq=False)
class Twiddles:
    """A table of unit complex numbers as integers.

    Parameters
    ----------
    re, im
        ``(length,)`` integers; real value ``(re + 1j * im) * 2**-frac_bits``.
    frac_bits
        Fraction bits; 1.0 is ``2**frac_bits`` exactly, so that one bit of the width is for it.
    """

    re: Integers
    im: Integers
    frac_bits: int

    @classmethod
    def of(cls, exponents: Integers, period: int, width: int) -> Twiddles:
        """Return ``exp(-2j pi e / period)`` for every exponent, in `width` bits."""
        angle = -2.0 * np.pi * (exponents % period) / period
        one = 2.0 ** (width - 2)
        return cls(
            round_half_up(np.cos(angle) * one), round_half_up(np.sin(angle) * one), width - 2
        )

    @property
    def width(self) -> int:
        """Bits of each part, signed."""
        return self.frac_bits + 2

    @property
    def longest(self) -> float:
        """Largest absolute value of an entry; rounding may leave it just above 1."""
        return float(np.hypot(self.re, self.im).max()) * 2.0**-self.frac_bits

    def to_json(self) -> dict[str, Any]:
        """Return the table as a JSON object."""
        return {"re": self.re.tolist(), "im": self.im.tolist(), "frac_bits": self.frac_bits}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Twiddles:
        """Return the table that `to_json` wrote."""
        return cls(
            np.array(value["re"], dtype=np.int64),
            np.array(value["im"], dtype=np.int64),
            int(value["frac_bits"]),
        )


@dataclass(frozen=True, eq=False)
class Stage:
    """One butterfly stage over blocks of ``2 * span`` values.

    ``sum = a + b`` and ``diff = a - b`` for a, b `span` apart; `sums` then `diffs` follow.

    Parameters
    ----------
    span
        Distance of a and b.
    rotate
        Whether b is first multiplied by -j in every odd block.
    shift
        Sum and diff are divided by ``2**shift``, to nearest; halves go up in sums, down in diffs.
    twiddles
        Multiplied in afterwards, one entry a value, repeating; None for none. Products are
        rounded half up to integers.
    width
        Bits that hold every value the stage can give out, signed.
    """

    span: int
    rotate: bool
    shift: int
    twiddles: Twiddles | None
    width: int

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {
            "span": self.span,
            "rotate": self.rotate,
            "shift": self.shift,
            "twiddles": None if self.twiddles is None else self.twiddles.to_json(),
            "width": self.width,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Stage:
        """Return the stage that `to_json` wrote."""
        table = value["twiddles"]
        return cls(
            int(value["span"]),
            bool(value["rotate"]),
            int(value["shift"]),
            None if table is None else Twiddles.from_json(table),
            int(value["width"]),
        )


@dataclass
class _Bound:
    """Worst case of the values so far: of a component, and of the absolute value."""

    component: float
    absolute: float

    def butterfly(self, data_bits: int) -> int:
        """Grow by one butterfly; return the shift that keeps a component in `data_bits`."""
        self.component *= 2
        self.absolute *= 2
        shift = 0
        while min(self.component, self.absolute) > 2 ** (data_bits - 1) - 1:
            shift += 1
            self.component = self.component / 2 + 0.5
            self.absolute = self.absolute / 2 + math.sqrt(0.5)
        return shift

    def twiddle(self, longest: float) -> None:
        """Grow by a rotation, which may turn an absolute value into one component."""
        self.absolute = self.absolute * longest + math.sqrt(0.5)
        self.component = self.absolute

    @property
    def width(self) -> int:
        """Bits of a component, signed; symmetric, as a rotation may change its sign."""
        largest = math.ceil(min(self.component, self.absolute))
        return signed_width(-largest, largest)


def plan(points: int, sample_bits: int, data_bits: int, twiddle_bits: int) -> tuple[Stage, ...]:
    """Return the stages of a `points`-point transform of complex values of `sample_bits` parts.

    Growth is worst case, so that no value can overflow: a stage halves its results exactly when
    they could otherwise need more than `data_bits`.
    """
    bound = _Bound(2.0 ** (sample_bits - 1), 2.0 ** (sample_bits - 1) * math.sqrt(2))
    stages = []
    span = points // 2
    rotate = False
    while span >= 1:
        shift = bound.butterfly(data_bits)
        table = None
        if rotate and span > 1:
            table = Twiddles.of(_exponents(span), 4 * span, twiddle_bits)
            bound.twiddle(table.longest)
        stages.append(Stage(span, rotate, shift, table, bound.width))
        rotate = not rotate
        span //= 2
    return tuple(stages)


def _exponents(span: int) -> Integers:
    """Exponents of ``exp(-2j pi / (4 span))`` over the four quarters that a stage pair makes."""
    n = np.arange(span)
    return np.concatenate([n * 0, n * 2, n, n * 3])


def bit_reversed(points: int) -> Integers:
    """Return, for each place of the output stream, the bin that comes there."""
    bits = points.bit_length() - 1
    index = np.arange(points)
    result = np.zeros(points, dtype=np.int64)
    for bit in range(bits):
        result |= ((index >> bit) & 1) << (bits - 1 - bit)
    return result
