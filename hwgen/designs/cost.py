"""What a design costs in cells, from its integer network alone: in a millisecond, not a minute.

Multipliers and block RAMs are exact: they are counted by the rules that the hardware is made by.
LUT4 are an estimate by component, within some 10 % of what Yosys makes of the core
(``benchmarks/estimate.py`` measures it).
"""

from __future__ import annotations

from hwgen.designs import area_dft, area_engine, area_front, area_link, area_unrolled
from hwgen.hardware.accelerator import generator
from hwgen.hardware.shared.collector import align_width
from hwgen.hardware.shared.engine import regions, sum_width, weight_width
from hwgen.hardware.sources.fft.fft import chain
from hwgen.plans.design import Design
from hwgen.plans.layout import Layout
from hwgen.plans.sweep import Sweep
from hwgen.quantized import QuantizedModel
from hwgen.quantized.ops.dft import QuantizedDft
from hwgen.quantized.ops.spectrum import QuantizedSpectrum
from hwgen.targets import Cells, Target

_ACCOUNT_LUT4 = 280
"""Windows in flight and their time, and the feature memory's addresses."""

_UNROLLED_ACCOUNT_LUT4 = 110
"""One window in flight and its time."""


def cost(model: QuantizedModel, design: Design, target: Target) -> Cells:
    """Return the cells of the accelerator core that `hwgen.hardware.accelerator.generator` makes.

    Parameters
    ----------
    model
        The quantized network.
    design
        The design point.
    target
        What it is made for.

    Returns
    -------
    ``lut4``, two per carry cell, an estimate; ``dsp`` and ``ebr``, exact.
    """
    array = design.array
    if array is None:
        layout = Layout(design.lanes, 0, model.input_samples // 2)
        return _front(model, design, layout, target) + _unrolled(model, design, target)
    sweeps = generator.sweeps(model, array)
    front = _front(model, design, sweeps[0].source, target)
    return front + _engine(model, design, sweeps, target)


def linked(model: QuantizedModel, target: Target) -> Cells:
    """Return the cells of the board top beside the core; without those of a sensor."""
    return _cells(area_link.lut4(model), 0, area_link.ebr(model, target))


def _cells(lut4: int, dsp: int, ebr: int) -> Cells:
    return Cells({"lut4": lut4, "dsp": dsp, "ebr": ebr})


def _front(model: QuantizedModel, design: Design, layout: Layout, target: Target) -> Cells:
    """Return the cells from samples to features."""
    op = generator.front_end(model)
    dsp = generator.front_end_dsp(model, design.bins)
    if not isinstance(op, QuantizedDft):
        lut4 = area_front.lut4(op, layout, generator.value_width(model.ops))
        return _cells(lut4, dsp, _front_ebr(op, target))
    words = layout.last_word - layout.first_word + 1
    overlapping = design.hop not in (None, op.window)
    return _cells(
        area_dft.lut4(op, design.bins, words, overlapping=overlapping),
        dsp,
        area_dft.ebr(op, design.bins, words, target, overlapping=overlapping),
    )


def _engine(
    model: QuantizedModel, design: Design, sweeps: tuple[Sweep, ...], target: Target
) -> Cells:
    """Return the cells of the time-shared layers."""
    value = generator.value_width(model.ops)
    return _cells(
        _ACCOUNT_LUT4 + area_engine.lut4(sweeps, value, model.logit_width, design.dsp, target),
        min(design.dsp, sweeps[0].array.size),
        _engine_ebr(sweeps, value, target),
    )


def _unrolled(model: QuantizedModel, design: Design, target: Target) -> Cells:
    """Return the cells of the unrolled layers."""
    layers = model.ops[1:]
    lanes, values, dsp = design.lanes, design.values, design.dsp
    return _cells(
        _UNROLLED_ACCOUNT_LUT4 + area_unrolled.lut4(layers, lanes, values, dsp, target),
        area_unrolled.dsp_cells(layers, values, dsp),
        area_unrolled.ebr(layers, lanes, values, target),
    )


def _front_ebr(op: QuantizedSpectrum, target: Target) -> int:
    """Return the block RAMs of delay lines, twiddle tables, untangling and its two transforms."""
    total = 0
    for stage, width, grown in chain(op.stages, op.sample.width):
        if stage.span > 1:
            total += _ebr(target, 2 * max(width, grown), stage.span)
        if stage.twiddles is not None:
            total += _ebr(target, 2 * stage.twiddles.width, len(stage.twiddles.re), rom=True)
    transforms = _ebr(target, 2 * op.stages[-1].width, 2 * op.points)
    return total + transforms + _ebr(target, 2 * op.untangle.width, len(op.untangle.re), rom=True)


def _ebr(target: Target, width: int, depth: int, *, rom: bool = False) -> int:
    return target.memory(width, depth, rom=rom)["ebr"]


def _engine_ebr(sweeps: tuple[Sweep, ...], value_width: int, target: Target) -> int:
    """Return the block RAMs of features, weights, biases and values between layers."""
    array = sweeps[0].array
    word = array.lanes * value_width
    address = max(1, sweeps[0].source.last_word.bit_length())
    total = _ebr(target, word, 2 << address)
    weights = sum(sweep.weight_depth for sweep in sweeps)
    total += _ebr(target, array.size * weight_width(sweeps), weights, rom=True)
    biases = sum(sweep.groups * array.rows for sweep in sweeps)
    total += _ebr(target, sum_width(sweeps) + align_width(sweeps), biases, rom=True)
    if len(sweeps) > 1:
        total += _ebr(target, word, regions(tuple(sweep.source for sweep in sweeps[1:]))[-1])
    return total
