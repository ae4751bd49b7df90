"""The cells of a MAC array with all around it: multipliers and block RAMs exact, LUT4 estimated.

Adders, multiplexers and counters are counted. What steps cost is a fit to what Yosys 0.70 made of
17 whole cores of 7 networks of the zoo, of 4 to 32 multipliers, with and without products of two
values: 8 % too little to 12 % too much (``benchmarks/estimate.py zoo`` measures it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwgen.plans.counting import Counting, cells
from hwgen.targets import Cells, Target

if TYPE_CHECKING:
    from hwgen.plans.shared import SharedPlan

_ACCOUNT_LUT4 = 280
"""Windows in flight and their time, and the feature memory's addresses."""

_TURN_LUT4 = 5
"""Of each position of each step of a loop: where it begins (measured with Yosys on 224 of them)."""

_SHIFT_LUT4 = 0.3
"""Of each bit of a sum, of each further shift that sums are divided by."""

_COLLECTED_LUT4 = 1
"""Of each step: what the collector knows of it."""

_LED_LUT4 = 8
"""Of each step behind the first: what the sequencer knows of it."""

_READ_LUT4 = 50
"""Of each further read that a step has: where it begins, and its ends."""

_JUMP_LUT4 = 17
"""Of each step, where groups of positions do not just follow each other."""


def counted(plan: SharedPlan, target: Target) -> Cells:
    """Return the cells of all behind the source, the account of windows included.

    LUT4 of sequencer, MAC array, collector, arg-max and packer; block RAMs of features, weights,
    biases and values between layers.
    """
    count, array, word = Counting(target), plan.array, plan.array.lanes * plan.value_width
    factors = plan.value_width, plan.weight_width
    does = plan.allotment
    lut4 = (
        _ACCOUNT_LUT4 + does.logic * count.product(*factors)
        + array.rows * _row(plan, count) + word + _collector(plan, count)
        + _sequencer(plan)
    )  # fmt: skip
    if plan.classes:
        lut4 += count.adder(plan.logit_bits) + 25
    features = count.turning(word, plan.features_depth, plan.turns)
    ebr = count.memory(plan.bias_width, sum(plan.bias_depths), rom=True)
    if between := plan.memory.size:
        # The word in the making of values between layers, and its address.
        lut4 += int(1.4 * word) + 2 * between.bit_length() + 2 + count.selection(word, between)
        ebr += count.memory(word, between)
    if plan.indexed and plan.kept_depth:
        index = plan.index_width, plan.kept_depth
        lut4 += count.selection(*index, rom=True)
        ebr += count.memory(*index, rom=True)
    if plan.tables:
        ebr += array.drain * count.memory(plan.value_width, plan.table_depth, rom=True)
    dsp = does.single * count.dsp(*factors)
    if plan.multiplies:
        lut4 += _products(plan, count)
        dsp += plan.products_dsp * count.dsp(plan.rounded_width, plan.rounded_width)
    if plan.squares:
        lut4 += _squares(plan, count, plan.squares.drop)
        dsp += plan.squares_dsp * count.dsp(plan.value_width, plan.value_width)
    found = cells(lut4, dsp, ebr) + features + plan.weights.cells(target) + _shared(plan, target)
    return found + plan.value_stream.cells(target) if plan.value_stream else found


def _shared(plan: SharedPlan, target: Target) -> Cells:
    """Return the multipliers that do two products each, with what both take beside them."""
    two, number = plan.two_products, plan.allotment.shared
    if two is None or not number:
        return Cells()
    one = target.multiplier(plan.value_width, two.operand)
    beside = plan.weight_width + Counting(target).adder(plan.value_width + plan.weight_width)
    return cells(number * (one["lut4"] + beside), number * one["dsp"], 0)


def _row(plan: SharedPlan, count: Counting) -> int:
    """Return a row's tree of adders, what its sums count, and its accumulator."""
    total = 0
    values, width = plan.array.lanes, plan.value_width + plan.weight_width
    while values > 1:
        width += 1
        total += values // 2 * count.adder(width)
        values -= values // 2
    scaled = (len(plan.shifts) - 1) * width
    return total + scaled + count.adder(plan.sum_width) + plan.sum_width


def _collector(plan: SharedPlan, count: Counting) -> int:
    """Return serialiser, bias, alignment, rounding, tables and pooling.

    All but the serialiser are there for each value that leaves in a cycle.
    """
    sums, value, rows, drain = plan.sum_width, plan.value_width, plan.array.rows, plan.array.drain
    posts = [step.post for step in plan.steps if not step.exact]
    shifts, outs = {(post.shift, post.even) for post in posts}, {post.out for post in posts}
    each = count.adder(sums) + count.adder(value) + 3 * value
    if posts:
        each += count.adder(sums + 1) + int(_SHIFT_LUT4 * (len(shifts) - 1) * (sums + 1))
        each += (len(outs) - 1) * value
    if plan.tables:
        each += 5 * value + 2
    # Sums move on by as many as leave; logits, and where one leaves, by one.
    moved = (rows - 1) * bool(plan.has_logits or drain == 1) + (rows - drain) * (drain > 1)
    align = plan.bias_width - drain * sums
    choices = moved * sums + align * plan.logit_bits
    return drain * each + choices + _COLLECTED_LUT4 * len(plan.steps) + 5


def _products(plan: SharedPlan, count: Counting) -> int:
    """Return the multipliers of values by values, and rounding behind each."""
    value = plan.rounded_width
    logic = plan.array.drain - plan.products_dsp
    pairs = [step.post.pairs for step in plan.steps if step.post.pairs is not None]
    shifts, outs = {each.shift for each in pairs}, {each.out for each in pairs}
    each = count.adder(2 * value + 1) + int(_SHIFT_LUT4 * (len(shifts) - 1) * 2 * value)
    # What is not multiplied is chosen in place of a product.
    each += (len(outs) + 3) * value
    return logic * count.product(value, value) + plan.array.drain * each


def _squares(plan: SharedPlan, count: Counting, drop: int) -> int:
    """Return the tree of squares, their sum, and its comparison with the threshold."""
    drain, square, bits = plan.array.drain, 2 * plan.value_width, plan.logit_bits
    logic = (drain - plan.squares_dsp) * count.product(plan.value_width, plan.value_width)
    return logic + (drain - 1) * count.adder(square) + 2 * count.adder(bits + drop) + bits


def _sequencer(plan: SharedPlan) -> int:
    """Return counters and address arithmetic."""
    steps = plan.steps
    weights = plan.weight_depth.bit_length()
    words = max(read.source.last_word for step in steps for read in step.reads).bit_length()
    most = max(step.steps for step in steps).bit_length()
    looped = sum(steps[task.step].loop is not None for task in plan.tasks)
    known = _LED_LUT4 * (len(steps) - 1)
    known += _READ_LUT4 * (max(len(step.reads) for step in steps) - 1)
    if any(step.hop != step.pool for step in steps):
        known += _JUMP_LUT4 * len(steps)
    return _TURN_LUT4 * looped + known + 4 * weights + 5 * words + 3 * most + 40
