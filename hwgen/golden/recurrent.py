"""What the integers of recurrent layers are made of."""

from __future__ import annotations

from hwgen.fixedpoint import Format, Integers, check_range
from hwgen.golden.requantize import requantize
from hwgen.quantized.recurrent import Formats, Rows


def sums(rows: Rows, x: Integers, h: Integers, source: Format, hidden: Format) -> Integers:
    """Return ``(n, rows)`` of inputs ``(n, channels)`` and the state before, ``(n, units)``."""
    found: Integers = (
        ((x @ rows.weight_input.T) << rows.up_input)
        + ((h @ rows.weight_hidden.T) << rows.up_hidden)
        + rows.bias
    )
    check_range("sums of gates", found, *rows.accumulator(source, hidden))
    return found


def looked_up(sums_: Integers, octave: int, formats: Formats, table: Integers) -> Integers:
    """Return a function of sums in steps of ``2**-octave``."""
    found: Integers = table[
        requantize(sums_, octave - formats.gate_octave, formats.gate) - formats.gate.min
    ]
    return found
