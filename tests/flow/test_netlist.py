"""When a build checks its netlist, and what it says when it does not: slow stages by stand-ins."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from hwgen import report
from hwgen.errors import MismatchError, ToolError
from hwgen.flow import netlist
from hwgen.flow.build import build, resume
from hwgen.flow.generated import Estimate, Generated
from hwgen.flow.options import Settings, read_settings
from hwgen.report.problems import problems
from hwgen.report.table import print_table
from hwgen.targets import Cells
from tests.records import generated, netlist_checked

ASKED = Settings("ckpt.pt")


def known(lut4: int, interval: int, pause: int = 1) -> Generated:
    return generated(interval=interval, pause=pause, estimate=Estimate(Cells({"lut4": lut4}), None))


def test_the_default_design_is_quick_and_larger_or_slower_ones_are_not():
    def reason(**of) -> str | None:
        return netlist.left_out(ASKED, known(**of), 2048, Path("a b"))

    assert reason(lut4=9_500, interval=2048) is None
    assert reason(lut4=500, interval=512 * 2048, pause=512) is None
    slow = reason(lut4=30_000, interval=2048)
    assert slow == (
        "not checked, for that would take about 3 minutes; to check it: "
        "hwgen verify 'a b' --netlist"
    )
    assert "minutes" in reason(lut4=6_000, interval=512 * 2048, pause=512)


def test_it_takes_longer_with_cells_and_with_cycles():
    base = netlist.seconds_of(known(4000, 2048), 2048)
    assert netlist.seconds_of(known(8000, 2048), 2048) > base
    assert netlist.seconds_of(known(4000, 8192), 2048) > base
    assert netlist.seconds_of(known(4000, 2048, pause=8), 2048) > base
    # Of a slow design few windows are run.
    slowest = netlist.seconds_of(known(4000, 2048, pause=512), 2048)
    assert slowest < 3 * netlist.seconds_of(known(4000, 2048, pause=32), 2048)


def test_a_build_of_an_older_hwgen_estimated_nothing():
    old = generated(interval=2048)
    assert netlist.seconds_of(old, 2048) is None
    assert "nobody estimated" in netlist.left_out(ASKED, old, 2048, Path("b"))


def test_a_quick_one_is_checked_and_told(finished, capsys):
    settings, folder = finished
    made = report.read(folder)
    assert made["netlist"]["windows"] == 16
    assert made["netlist"]["mismatches"] == 0
    said: list[str] = []
    build(settings, folder, said.append)
    assert "netlist: unchanged, not run again" in said
    print_table(made)
    assert "0 mismatches in 16 windows" in capsys.readouterr().out


@pytest.mark.parametrize("why", ["asked", "slow"])
def test_what_is_left_out_is_told_on_screen_and_in_the_report(
    finished, tmp_path, monkeypatch, why, capsys
):
    settings, _ = finished
    folder = tmp_path / "other"
    if why == "asked":
        settings = dataclasses.replace(settings, netlist=False)
    else:
        monkeypatch.setattr(netlist, "QUICK_S", 1)
    said: list[str] = []
    build(settings, folder, said.append)
    (line,) = [line for line in said if line.startswith("netlist: ")]
    assert f"hwgen verify {folder} --netlist" in line
    assert ("--no-netlist" in line) == (why == "asked")
    made = report.read(folder)
    assert made["netlist"] == {"left_out": line.removeprefix("netlist: ")}
    assert "netlist" not in made["seconds"]
    print_table(made)
    assert "not checked" in capsys.readouterr().out
    assert "not checked" in (folder / "report.json").read_text()


def test_no_option_of_another_stage_runs_it_again(finished):
    settings, folder = finished
    said: list[str] = []
    other = settings.hardware.but(seeds=(7,), clock_mhz=50)
    build(dataclasses.replace(settings, hardware=other), folder, said.append)
    assert "netlist: unchanged, not run again" in said
    assert report.read(folder)["netlist"]["mismatches"] == 0


def test_whether_it_is_asked_for_changes_nothing_before(finished):
    settings, folder = finished
    said: list[str] = []
    build(dataclasses.replace(settings, netlist=False), folder, said.append)
    for stage in ("quantize", "generate", "verify", "synth"):
        assert f"{stage}: unchanged, not run again" in said
    assert report.read(folder)["netlist"]["windows"] == 16  # it was checked all the same


def test_a_netlist_that_differs_is_told_before_the_board_is_made(
    finished, tmp_path, stages, monkeypatch
):
    settings, _ = finished
    stages.clear()

    def differs(model, options, board, known, windows, folder):
        return netlist_checked(netlist.basis(model.digest, options), mismatches=2)

    monkeypatch.setattr(netlist, "check", differs)
    folder = tmp_path / "other"
    with pytest.raises(MismatchError, match="2 of 16 windows through the netlist differ"):
        build(settings, folder, lambda _: None)
    assert stages == ["verify"]
    made = report.read(folder)
    assert made["netlist"]["mismatches"] == 2
    assert any("the netlist is wrong: 2 of 16" in problem for problem in problems(made))
    with pytest.raises(MismatchError):  # nor does it pass the second time
        resume(read_settings(folder), folder, lambda _: None, upto="synth")


def test_a_tool_that_dies_is_an_error_of_the_tool(finished, tmp_path, monkeypatch):
    settings, _ = finished

    def dies(*_):
        raise ToolError("synthesis of the core (Yosys) failed")

    monkeypatch.setattr(netlist, "check", dies)
    with pytest.raises(ToolError, match="synthesis of the core"):
        build(settings, tmp_path / "other", lambda _: None)
    assert json.loads((tmp_path / "other" / "report.json").read_text()).get("netlist") is None
