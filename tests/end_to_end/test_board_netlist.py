"""The board top after Yosys, its PLL and pads apart: windows through its serial line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from amaranth.back import rtlil

from hwgen import golden, share
from hwgen.boards import find_board
from hwgen.gateware.top import LinkedCore
from hwgen.hardware.accelerator.generator import generate
from hwgen.link import Board, SerialPort
from hwgen.link.virtual import MODULE, Compiled, compile_board, divisor_for
from hwgen.link.virtual_top import VirtualTop
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.quantized import Precision
from hwgen.synth import netlist
from hwgen.synth.cells import cell_counts
from hwgen.synth.netlist import SIMULATED, STATISTICS
from hwgen.verify import corner_windows

pytestmark = pytest.mark.slow

_CLOCK_MHZ = 50.0
DESIGNS: dict[str, Any] = {
    "throughput": SimpleNamespace(bits=Precision(), dsp=3, array=4),
    "latency": SimpleNamespace(
        bits=Precision(transform="dft", twiddle=12), design=Design(None, 3, lanes=4, values=3)
    ),
}


def design_of(model, point) -> Design:
    if "design" in vars(point):
        return point.design
    return Design(arrays.best_array(model, point.array), point.dsp)


@pytest.mark.parametrize("point", DESIGNS)
def test_windows_through_the_netlist_of_the_board_top(make_example, tmp_path, point):
    example = make_example(5, bits=DESIGNS[point].bits, window=64, windows=6)
    model = example.model
    core = generate(plan(model, design_of(model, DESIGNS[point])))
    divisor = divisor_for(core.plan.timing.pause)
    timeout = 64 * 10 * divisor
    linked = LinkedCore(
        core,
        clock_mhz=_CLOCK_MHZ,
        baud=round(_CLOCK_MHZ * 1e6 / divisor),
        digest=model.digest,
        frame_timeout_s=timeout / (_CLOCK_MHZ * 1e6),
    )
    source = tmp_path / f"{MODULE}.il"
    board = find_board("ulx3s-25f")
    platform: Any = board.platform()
    toolchain = board.target.toolchain
    text = rtlil.convert(VirtualTop(linked), name=MODULE, platform=platform, emit_src=False)
    source.write_text(text)
    models = share.folder("sim") / toolchain.models
    netlist(source, tmp_path / "netlist", toolchain, top=MODULE, models=models)
    cells = cell_counts(tmp_path / "netlist" / STATISTICS, toolchain)
    assert (
        min(cells["lut4"], cells["ff"], cells["dsp"], cells["ebr"]) > 0
    )  # the cells are the chip's

    whole = tmp_path / f"{MODULE}.v"
    whole.write_text((tmp_path / "netlist" / SIMULATED).read_text() + models.read_text())
    program = compile_board(whole, tmp_path, optimise=False)
    windows = np.concatenate([example.samples, corner_windows(64, model.bits.adc)])
    logits = golden.run(model, windows)
    with Compiled(program, divisor, timeout).start() as virtual:
        with SerialPort(virtual.port, 1_000_000) as port:
            board = Board(port, timeout_s=60.0)
            assert board.hello().digest == bytes.fromhex(model.digest)[:8]
            answers = list(board.classify(windows.tolist()))
    assert [list(answer.result.logits) for answer in answers] == logits.tolist()
    assert [answer.result.class_ for answer in answers] == golden.classify(logits).tolist()
    assert {answer.result.cycles for answer in answers} == {core.plan.timing.latency}
