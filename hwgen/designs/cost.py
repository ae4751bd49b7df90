"""What a design costs in cells, from its integer network alone: in a millisecond, not a minute.

Multipliers and block RAMs are exact: they are counted by the rules that the hardware is made by.
LUT4 are an estimate by component, within some 10 % of what Yosys makes of the core
(``benchmarks/estimate.py`` measures it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwgen.designs import area_dft, area_engine, area_front, area_link, area_unrolled
from hwgen.hardware.primitives.memory import blocks
from hwgen.plans.core import CorePlan
from hwgen.plans.shared import SharedPlan, align_width
from hwgen.plans.sources.dft import DftPlan
from hwgen.plans.sources.spectrum import SpectrumPlan, chain
from hwgen.plans.unrolled.layers import UnrolledLayersPlan
from hwgen.quantized import QuantizedModel
from hwgen.quantized.ops.spectrum import QuantizedSpectrum

_ACCOUNT_LUT4 = 280
"""Windows in flight and their time, and the feature memory's addresses."""

_UNROLLED_ACCOUNT_LUT4 = 110
"""One window in flight and its time."""


@dataclass(frozen=True)
class Cost:
    """Cells of an accelerator.

    Parameters
    ----------
    lut4
        Look-up tables, two per carry cell: an estimate.
    dsp, ebr
        MULT18X18D and DP16KD: exact.
    """

    lut4: int
    dsp: int
    ebr: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.lut4 + other.lut4, self.dsp + other.dsp, self.ebr + other.ebr)

    def lut4_equivalents(self, available: Any) -> float:
        """Return the cost as one number, in LUT4.

        A DSP cell weighs as many LUT4 as the chip has for each of its DSP cells, a block RAM as
        many as it has for each of its block RAMs: the three kinds of cells of a chip are worth the
        same as a whole, and what is scarce is dear. (LFE5U-25F: 867 LUT4 a DSP cell, 434 a block
        RAM.)

        Parameters
        ----------
        available
            The chip's cells, with fields ``lut4``, ``dsp``, ``ebr``.
        """
        return (
            self.lut4
            + self.dsp * available.lut4 / available.dsp
            + self.ebr * available.lut4 / available.ebr
        )


def cost(plan: CorePlan) -> Cost:
    """Return the cells of the accelerator that is made of a plan."""
    front, layers = plan.front, plan.layers
    if isinstance(front, DftPlan):
        lut4 = area_dft.lut4(front.op, front.bins, front.words, overlapping=front.overlapping)
        ebr = area_dft.ebr(front.op, front.bins, front.words, overlapping=front.overlapping)
    else:
        assert isinstance(front, SpectrumPlan)
        lut4 = area_front.lut4(front.op, front.layout, front.value_width)
        ebr = _front_ebr(front.op)
    if isinstance(layers, SharedPlan):
        behind = Cost(
            _ACCOUNT_LUT4 + area_engine.lut4(layers), layers.multipliers_dsp, _engine_ebr(layers)
        )
    else:
        assert isinstance(layers, UnrolledLayersPlan)
        behind = Cost(
            _UNROLLED_ACCOUNT_LUT4 + area_unrolled.lut4(layers),
            layers.dense.multipliers_dsp,
            area_unrolled.ebr(layers),
        )
    return Cost(lut4, front.dsp, ebr) + behind


def linked(model: QuantizedModel) -> Cost:
    """Return the cells of the board top beside the core; without those of a sensor."""
    return Cost(area_link.lut4(model), 0, area_link.ebr(model))


def _front_ebr(op: QuantizedSpectrum) -> int:
    """Return the block RAMs of delay lines, twiddle tables, untangling and its two transforms."""
    total = 0
    for stage, width, grown in chain(op.stages, op.sample.width):
        if stage.span > 1:
            total += blocks(2 * max(width, grown), stage.span)
        if stage.twiddles is not None:
            total += blocks(2 * stage.twiddles.width, len(stage.twiddles.re), rom=True)
    transforms = blocks(2 * op.stages[-1].width, 2 * op.points)
    return total + transforms + blocks(2 * op.untangle.width, len(op.untangle.re), rom=True)


def _engine_ebr(plan: SharedPlan) -> int:
    """Return the block RAMs of features, weights, biases and values between layers."""
    array, sweeps = plan.array, plan.sweeps
    word = array.lanes * plan.value_width
    address = max(1, plan.source.last_word.bit_length())
    total = blocks(word, 2 << address)
    weights = sum(sweep.weight_depth for sweep in sweeps)
    total += blocks(array.size * plan.weight_width, weights, rom=True)
    biases = sum(sweep.groups * array.rows for sweep in sweeps)
    total += blocks(plan.sum_width + align_width(sweeps), biases, rom=True)
    if len(sweeps) > 1:
        total += blocks(word, plan.regions[-1])
    return total
