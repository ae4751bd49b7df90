"""`hwgen build` with few bits: when the search is done again, and what the report keeps of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwgen.cli.main import run
from hwgen.flow.options import read_settings

START = ("--adc-bits", "10", "--data-bits", "12", "--twiddle-bits", "10", "--feature-bits", "6",
         "--activation-bits", "6", "--full-scale", "2")  # fmt: skip


@pytest.fixture
def build(tmp_path, write_classifier, recordings, stages, capsys):
    """Run `hwgen build` with stand-ins for the slow stages; return what is said."""
    checkpoint = write_classifier(tmp_path / "ckpt.pt", recordings)

    def call(*options: str) -> list[str]:
        arguments = ["build", checkpoint, "-o", tmp_path / "build", "--data", recordings]
        assert run([*map(str, arguments), "--sample-rate", "12000", *START, *options]) == 0
        lines: list[str] = capsys.readouterr().out.splitlines()
        return lines

    return call


def searched(said: list[str]) -> bool:
    """Whether `quantize` was run, with a search."""
    again = any(line.startswith("search: ") for line in said)
    assert ("quantize: unchanged, not run again" in said) is not again
    return again


def result_of(folder: Path) -> dict:
    found: dict = json.loads((folder / "ir" / "stage.json").read_text())["result"]
    return found


def test_the_search_is_done_again_only_if_its_outcome_may_change(build, tmp_path):
    assert searched(build("--max-drop", "0.5"))
    settings = read_settings(tmp_path / "build")
    assert settings.max_drop == 0.5
    report = json.loads((tmp_path / "build" / "report.json").read_text())
    assert report["search"] == result_of(tmp_path / "build")["search"]
    assert report["search"]["max_drop"] == 0.5
    model = json.loads((tmp_path / "build" / "ir" / "model.json").read_text())
    assert model["bits"] == report["search"]["chosen"]["bits"]
    assert not searched(build("--max-drop", "0.5"))
    assert searched(build("--max-drop", "0.5", "--parallel", "2"))
    assert not searched(build("--max-drop", "0.5", "--parallel", "2"))
    assert searched(build("--max-drop", "0.6", "--parallel", "2"))


def test_without_a_bound_the_design_point_does_not_change_the_network(build, tmp_path):
    first = build()
    assert "quantize: unchanged, not run again" not in first
    assert "search" not in result_of(tmp_path / "build")
    assert "quantize: unchanged, not run again" in build("--parallel", "2")
    assert "generate: writing Verilog" in build("--parallel", "1")
    report = json.loads((tmp_path / "build" / "report.json").read_text())
    assert len(report["calibration"]["choices"]) == 6
    assert not {"search", "qat"} & set(report)
