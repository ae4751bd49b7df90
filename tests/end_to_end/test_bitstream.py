"""A small network all the way to a bitstream, by the command line."""

from __future__ import annotations

import pytest

from hwgen import report
from hwgen.cli.main import run


@pytest.mark.slow
def test_place_and_route_of_a_small_network(write_state, warm, tmp_path, capsys):
    path = write_state(tmp_path / "ckpt.pt", filters=1, kernel=8, window=64, classes=2)
    folder = tmp_path / "build"
    warm(folder / "sim")
    warm(folder / "netlist" / "sim")
    arguments = ["build", str(path), "-o", str(folder), "--board", "ulx3s-12f", "--clock-mhz", "50",
                 "--seeds", "1", "--parallel", "1", "--dsp", "10"]  # fmt: skip
    assert run(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "verified bit-exact, timing met" in out
    assert (folder / "synth" / "top.bit").stat().st_size > 50_000
    made = report.read(folder)
    assert made["timing"]["met"]
    assert made["timing"]["target_mhz"] == 50
    assert made["latency"]["clock_mhz"] == 50
    assert made["resources"]["available"]["ebr"] == 32
    assert 0 < made["resources"]["dsp"] <= 10
    expected = made["estimate"]["board"]
    assert {kind: made["resources"][kind] for kind in ("dsp", "ebr")} == {
        kind: expected[kind] for kind in ("dsp", "ebr")
    }
    assert expected["lut4"] == pytest.approx(made["resources"]["lut4"], rel=0.2)
    assert set(made["seconds"]) == {"quantize", "generate", "verify", "netlist", "synth"}
    assert made["netlist"]["mismatches"] == 0
    assert made["netlist"]["windows"] >= 16
    assert 0 < made["netlist"]["core"]["lut4"] < made["resources"]["lut4"]
    assert set(made["tools"]) >= {"verilator", "yosys", "nextpnr-ecp5", "ecppack"}

    assert run(arguments) == 0
    again = capsys.readouterr().out
    for stage in ("quantize", "generate", "verify", "netlist", "synth"):
        assert f"{stage}: unchanged, not run again" in again
