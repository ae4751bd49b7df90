"""What a design costs in cells, from its integer network alone: in a millisecond, not a minute.

Multipliers and block RAMs are exact: they are counted by the rules that the hardware is made by.
LUT4 are an estimate by component, within some 10 % of what Yosys makes of the core
(``benchmarks/estimate.py`` measures it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwgen.designs import area_dft, area_engine, area_front, area_link, area_unrolled
from hwgen.hardware.accelerator import generator
from hwgen.hardware.primitives.memory import blocks
from hwgen.hardware.shared.collector import align_width
from hwgen.hardware.shared.engine import regions, sum_width, weight_width
from hwgen.hardware.sources.fft.fft import chain
from hwgen.plans.design import Design
from hwgen.plans.layout import Layout
from hwgen.plans.sweep import Sweep
from hwgen.quantized import QuantizedModel
from hwgen.quantized.ops.dft import QuantizedDft
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


def cost(model: QuantizedModel, design: Design) -> Cost:
    """Return the cells of the accelerator core that `hwgen.hardware.accelerator.generator` makes.

    Parameters
    ----------
    model
        The quantized network.
    design
        The design point.
    """
    array = design.array
    if array is None:
        return _front(model, design, Layout(design.lanes, 0, model.input_samples // 2)) + _unrolled(
            model, design
        )
    sweeps = generator.sweeps(model, array)
    return _front(model, design, sweeps[0].source) + _engine(model, design, sweeps)


def linked(model: QuantizedModel) -> Cost:
    """Return the cells of the board top beside the core; without those of a sensor."""
    return Cost(area_link.lut4(model), 0, area_link.ebr(model))


def _front(model: QuantizedModel, design: Design, layout: Layout) -> Cost:
    """Return the cells from samples to features."""
    op = generator.front_end(model)
    dsp = generator.front_end_dsp(model, design.bins)
    if not isinstance(op, QuantizedDft):
        lut4 = area_front.lut4(op, layout, generator.value_width(model.ops))
        return Cost(lut4, dsp, _front_ebr(op))
    words = layout.last_word - layout.first_word + 1
    overlapping = design.hop not in (None, op.window)
    return Cost(
        area_dft.lut4(op, design.bins, words, overlapping=overlapping),
        dsp,
        area_dft.ebr(op, design.bins, words, overlapping=overlapping),
    )


def _engine(model: QuantizedModel, design: Design, sweeps: tuple[Sweep, ...]) -> Cost:
    """Return the cells of the time-shared layers."""
    value = generator.value_width(model.ops)
    return Cost(
        _ACCOUNT_LUT4 + area_engine.lut4(sweeps, value, model.logit_width, design.dsp),
        min(design.dsp, sweeps[0].array.size),
        _engine_ebr(sweeps, value),
    )


def _unrolled(model: QuantizedModel, design: Design) -> Cost:
    """Return the cells of the unrolled layers."""
    layers = model.ops[1:]
    lanes, values, dsp = design.lanes, design.values, design.dsp
    return Cost(
        _UNROLLED_ACCOUNT_LUT4 + area_unrolled.lut4(layers, lanes, values, dsp),
        area_unrolled.dsp_cells(layers, values, dsp),
        area_unrolled.ebr(layers, lanes, values),
    )


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


def _engine_ebr(sweeps: tuple[Sweep, ...], value_width: int) -> int:
    """Return the block RAMs of features, weights, biases and values between layers."""
    array = sweeps[0].array
    word = array.lanes * value_width
    address = max(1, sweeps[0].source.last_word.bit_length())
    total = blocks(word, 2 << address)
    weights = sum(sweep.weight_depth for sweep in sweeps)
    total += blocks(array.size * weight_width(sweeps), weights, rom=True)
    biases = sum(sweep.groups * array.rows for sweep in sweeps)
    total += blocks(sum_width(sweeps) + align_width(sweeps), biases, rom=True)
    if len(sweeps) > 1:
        total += blocks(word, regions(tuple(sweep.source for sweep in sweeps[1:]))[-1])
    return total
