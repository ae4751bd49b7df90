"""Gains of a window's bins, as a plan, and its cells beside the hardware's."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.back import rtlil

from hwgen import files
from hwgen.boards import find_board
from hwgen.errors import CannotMeetError
from hwgen.hardware.sources.ops.spectralgain import SpectralGain as Part
from hwgen.network.ops.spectralgain import SpectralGain
from hwgen.plans import depths
from hwgen.plans.layout import Layout
from hwgen.plans.sources.spectralgain import SpectralGainPlan, gain_cycles
from hwgen.quantized import Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops.spectralgain import QuantizedSpectralGain
from hwgen.quantized.samples import sampled
from hwgen.synth import cell_counts, netlist
from hwgen.synth.netlist import STATISTICS

BOARD = find_board("ulx3s-25f")


def quantized(window: int, **bits) -> QuantizedSpectralGain:
    real, imag = np.random.default_rng(window).normal(size=(2, window // 2 + 1))
    imag[[0, -1]] = 0.0
    widths = Precision(**bits)
    source = sampled((window,), widths, 1.0)
    return integer_op(SpectralGain("gain", real, imag), (source,), widths, Chosen(12))


def planned(op: QuantizedSpectralGain, lanes: int = 4) -> SpectralGainPlan:
    return SpectralGainPlan.of(op, Layout(lanes, 0, op.window), op.out.width + 1, None)


def rtlil_of(plan: SpectralGainPlan) -> str:
    return rtlil.convert(Part(plan), name="top", platform=BOARD.platform(), emit_src=False)


def test_numbers():
    plan = planned(quantized(2048))
    timing = plan.timing
    assert (plan.elements, plan.values, plan.hop, plan.dsp) == (2048, 2048, 2048, 4)
    assert (timing.pause, timing.lead, timing.closed, timing.in_flight) == (1, 2048, 1, 4)
    assert [name for name, _ in timing.breakdown] == [
        "transform", "gains", "transform back", "filtered samples",
    ]  # fmt: skip
    # A stage is a read of each value; the four products of a pair take eight cycles.
    assert gain_cycles(1024) == 8 * 513
    assert timing.interval == 21 * (1024 + depths.GAIN_DRAIN) + 4104 + depths.GAIN_DRAIN + 2048 + 2
    assert timing.latency == timing.interval + 6
    assert (plan.streams, plan.accumulates, plan.adc_bits) == (False, False, 16)
    assert plan.spaced(1000) is plan
    # A sensor of 25.6 kHz at 100 MHz gives a window in 8 million cycles.
    assert timing.interval < 2048 * 100e6 / 25.6e3 / 250


@pytest.mark.parametrize("hop", [1, 15, 17, 64])
def test_windows_do_not_overlap(hop):
    with pytest.raises(CannotMeetError, match=r"^hop must be 16.* bins have gains, not"):
        SpectralGainPlan.of(quantized(16), Layout(4, 0, 16), 9, hop)


@pytest.mark.parametrize(
    ("window", "bits"),
    [(16, {}), (64, {"data": 12, "adc": 8, "twiddle": 9}), (512, {"adc": 12}), (2048, {}),
     (4096, {"data": 16})],
)  # fmt: skip
def test_dsp_cells_and_block_rams_are_exact(window, bits):
    plan = planned(quantized(window, **bits))
    text, cells = rtlil_of(plan), plan.cells(BOARD.target)
    assert cells["dsp"] == text.count("cell \\MULT18X18D") == 4
    assert cells["ebr"] == text.count("cell \\DP16KD")
    if window == 2048:
        assert cells["ebr"] == 10  # window 2, values 3, twiddles 1, gains 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("window", "bits"),
    [(16, {}), (2048, {}), (256, {"data": 12, "adc": 8, "twiddle": 9, "feature": 4})],
)
def test_look_up_tables_are_near_yosys_s(tmp_path, window, bits):
    plan = planned(quantized(window, **bits))
    source = tmp_path / "top.il"
    files.write_text(source, rtlil_of(plan))
    netlist(source, tmp_path, BOARD.target.toolchain, top="top")
    made = cell_counts(tmp_path / STATISTICS, BOARD.target.toolchain)
    assert plan.cells(BOARD.target)["lut4"] == pytest.approx(made["lut4"], rel=0.1)
