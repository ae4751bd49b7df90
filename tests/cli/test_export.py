"""`hwgen export`: formats are listed, a wrong one is told before anything is touched."""

from __future__ import annotations

import json

import pytest

from hwgen.export import formats

USAGE = 2


def test_formats_are_listed(hwgen):
    outcome = hwgen("export", "--formats")
    assert outcome.code == 0
    assert [line.split()[0] for line in outcome.out.splitlines()] == formats()
    assert "Vivado" in outcome.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "vivdo"), "did you mean vivado?"),
        (("--format", "vivado", "--clock-mhz", "0"), "clock-mhz"),
        (("--format", "vivado", "--clock-mhz", "nan"), "not a finite number"),
        (("--format", "vivado", "--clock-mhz", "1e9"), "clock-mhz"),
    ],
)
def test_what_makes_no_sense(hwgen, tmp_path, options, told):
    outcome = hwgen("export", tmp_path, *options)
    assert outcome.code == USAGE
    assert told in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_project_of_a_build(hwgen, built, tmp_path):
    """With the build's clock unless another is asked for; never over somebody's files."""
    clock = json.loads((built / "settings.json").read_text())["hardware"]["clock_mhz"]
    out = tmp_path / "out"
    assert hwgen("export", built, "--format", "gowin", "-o", out).code == 0
    text = (out / "hwgen_core_axi.sdc").read_text()
    assert f"-period {1000 / clock:.6f} " in text
    options = ("--format", "gowin", "-o", out, "--clock-mhz", "50", "--part", "GW5A-LV25MG121NES")
    assert hwgen("export", built, *options).code == 0
    assert "-period 20.000000 " in (out / "hwgen_core_axi.sdc").read_text()
    assert "-pn GW5A-LV25MG121NES -force" in (out / "build.tcl").read_text()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("a")
    outcome = hwgen("export", built, "--format", "axi", "-o", tmp_path / "mine")
    assert outcome.code == USAGE
    assert "output must be a new or empty folder or an earlier export" in outcome.err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
