"""Yosys, nextpnr and ecppack on a small board top."""

from __future__ import annotations

import dataclasses
import json

import pytest

from hwgen import tools
from hwgen.boards import find_board
from hwgen.gateware.top import BoardTop
from hwgen.plans.counting import Counting
from hwgen.synth import BITSTREAM, cell_counts, netlist, synthesise, yosys
from hwgen.targets import Turns, find
from tests.gateware.stand_in import SumCore

TOOLCHAIN = find("ecp5").toolchain


@pytest.mark.slow
def test_board_top_becomes_a_bitstream(tmp_path):
    board = find_board("ulx3s-25f")
    top = BoardTop(SumCore(), board, 50.0)
    told = []
    result = synthesise(board, top, tmp_path, clock_mhz=top.clock_mhz, progress=told.append)

    assert told[0].startswith("synthesis")
    assert told[-1].startswith("bitstream")
    assert result.bitstream == tmp_path / BITSTREAM
    assert result.bitstream.stat().st_size > 10_000
    report = json.loads((tmp_path / "report.seed1.json").read_text())
    (clock,) = report["fmax"].values()
    assert result.fmax_mhz == clock["achieved"]
    assert clock["constraint"] == pytest.approx(50.0, rel=1e-3)

    cells = result.cells
    assert all(cells[kind] > 0 for kind in ("lut4", "comb", "ff", "dsp"))
    assert cells["dsp"] == 1
    assert cells["ebr"] == 1  # the link keeps a window to replay it
    assert result.available.to_json() == {"lut4": 24288, "ff": 24288, "dsp": 28, "ebr": 56}
    assert (result.target_mhz, result.met, result.seed) == (50.0, True, 1)
    assert set(result.tools) == {"amaranth", "yosys", "nextpnr-ecp5", "ecppack"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "quick"), [("icebreaker", False), ("tang-nano-9k", True), ("certus-nx-versa", False)]
)
def test_board_tops_of_other_families_become_bitstreams(tmp_path, name, quick):
    board = find_board(name)
    mhz = board.target.usual_clock
    top = BoardTop(SumCore(), board, mhz, baud=board.target.usual_baud)
    result = synthesise(board, top, tmp_path, clock_mhz=top.clock_mhz, quick=quick)
    assert result.met
    assert result.bitstream.stat().st_size > 10_000
    assert set(result.cells) == {*board.target.kinds, "comb"}
    assert min(result.cells[kind] for kind in ("lut4", "comb", "ff")) > 0
    # The link keeps a window to replay it.
    kept = Counting(board.target).turning(16, 8, Turns())
    assert result.cells["ebr"] == kept["ebr"] > 0
    assert set(result.tools) == {"amaranth", *(tool.name for tool in board.target.toolchain.tools)}


@pytest.mark.slow
def test_in_haste_every_way_makes_a_bitstream(tmp_path):
    """Alone, so that none is hidden behind another that was done before it."""
    board = find_board("ulx3s-12f")
    top = BoardTop(SumCore(), board, 50.0)
    told = []
    options = {"clock_mhz": top.clock_mhz, "quick": True, "progress": told.append}
    for number, way in enumerate(TOOLCHAIN.haste):
        alone = dataclasses.replace(TOOLCHAIN, haste=(way,))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(board.target), "toolchain", alone)
            made = synthesise(board, top, tmp_path / str(number), seeds=(5,), **options)
        assert (made.met, made.seed) == (True, 5)
        assert made.bitstream.stat().st_size > 10_000
    assert not [text for text in told if "again" in text]


@pytest.fixture
def silent(monkeypatch):
    """Let ABC9 end every design without a word."""

    def run(_, place, log, *, what, without, progress=lambda _: None):
        progress("again")
        tools.run(without(), place, log, what=what)
        assert "Executing ABC pass" in log.read_text()
        assert "Executing ABC9_EXE" not in log.read_text()
        return (yosys.NOTICE,)

    monkeypatch.setattr(yosys, "run", run)


@pytest.mark.slow
def test_a_board_top_without_abc9(tmp_path, silent):
    board = find_board("ulx3s-25f")
    top = BoardTop(SumCore(), board, 50.0)
    result = synthesise(board, top, tmp_path, clock_mhz=top.clock_mhz)
    assert result.notices == (yosys.NOTICE,)
    assert result.met
    assert (result.cells["dsp"], result.cells["ebr"]) == (1, 1)


@pytest.mark.slow
def test_a_core_without_abc9(tmp_path, silent):
    check_adder(tmp_path)


@pytest.mark.slow
def test_netlist_of_a_core(tmp_path):
    check_adder(tmp_path)


def check_adder(tmp_path):
    source = tmp_path / "adder.v"
    source.write_text(
        "module adder(input clk, input [7:0] a, input [7:0] b, output reg [8:0] sum);"
        " always @(posedge clk) sum <= a + b; endmodule"
    )
    made = netlist(source, tmp_path / "out", TOOLCHAIN)
    text = made.read_text()
    assert "module adder" in text
    assert "TRELLIS_IO" not in text  # a core by itself has no pads
    cells = cell_counts(tmp_path / "out" / "netlist_stat.json", TOOLCHAIN)
    assert cells["ff"] == 9
    assert cells["lut4"] >= 8
    assert (cells["dsp"], cells["ebr"]) == (0, 0)
