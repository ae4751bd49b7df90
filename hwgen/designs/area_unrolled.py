"""LUT4 of unrolled layers (`hwgen.designs.area_front` says how it is counted)."""

from __future__ import annotations

from hwgen.designs.area_engine import multiplier
from hwgen.designs.area_front import adder
from hwgen.hardware.primitives.memory import blocks
from hwgen.plans.unrolled.argmax_tree import choices, comparisons
from hwgen.plans.unrolled.conv import UnrolledConvPlan
from hwgen.plans.unrolled.dense import UnrolledDensePlan
from hwgen.plans.unrolled.layers import UnrolledLayersPlan

_CONTROL_LUT4 = 90
"""Counters of words, groups and weights."""


def lut4(plan: UnrolledLayersPlan) -> int:
    """Return the LUT4 of convolution, pooling, dense layer and arg-max."""
    return _CONTROL_LUT4 + _conv(plan.conv) + _dense(plan.dense)


def _conv(plan: UnrolledConvPlan) -> int:
    """Return the constant matrix, the sums of positions on their way, rounding and pooling."""
    sums = 0
    for r in range(plan.steps):
        for filter_ in range(plan.filters):
            for word in range(plan.starts[r], plan.ends[r] + 1):
                if plan.column(r, word, filter_) is not None:
                    sums += adder(plan.partial(r, word, filter_).width)
    out = plan.op.out.width
    rounding = plan.steps * plan.filters * (out + 6)
    comparisons = (plan.steps - plan.pooled) * plan.filters if plan.interval == 1 else plan.group
    return plan.graph.lut4 + sums + rounding + comparisons * (adder(out) + out)


def _dense(plan: UnrolledDensePlan) -> int:
    """Return products, their sums, and the comparison of logits."""
    op, classes, values = plan.op, plan.classes, plan.values_at_once
    width = plan.factor_width
    logic = plan.multipliers - plan.multipliers_dsp
    product = width + op.weight_bits
    sums = sum(
        (values >> level + 1) * adder(product + level + 1) for level in range(values.bit_length())
    )
    total = sum(adder(each) for each in plan.total_widths)
    rank = comparisons(classes) * adder(op.out.width + 1) + 8 * classes
    rank += choices(classes) * 3 * op.out.width
    choice = plan.group * op.source.width if plan.beats > 1 else 0
    return logic * multiplier(width, op.weight_bits) + classes * sums + total + rank + choice


def ebr(plan: UnrolledLayersPlan) -> int:
    """Return the block RAMs of the dense layer's weights, and of groups that wait for it."""
    dense = plan.dense
    weights = blocks(dense.multipliers * dense.op.weight_bits, dense.words, rom=True)
    waiting = blocks(dense.group * dense.op.source.width, dense.groups) if dense.queued else 0
    return weights + waiting
