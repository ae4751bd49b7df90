"""Where the time goes: whose seconds are whose, other scripts for Yosys, tables."""

from __future__ import annotations

import subprocess
import sys

import pytest
import tooltime

from hwgen.targets import families

BUSY = "for _ in range(10_000_000): pass"
"""Some 0.3 s of the processor."""


def work() -> None:
    subprocess.run([sys.executable, "-c", BUSY], check=True)


def test_seconds_are_those_of_the_programs_in_the_block():
    row: tooltime.Row = {}
    work()
    with tooltime.spending(row, "tool"):
        work()
    assert row["tool"] >= 0.1
    with tooltime.spending(row, "nothing"):
        pass
    assert row["nothing"] == 0


def test_steps_of_a_build_have_their_own_seconds():
    def run(say):
        say("a notice")
        say("verify: 3 windows in Verilator")
        work()
        say("verify: unlike the others, not a step")
        say("synth: synthesis (Yosys)")
        say("synth: place and route (nextpnr), seed 1")
        work()
        say("synth: place and route (nextpnr), seed 2")
        work()

    found = tooltime.stages(run)
    assert set(found) == {
        "before", "verify", "synth: synthesis", "synth: place and route", "wall"
    }  # fmt: skip
    assert found["verify"] >= 0.1
    assert found["synth: synthesis"] < found["verify"] < found["synth: place and route"]


@pytest.mark.parametrize("family", sorted(families()))
def test_scripts_for_other_ways_of_synthesis(family):
    toolchain = families()[family].toolchain
    script = f"read_rtlil top.il\n{toolchain.synthesis} -top top\nwrite_json top.json\n"
    flat = tooltime.changed(script, "-noflatten", toolchain).splitlines()
    assert flat == ["read_rtlil top.il", f"{toolchain.synthesis} -top top -noflatten",
                    "write_json top.json"]  # fmt: skip
    other = tooltime.changed(script, tooltime.WITHOUT, toolchain).splitlines()
    assert other[0] == flat[0]
    assert other[-1] == flat[-1]
    assert len(other) == 2 + len(toolchain.without_abc9)


def test_names_of_ways_tell_them_apart():
    names = [way.name for way in tooltime.WAYS]
    assert len(set(names)) == len(names)
    assert names[:2] == ["as a build does it", "as a build does it, seed 2"]
    assert not set(names) & set(tooltime.BUILDS)


def test_the_tables():
    rows = {
        "full": {"before": 1.2, "verify": 20.4, "netlist": 70.0, "wall": 99},
        "quick": {"before": 1.0, "verify": 5.0, "wall": 9},
        "--no-tmdriv": {"yosys": 25.0, "lut4": 9000, "nextpnr": 80.1, "fmax": 120.5, "met": True},
        "--placer sa": {"yosys": 25.0, "lut4": 9000, "failed": "it did not end"},
    }
    text = "\n".join(tooltime.lines(rows))
    assert "| full | 1 | 20 | 70 | 92 | 99 |" in text
    assert "| quick | 1 | 5 |  | 6 | 9 |" in text
    assert "| --no-tmdriv | 25.0 | 9000 | 80.1 | 120.5 | met |" in text
    assert "| --placer sa | 25.0 | 9000 |  |  | it did not end |" in text


def test_what_is_kept_is_not_measured_again(tmp_path):
    study = tooltime.Study(tmp_path / "none.pt", "icebreaker", tmp_path)
    study.keep("full", {"wall": 3})
    study.keep(tooltime.WAYS[3].name, {"failed": "once"})
    again = tooltime.Study(tmp_path / "none.pt", "icebreaker", tmp_path)
    again.build("full")
    again.way(tooltime.WAYS[3])
    assert again.rows == study.rows
