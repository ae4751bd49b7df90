"""`hwgen power`: from a build's folder to its report, with real Yosys and Verilator."""

from __future__ import annotations

import json
import shutil

import pytest

from hwgen import report
from hwgen.cli.main import run
from hwgen.errors import CannotMeetError, InputError
from hwgen.flow import generate, power
from hwgen.report.table import print_table


@pytest.fixture(scope="module")
def estimated(smallest):
    """Folder of a build of the smallest design, and what is in its report's ``power``."""
    folder = smallest
    done = power.power(folder, lambda _: None, windows=2, sample_rate=12_000.0)
    return folder, json.loads(json.dumps(done.said.section()))


@pytest.mark.slow
def test_from_a_build_to_its_report(estimated, capsys):
    folder, found = estimated
    assert report.read(folder)["power"] == found
    assert found["estimate"] is True
    assert (found["windows"], found["sample_rate"]) == (3, 12_000.0)  # the first one alone, too
    for mode in (found["busy"], found["sensor"]):
        kinds = mode["milliwatts"]
        assert {"static", "pll", "clock", "logic", "routing", "dsp", "ebr", "pins"} == set(kinds)
        assert all(0 < band["low"] < band["value"] < band["high"] for band in kinds.values())
        total = mode["total_milliwatts"]["value"]
        assert total == pytest.approx(sum(band["value"] for band in kinds.values()))
        assert mode["joules"]["value"] == pytest.approx(total / 1e3 / mode["windows_per_second"])
    print_table(report.read(folder))
    said = capsys.readouterr().out
    assert "power (estimate)" in said
    assert "at 12,000 Hz" in said


@pytest.mark.slow
def test_a_sensor_leaves_the_core_idle(estimated):
    """What is always there stays, what an answer takes comes less often, and costs more."""
    busy, sensor = estimated[1]["busy"], estimated[1]["sensor"]
    assert busy["duty"] == 1
    assert 0 < sensor["duty"] < 1
    for kind in ("static", "pll", "clock"):
        assert busy["milliwatts"][kind] == sensor["milliwatts"][kind]
    for kind in ("logic", "routing", "dsp", "pins"):
        assert sensor["milliwatts"][kind]["value"] < busy["milliwatts"][kind]["value"]
    assert sensor["joules"]["value"] > busy["joules"]["value"]
    assert estimated[1]["own_joules"]["value"] < busy["joules"]["value"]


def test_windows_are_at_least_one(finished, capsys):
    assert run(["power", str(finished[1]), "--windows", "0"]) == 2
    assert "0 is not in the range x>=1" in capsys.readouterr().err


def test_no_build(tmp_path, capsys):
    assert run(["power", str(tmp_path)]) == InputError.exit_code
    assert str(tmp_path) in capsys.readouterr().err


def test_a_build_without_verilog(finished, capsys):
    _, folder = finished
    shutil.rmtree(folder / generate.FOLDER)
    assert run(["power", str(folder)]) == InputError.exit_code
    assert f"hwgen verify {folder}" in capsys.readouterr().err


def test_a_family_without_figures(finished, capsys):
    _, folder = finished
    path = folder / "settings.json"
    settings = json.loads(path.read_text())
    settings["hardware"]["board"] = "tang-nano-9k"
    path.write_text(json.dumps(settings))
    assert run(["power", str(folder)]) == CannotMeetError.exit_code
    said = capsys.readouterr().err
    assert "tang-nano-9k (Gowin GW1N and GW2A, GW1NR-9C) can only be measured" in said
    assert "Lattice ECP5 and Lattice iCE40 UltraPlus alone" in said


def test_a_sensor_that_is_too_fast(finished, capsys):
    assert run(["power", str(finished[1]), "--sample-rate", "1e9"]) == CannotMeetError.exit_code
    assert "--sample-rate must be at most 100000000 Hz" in capsys.readouterr().err
