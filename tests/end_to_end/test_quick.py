"""A small network quickly to a bitstream with real tools, and the rest of it afterwards."""

from __future__ import annotations

import pytest

from hwgen import report
from hwgen.cli.main import run

TINY = {"filters": 1, "kernel": 8, "window": 64, "classes": 2}


@pytest.mark.slow
def test_a_quick_build_is_checked_and_told_and_a_full_one_does_the_rest(
    write_state, warm, tmp_path, capsys
):
    path, folder = write_state(tmp_path / "ckpt.pt", **TINY), tmp_path / "build"
    warm(folder / "sim")
    asked = ["build", str(path), "-o", str(folder), "--board", "ulx3s-12f", "--clock-mhz", "40",
             "--seeds", "1", "--parallel", "1", "--dsp", "10", "--no-netlist"]  # fmt: skip
    assert run([*asked, "--quick"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "verified bit-exact, timing met" in out
    assert out.count("a quick build. Left out: ") == 1
    bitstream = folder / "synth" / "top.bit"
    assert bitstream.stat().st_size > 50_000
    made = report.read(folder)
    assert made["timing"]["met"]
    assert made["verification"]["mismatches"] == 0
    assert made["verification"]["windows"] >= made["verification"]["corner_windows"] == 9
    assert len(made["quick"]["left_out"]) == 2
    assert set(made["seconds"]) == {"quantize", "generate", "verify", "synth"}

    assert run([*asked, "--quick"]) == 0
    assert capsys.readouterr().out.count("unchanged, not run again") == 4
    assert run(asked) == 0
    again = capsys.readouterr().out
    assert again.count("unchanged, not run again") == 3  # all but the bitstream
    full = report.read(folder)
    assert "quick" not in full
    assert full["verification"] == made["verification"]


@pytest.mark.slow
def test_a_slow_design_has_three_windows_and_the_generators_pace(write_state, warm, tmp_path):
    from hwgen.flow import check
    from hwgen.flow.build import build
    from hwgen.flow.hardware_options import HardwareOptions
    from hwgen.flow.left import left_by_quantize
    from hwgen.flow.options import Settings

    hardware = HardwareOptions.of(board="icebreaker", goal="area", clock_mhz=27.0, quick=True)
    settings = Settings(str(write_state(tmp_path / "ckpt.pt", **TINY)), hardware=hardware)
    folder = tmp_path / "build"
    warm(folder / "sim")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "_BRIEF_CYCLES", 1)
        patch.setattr("hwgen.flow.build.run_synth", lambda *_, **__: None)
        made = build(settings, folder, lambda _: None)
    assert made["verification"]["windows"] == 1 + 3  # one of them alone first
    assert made["verification"]["mismatches"] == 0
    assert 0 < made["verification"]["corner_windows"] < 3
    model = left_by_quantize(folder)
    latency = made["latency"]
    pause = latency["min_cycles_between_samples"]
    assert latency["cycles_per_window"] >= model.elements * pause > 0
