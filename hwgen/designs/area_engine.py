"""LUT4 of the layers behind the front-end (`hwgen.designs.area_front` says how it is counted)."""

from __future__ import annotations

from hwgen.designs.area_front import adder
from hwgen.hardware.shared.collector import align_width
from hwgen.hardware.shared.engine import regions, sum_width, weight_width
from hwgen.plans.sweep import Sweep
from hwgen.targets import Target


def lut4(
    sweeps: tuple[Sweep, ...], value_width: int, logit_width: int, dsp: int, target: Target
) -> int:
    """Return the LUT4 of sequencer, MAC array, collector, arg-max and packer."""
    array = sweeps[0].array
    sums = sum_width(sweeps)
    weight = weight_width(sweeps)
    logic = array.size - min(dsp, array.size)
    mac = array.rows * _row(array.lanes, value_width + weight, sums)
    word = array.lanes * value_width
    return (
        logic * target.multiplier(value_width, weight, logic=True)["lut4"] + mac + word
        + _collector(sweeps, sums, value_width, logit_width)
        + adder(logit_width) + 25
        + _sequencer(sweeps) + _packer(sweeps, word)
    )  # fmt: skip


def _row(lanes: int, product: int, sums: int) -> int:
    """Return a row's tree of adders and its accumulator."""
    total = 0
    count, width = lanes, product
    while count > 1:
        width += 1
        total += count // 2 * adder(width)
        count -= count // 2
    return total + adder(sums) + sums


def _collector(sweeps: tuple[Sweep, ...], sums: int, value_width: int, logit_width: int) -> int:
    """Return serialiser, bias, alignment, rounding and pooling."""
    rows = sweeps[0].array.rows
    rounded = sweeps[:-1]
    arithmetic = adder(sums) + len(rounded) * adder(sums + 1) + adder(value_width)
    choices = (rows - 1) * sums + align_width(sweeps) * logit_width + 3 * value_width
    return arithmetic + choices + max(0, len(rounded) - 1) * sums + 10


def _sequencer(sweeps: tuple[Sweep, ...]) -> int:
    """Return counters and address arithmetic."""
    weights = sum(sweep.weight_depth for sweep in sweeps).bit_length()
    words = max(sweep.source.last_word for sweep in sweeps).bit_length()
    steps = max(sweep.steps for sweep in sweeps).bit_length()
    return 4 * weights + 5 * words + 3 * steps + 40


def _packer(sweeps: tuple[Sweep, ...], word: int) -> int:
    """Return the word in the making of values between layers, and its address."""
    if len(sweeps) == 1:
        return 0
    starts = regions(tuple(sweep.source for sweep in sweeps[1:]))
    return int(1.4 * word) + 2 * starts[-1].bit_length() + 2
