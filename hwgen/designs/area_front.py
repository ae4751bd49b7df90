"""LUT4 of the front-end, by the adders, multiplexers and counters of each component.

`adder` terms are exact: a carry cell adds two bits and takes the place of two LUT4.
Constants stand for control logic; they are what Yosys 0.70 made of each component by itself, but
for the shallow memory, whose is what was left of whole cores.
"""

from __future__ import annotations

from hwgen.hardware.sources.fft.fft import chain
from hwgen.plans.layout import Layout
from hwgen.quantized.fft import Stage
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES
from hwgen.quantized.ops.spectrum import QuantizedSpectrum
from hwgen.targets import in_registers


def adder(bits: int) -> int:
    """Return the LUT4 of an adder, subtractor or comparison by size, two bits a carry cell."""
    return bits + bits % 2


def lut4(op: QuantizedSpectrum, layout: Layout, value_width: int) -> int:
    """Return the LUT4 of intake, FFT, untangling, magnitude and packing."""
    fft = sum(
        _butterfly(stage, width, grown, op.points) + _twiddles(stage, grown)
        for stage, width, grown in chain(op.stages, op.sample.width)
    )
    address = op.points.bit_length() - 1
    intake = 28 + adder(address + 1)
    transforms = 30 + 3 * address
    return (
        intake + fft + transforms + _untangle(op) + _magnitude(op)
        + _mirror(layout.lanes, value_width, layout.last_word.bit_length())
    )  # fmt: skip


def _butterfly(stage: Stage, width: int, grown: int, points: int) -> int:
    """Return sums, differences, their way into delay memory and output, counters, memory."""
    carry = int(stage.shift == 1)
    arithmetic = 2 * (adder(max(width + 2 * carry, grown)) + adder(max(width + carry, grown)))
    if stage.rotate:
        arithmetic += adder(width) + 2 * width
    span = stage.span.bit_length() - 1
    control = 12 + 3 * span + adder(points.bit_length() - 1) + adder(span)
    store = max(width, grown)
    choices = 2 * grown + 2 * store
    if in_registers(stage.span) and stage.span > 1:
        return arithmetic + control + choices + _registers(2 * store, stage.span)
    return arithmetic + control + choices


def _registers(width: int, depth: int) -> int:
    """Return the multiplexers of a shallow memory."""
    return width * (1 if depth == 2 else 4)


def _twiddles(stage: Stage, width: int) -> int:
    table = stage.twiddles
    if table is None:
        return 0
    index = len(table.re).bit_length() - 1
    return complex_multiplier(width, table.width, table.frac_bits, stage.width) + 2 * index


def complex_multiplier(width: int, factor: int, frac: int, out: int) -> int:
    """Return the sums of products and the operands' multiplexers."""
    return 2 * (adder(frac + out) + adder(out + 1)) + width + 2 * factor + 2


def _untangle(op: QuantizedSpectrum) -> int:
    """Return even and odd parts, their product, the two bins, the address counter."""
    z = op.stages[-1].width
    table = op.untangle
    parts = 2 * adder(z + 2) + 2 * adder(z + 1)
    product = complex_multiplier(z, table.width, table.frac_bits, z + 1)
    bins = 4 * adder(op.bin_width) + 2 * op.bin_width
    return parts + product + bins + 2 * adder(op.points.bit_length() - 1) + 31


def _magnitude(op: QuantizedSpectrum) -> int:
    """Return absolute values, and the approximation from them."""
    width = op.bin_width
    absolute = 2 * (adder(width) + width)
    return absolute + approximation(op.magnitude, 1 << (width - 1), op.shift, op.out.width) + 10


def approximation(method: str, most: int, shift: int, out: int) -> int:
    """Return the parts' order, the candidates, the largest of them, and its rounding."""
    width = most.bit_length()
    long = (most * max(sum(pair) for pair in MAGNITUDES[method])).bit_length()
    total = adder(width) + 2 * width
    for alpha, beta in MAGNITUDES[method]:
        terms = sum(_terms(factor) for factor in (alpha, beta))
        # Three numbers and more are first made two, by two LUT4 a bit and number.
        total += adder(long) * (terms > 1) + 2 * long * max(0, terms - 2)
    total += (adder(long) + long) * (len(MAGNITUDES[method]) - 1)
    kept = max(1, long - max(0, shift + EIGHTHS))
    return total + adder(kept + 1) + kept + out


def _terms(factor: int) -> int:
    """Return how many shifted numbers make up a multiple."""
    return 2 if factor == 7 else factor.bit_count()


def _mirror(lanes: int, width: int, address: int) -> int:
    """Return two words in the making, and where they meet."""
    return 5 * lanes * width + 4 * address
