"""What recurrent layers have in common: the formats inside, and weights that meet two values.

All steps inside are powers of two, so that states go round without being rescaled. With `width`
bits of activations: what a sigmoid or a tanh reads reaches from -8 to 8, a sigmoid gives steps of
2^-width, a tanh of 2^-(width - 1); what a function reads has 2 bits more, what is added up 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, Integers, round_half_up, saturate
from hwgen.network import Floats, Shape
from hwgen.network.functions import FUNCTIONS
from hwgen.quantized.op import Activations, QuantizedOp, integers, row_ranges
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Steps

MORE = 4
"""Bits of a state beyond those of activations."""

FINER = 2
"""Bits of what a function reads beyond those of activations."""

_REACH = 3
"""What a function reads reaches to 2**3."""

_MOST = 12
"""Bits that weights may be finer than what their sums are rounded to."""


@dataclass(frozen=True)
class Formats:
    """Formats inside a recurrent layer.

    Parameters
    ----------
    width
        Bits of activations.
    """

    width: int

    @property
    def gate(self) -> Format:
        """Of what a function reads."""
        return Format.of_width(self.width + FINER, signed=True, frac_bits=0)

    @property
    def shown(self) -> Format:
        """Of what a tanh gives, and the layer."""
        return Format.of_width(self.width, signed=True, frac_bits=0)

    @property
    def opened(self) -> Format:
        """Of what a sigmoid gives."""
        return Format.of_width(self.width, signed=False, frac_bits=0)

    @property
    def state(self) -> Format:
        """Of what is added up."""
        return Format.of_width(self.width + MORE, signed=True, frac_bits=0)

    @property
    def difference(self) -> Format:
        """Of a difference of two outputs."""
        return Format.of_width(self.width + 1, signed=True, frac_bits=0)

    @property
    def gate_octave(self) -> int:
        """What a function reads is in steps of ``2**-gate_octave``."""
        return self.width + FINER - 1 - _REACH

    @property
    def state_down(self) -> int:
        """Bits that a state loses where a function reads it."""
        return self.width - self.gate_octave

    def table(self, function: str) -> Integers:
        """Return the output of a function for each of its inputs, from the least one on."""
        x: Floats = np.arange(self.gate.min, self.gate.max + 1) * np.float64(2.0**-self.gate_octave)
        out, octave = (
            (self.opened, self.width) if function == "sigmoid" else (self.shown, self.width - 1)
        )
        values = round_half_up(FUNCTIONS[function](x, 0.0) * 2.0**octave)
        return saturate(values, out.min, out.max)


@dataclass(frozen=True, eq=False)
class QuantizedRecurrent(QuantizedOp):
    """What every recurrent layer has.

    Parameters
    ----------
    length
        Positions.
    source
        Format of the input.
    width
        Bits of activations: they decide the formats inside.
    weight_bits
        Of a weight, signed.
    backwards
        Whether it goes from the last position to the first.
    """

    depends: ClassVar[tuple[str, ...]] = ("dense_weight", "activation")
    length: int
    source: Format
    width: int
    weight_bits: int
    backwards: bool

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Powers of two."""
        del layer, shapes, bits
        return Steps(known=1.0)

    @property
    def units(self) -> int:
        """Numbers of its state."""
        raise NotImplementedError

    @property
    def formats(self) -> Formats:
        """Those inside."""
        return Formats(self.width)

    @property
    def inside(self) -> tuple[Format, ...]:
        """The widest, of a state."""
        return (self.formats.state,)

    @property
    def tables(self) -> tuple[Integers, Integers]:
        """Of the sigmoid and of the tanh."""
        return self.formats.table("sigmoid"), self.formats.table("tanh")

    @property
    def output(self) -> Activations:
        """``(units, length)``."""
        scale = np.full(self.units, 2.0 ** -(self.width - 1))
        return Activations((self.units, self.length), self.formats.shown, scale)


@dataclass(frozen=True, eq=False)
class Rows:
    """Integer weights of some rows, which meet the input and the state before.

    Parameters
    ----------
    weight_input, weight_hidden, bias
        ``(rows, channels)``, ``(rows, units)``, ``(rows,)``.
    up_input, up_hidden
        Bits by which products with them count more.
    octave
        Sums are in steps of ``2**-octave``.
    """

    weight_input: Integers
    weight_hidden: Integers
    bias: Integers
    up_input: int
    up_hidden: int
    octave: int

    def accumulator(self, source: Format, hidden: Format) -> tuple[int, int]:
        """Return the range of any partial sum."""
        low, high = row_ranges(self.weight_input << self.up_input, self.bias, source)
        less, more = row_ranges(self.weight_hidden << self.up_hidden, 0 * self.bias, hidden)
        return int((low + less).min()), int((high + more).max())

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {
            key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in vars(self).items()
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Rows:
        """Return what `to_json` wrote."""
        fields: dict[str, Any] = {
            key: integers(item) if isinstance(item, list) else item for key, item in value.items()
        }
        return cls(**fields)


def rows(weight_input: Floats, weight_hidden: Floats, bias: Floats, bits: int, least: int) -> Rows:
    """Return the integers of weights in units of the integers that they meet.

    Parameters
    ----------
    bits
        Of a weight, signed.
    least
        The octave that sums must have at least.
    """
    most = (1 << bits - 1) - 1
    fine = [_octave(each, most, least + _MOST) for each in (weight_input, weight_hidden)]
    octave = max(*fine, least)
    one, two = (
        saturate(round_half_up(each * 2.0**own), -most, most)
        for each, own in zip((weight_input, weight_hidden), fine, strict=True)
    )
    added = round_half_up(bias * 2.0**octave)
    return Rows(one, two, added, octave - fine[0], octave - fine[1], octave)


def _octave(weight: Floats, most: int, limit: int) -> int:
    """Return the largest number of octaves at which all weights are in range."""
    largest = float(np.abs(weight).max(initial=0.0))
    return min(limit, math.floor(math.log2(most / largest))) if largest else limit
