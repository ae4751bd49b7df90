"""LUT4 of unrolled layers (`hwgen.designs.area_front` says how it is counted)."""

from __future__ import annotations

from hwgen.designs.area_front import adder
from hwgen.fixedpoint import signed_width
from hwgen.hardware.accelerator.unrolled import parts, planned
from hwgen.hardware.heads.argmax_tree import choices, comparisons
from hwgen.plans.constants.adder_graph import Span, row_span
from hwgen.plans.unrolled import UnrolledPlan
from hwgen.quantized import QuantizedOp
from hwgen.quantized.ops.dense import QuantizedDense
from hwgen.targets import Target

_CONTROL_LUT4 = 90
"""Counters of words, groups and weights."""


def lut4(ops: tuple[QuantizedOp, ...], lanes: int, values: int, dsp: int, target: Target) -> int:
    """Return the LUT4 of convolution, pooling, dense layer and arg-max.

    Parameters
    ----------
    ops
        The layers behind the spectrum.
    lanes, values, dsp
        As in `hwgen.plans.design.Design`.
    """
    plan = planned(ops, lanes)
    _, _, last = parts(ops)
    return _CONTROL_LUT4 + _conv(plan) + _dense(last, plan, values, dsp, target)


def _conv(plan: UnrolledPlan) -> int:
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


def _dense(op: QuantizedDense, plan: UnrolledPlan, values: int, dsp: int, target: Target) -> int:
    """Return products, their sums, and the comparison of logits."""
    classes = len(op.weight)
    width = op.source.width + (not op.source.signed)
    logic = max(0, values * classes - dsp)
    product = width + op.weight_bits
    sums = sum(
        (values >> level + 1) * adder(product + level + 1) for level in range(values.bit_length())
    )
    total = sum(adder(_sum_width(op, row)) for row in range(classes))
    rank = comparisons(classes) * adder(op.out.width + 1) + 8 * classes
    rank += choices(classes) * 3 * op.out.width
    beats = plan.group // values
    choice = plan.group * op.source.width if beats > 1 else 0
    products = logic * target.multiplier(width, op.weight_bits, logic=True)["lut4"]
    return products + classes * sums + total + rank + choice


def _sum_width(op: QuantizedDense, row: int) -> int:
    span = row_span(op.weight[row], Span(op.source.min, op.source.max), free=True)
    bias = int(op.bias[row])
    return signed_width(span.low + bias, span.high + bias)


def ebr(ops: tuple[QuantizedOp, ...], lanes: int, values: int, target: Target) -> int:
    """Return the block RAMs of the dense layer's weights, and of groups that wait for it."""
    plan = planned(ops, lanes)
    _, _, last = parts(ops)
    beats = plan.group // values
    width = values * len(last.weight) * last.weight_bits
    total = target.memory(width, len(plan.order) // values, rom=True)["ebr"]
    if beats > plan.interval:
        total += target.memory(plan.group * last.source.width, plan.groups)["ebr"]
    return total


def dsp_cells(ops: tuple[QuantizedOp, ...], values: int, dsp: int) -> int:
    """Return the DSP cells of the dense layer's products."""
    _, _, last = parts(ops)
    return min(dsp, values * len(last.weight))
