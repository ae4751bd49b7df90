"""A quick build beside a full one in the same folder: slow stages by stand-ins."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from hwgen import report
from hwgen.flow import check
from hwgen.flow.build import build, resume
from hwgen.flow.current import current
from hwgen.flow.options import Settings, read_settings
from hwgen.report.table import print_table


def quickly(settings: Settings) -> Settings:
    return dataclasses.replace(settings, hardware=settings.hardware.but(quick=True))


@pytest.fixture
def hurried(original, tmp_path, stages, monkeypatch) -> tuple[Settings, Path, list[str]]:
    """Return settings and folder of a quick build of a slow design, and what was run for it."""
    monkeypatch.setattr(check, "is_long", lambda *_: True)
    settings, folder = quickly(original[0]), tmp_path / "a b"
    build(settings, folder, lambda _: None)
    ran = list(stages)
    stages.clear()
    return settings, folder, ran


def test_it_checks_briefly_and_says_what_it_left_out(hurried, capsys):
    _, folder, ran = hurried
    assert ran == ["verify briefly", "synth"]
    made = report.read(folder)
    assert made["timing"]["met"]
    assert made["verification"]["mismatches"] == 0
    assert "--quick" in made["netlist"]["left_out"]
    told = made["quick"]
    assert told["full"] == f"hwgen synth '{folder}'"
    assert [text.split()[0] for text in told["left_out"]] == ["verification", "the", "the"]
    assert f"beyond {made['verification']['windows']} windows" in told["left_out"][0]
    print_table(made)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "a quick build" in line]
    assert all(text in line for text in told["left_out"])


def test_a_fast_design_is_verified_in_full(original, tmp_path, stages):
    settings, folder = original[0], tmp_path / "build"
    build(quickly(settings), folder, lambda _: None)
    assert stages == ["verify", "synth"]
    told = report.read(folder)["quick"]["left_out"]
    assert [text.split()[0] for text in told] == ["the", "the"]
    stages.clear()
    build(settings, folder, lambda _: None)
    assert stages == ["synth"]


def test_again_nothing_is_run(hurried, stages):
    settings, folder, _ = hurried
    before = (folder / "report.json").read_text()
    build(settings, folder, lambda _: None)
    assert stages == []
    assert (folder / "report.json").read_text() == before


def test_it_is_not_taken_for_a_full_one(hurried, stages):
    settings, folder, _ = hurried
    full = dataclasses.replace(settings, hardware=settings.hardware.but(quick=False))
    known = current(full, folder)
    assert known.generate is not None
    assert known.verify is known.synth is known.netlist is None
    build(full, folder, lambda _: None)
    assert stages == ["verify", "synth"]
    made = report.read(folder)
    assert "quick" not in made
    assert made["netlist"]["mismatches"] == 0


def test_synth_does_the_rest(hurried, stages):
    _, folder, _ = hurried
    settings = read_settings(folder)
    assert settings.hardware.quick
    from click.testing import CliRunner

    from hwgen.cli.synth import command

    assert CliRunner().invoke(command, [str(folder)]).exit_code == 0
    assert stages == ["verify", "synth"]
    assert not read_settings(folder).hardware.quick
    assert "quick" not in report.read(folder)


def test_verify_verifies_in_full_and_the_bitstream_stays(hurried, stages):
    _, folder, _ = hurried
    resume(read_settings(folder), folder, lambda _: None, upto="verify")
    assert stages == ["verify"]
    made = report.read(folder)
    assert made["timing"]["met"]
    assert [text.split()[0] for text in made["quick"]["left_out"]] == ["the", "the"]


def test_what_a_full_build_left_is_taken(finished, stages):
    settings, folder = finished
    build(quickly(settings), folder, lambda _: None)
    assert stages == []
    made = report.read(folder)
    assert "quick" not in made
    assert made["netlist"]["mismatches"] == 0
    build(settings, folder, lambda _: None)
    assert stages == []


def test_a_full_build_that_missed_the_clock_is_tried_again(finished, stages):
    settings, folder = finished
    fast = dataclasses.replace(settings, hardware=settings.hardware.but(clock_mhz=200.0))
    from hwgen.errors import CannotMeetError

    for each in (fast, quickly(fast)):
        stages.clear()
        with pytest.raises(CannotMeetError, match="at most 150"):
            build(each, folder, lambda _: None)
        assert stages == ["synth"]
