"""The count of what switches, on designs that are counted by hand: real Yosys and Verilator."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import share, targets, tools
from hwgen.boards import find_board
from hwgen.hardware.accelerator.generator import generate
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.synth import netlist, nets
from hwgen.synth.activity import activity
from hwgen.synth.netlist import NETS, SIMULATED
from hwgen.synth.switched import switched
from hwgen.verify import saif
from tests.synth.test_check import small_model

pytestmark = pytest.mark.slow

BITS, CYCLES = 6, 4096
COUNTER = f"""
module counter (input clk, output reg [{BITS - 1}:0] count);
    initial count = 0;
    always @(posedge clk) count <= count + 1;
endmodule
"""
BENCH = f"""
`timescale 1ns/1ns
module bench;
    reg clk = 0;
    always #5 clk = ~clk;
    wire [{BITS - 1}:0] count;
    counter core (.clk(clk), .count(count));
    initial begin
        $dumpfile("activity.saif");
        $dumpvars;
        #{CYCLES * 10} $finish;
    end
endmodule
"""


def counted(folder, family):
    """Return what switched in a counter of that family's cells, and its nets."""
    (folder / "counter.v").write_text(COUNTER)
    (folder / "bench.v").write_text(BENCH)
    models = share.folder("sim") / family.toolchain.models
    netlist(folder / "counter.v", folder, family.toolchain, top="counter", models=models)
    make = "CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-fcoroutines OPT_FAST=-O0"
    arguments = ["--binary", "--timing", "--trace-saif", "-Wno-fatal", "-MAKEFLAGS", make]
    command = [*tools.find("verilator"), *arguments, "--top-module", "bench", "-Mdir", "made"]
    sources = ["bench.v", SIMULATED, str(models)]
    tools.run([*command, *sources], folder, folder / "verilator.log", what="verilator")
    tools.run([str(folder / "made" / "Vbench")], folder, folder / "run.log", what="counter")
    known = nets.read(folder / NETS, "counter", family.toolchain, family.power.wiring)
    return saif.read(folder / "activity.saif").at("bench", "core"), known


@pytest.mark.parametrize("name", ["ecp5", "ice40"])
def test_a_counter_s_bit_changes_half_as_often_as_the_one_below(tmp_path, name):
    core, known = counted(tmp_path, targets.find(name))
    for bit in range(BITS):
        assert core.bits[f"count[{bit}]"].changes == CYCLES >> bit
    found = activity(core, known)
    assert found.cycles == CYCLES
    # A bit and what is to become of it change together; carries change as well.
    changes = sum(CYCLES >> bit for bit in range(BITS))
    assert 2 * changes * 0.95 <= found.logic <= 3 * changes
    # Every bit goes to a table or carry and to its pin, and back to nothing else.
    assert changes * 0.5 <= found.routing <= 3 * changes
    assert found.accesses == {}


def test_louder_windows_switch_more(tmp_path):
    """Beside what there is at rest: counters go on, and memories are read."""
    model, windows = small_model(seed=0, window=256, transform="dft")
    board = find_board("icebreaker")

    timing = plan(model, Design(Array(2, 1), 1)).timing

    def run(given, folder):
        core = generate(plan(model, Design(Array(2, 1), 1)))
        figures = board.target.power
        return switched(core, board, figures, model, given, timing, tmp_path / folder)

    silent, loud = run(np.zeros_like(windows[:1]), "silent"), run(windows[:1], "loud")
    assert silent.windows == loud.windows == 2  # alone, and back to back
    assert loud.window.logic > 1.1 * silent.window.logic
    assert loud.window.routing > 1.1 * silent.window.routing
    assert loud.window.accesses["dsp"] > silent.window.accesses["dsp"]
    assert loud.rest.cycles == 1
    assert loud.rest.logic > 0
    assert loud.core["ff"] > 0
