"""LUT4 of the layers behind the front-end (`hwgen.designs.area_front` says how it is counted)."""

from __future__ import annotations

from hwgen.designs.area_front import adder
from hwgen.plans.shared import SharedPlan, align_width
from hwgen.plans.sweep import Sweep


def lut4(plan: SharedPlan) -> int:
    """Return the LUT4 of sequencer, MAC array, collector, arg-max and packer."""
    array, sweeps = plan.array, plan.sweeps
    value_width, logit_width, sums = plan.value_width, plan.logit_bits, plan.sum_width
    weight = plan.weight_width
    logic = array.size - plan.multipliers_dsp
    mac = array.rows * _row(array.lanes, value_width + weight, sums)
    word = array.lanes * value_width
    return (
        logic * multiplier(value_width, weight) + mac + word
        + _collector(sweeps, sums, value_width, logit_width)
        + adder(logit_width) + 25
        + _sequencer(sweeps) + _packer(plan, word)
    )  # fmt: skip


def multiplier(a: int, b: int) -> int:
    """Return a multiplier of adders: two bits of b a row."""
    rows = -(-b // 2)
    gates = a * b
    # The rows are first made two, by two LUT4 a bit and row, and then added.
    return gates + rows * adder(a + 1) + 2 * (rows - 2) * (a + b) * (rows > 2) + adder(a + b - 3)


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


def _packer(plan: SharedPlan, word: int) -> int:
    """Return the word in the making of values between layers, and its address."""
    if len(plan.sweeps) == 1:
        return 0
    return int(1.4 * word) + 2 * plan.regions[-1].bit_length() + 2
