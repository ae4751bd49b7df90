"""`--max-drop`, `--qat`, `--calibration` and `--rounding`: what they say and refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwgen.cli.options.settings import settings_from
from hwgen.flow.options import Settings

USAGE, INPUT, CANNOT = 2, 3, 4
FEW = ("--adc-bits", 10, "--data-bits", 12, "--twiddle-bits", 10, "--feature-bits", 6,
       "--activation-bits", 6, "--full-scale", 2)  # fmt: skip
DEAF = ("--adc-bits", 4, "--full-scale", 100)
"""One step of the ADC is more than all that the sensor gives."""


@pytest.fixture(scope="session")
def bare(tmp_path_factory, write_state) -> Path:
    return write_state(tmp_path_factory.mktemp("bare") / "bare.pt")


@pytest.fixture(scope="session")
def classifier(tmp_path_factory, write_classifier, recordings) -> Path:
    return write_classifier(tmp_path_factory.mktemp("classifier") / "ckpt.pt", recordings)


@pytest.fixture
def refused(hwgen, tmp_path):
    """Run a command and check that it fails with this code and writes nothing."""

    def call(command: str, code: int, checkpoint: Path, *options: object) -> str:
        outcome = hwgen(command, checkpoint, "-o", tmp_path / "new", *options)
        assert outcome.code == code, outcome
        assert list(tmp_path.iterdir()) == []
        return outcome.line

    return call


COMMANDS = pytest.mark.parametrize("command", ["quantize", "build"])


@COMMANDS
@pytest.mark.parametrize("value", ["nan", "-1", "101", "inf", "little"])
def test_a_drop_that_is_no_share(refused, bare, command, value):
    line = refused(command, USAGE, bare, "--max-drop", value)
    assert "--max-drop" in line
    assert value in line
    assert line.endswith(f"see: hwgen {command} --help")


@COMMANDS
@pytest.mark.parametrize(
    ("option", "value"), [("--calibration", "habit"), ("--rounding", "up"), ("--calibration", "")]
)
def test_a_way_that_is_not_known(refused, bare, command, option, value):
    line = refused(command, USAGE, bare, option, value)
    assert option in line
    assert "auto" in line


@COMMANDS
@pytest.mark.parametrize("option", [("--max-drop", 0.5), ("--qat",)], ids=["max-drop", "qat"])
def test_recordings_of_its_classes_are_needed(refused, bare, command, option):
    line = refused(command, INPUT, bare, *option)
    assert line.startswith(f"{option[0]} needs recordings of every class")
    assert "not synthetic" in line
    assert line.endswith("give longer ones with --data")


@pytest.mark.parametrize("option", [("--max-drop", 0.5), ("--qat",)], ids=["max-drop", "qat"])
def test_recordings_must_be_long_enough(refused, bare, option, tmp_path_factory):
    import numpy as np

    folder = tmp_path_factory.mktemp("short")
    for name in ("inner", "outer", "sound"):
        np.save(folder / f"{name}.npy", np.random.default_rng(1).standard_normal(1800))
    line = refused("quantize", INPUT, bare, "--data", folder, *option)
    assert line.startswith(f"{option[0]} needs recordings")
    assert str(folder) in line


@COMMANDS
def test_a_bound_that_cannot_be_met(refused, classifier, recordings, command):
    line = refused(command, CANNOT, classifier, "--data", recordings, "--max-drop", 0, *DEAF)
    assert line.startswith("max-drop must be at least ")
    assert line.endswith("not 0; allow more or give more bits")


@COMMANDS
@pytest.mark.parametrize(
    ("option", "code"),
    [(("--board", "nonsense"), USAGE), (("--dsp", 9999), CANNOT), (("--parallel", 0), CANNOT)],
)
def test_a_design_point_that_there_is_not(refused, classifier, recordings, command, option, code):
    line = refused(command, code, classifier, "--data", recordings, "--max-drop", 1, *option)
    assert str(option[1]) in line


def test_the_front_is_printed_and_written(hwgen, classifier, recordings, tmp_path):
    outcome = hwgen("quantize", classifier, "-o", tmp_path / "m.json", "--data", recordings,
                    "--max-drop", 1, *FEW)  # fmt: skip
    assert (outcome.code, outcome.err) == (0, "")
    report = json.loads((tmp_path / "m-report" / "report.json").read_text())
    found = report["search"]
    bits = json.loads((tmp_path / "m.json").read_text())["bits"]
    assert bits == found["chosen"]["bits"]
    names = ("adc", "data", "twiddle", "feature", "conv_weight", "activation", "dense_weight")
    (marked,) = [line for line in outcome.out.splitlines() if line.lstrip().startswith("> ")]
    assert marked.split()[1] == "/".join(str(bits[name]) for name in names)
    assert f"chosen of {len(found['tried'])}: F1" in outcome.out
    assert "drop at most 1 percentage points" in " ".join(outcome.out.split())
    assert "fc1" in outcome.out


def test_ways_of_calibrating_are_in_the_report(hwgen, classifier, recordings, tmp_path):
    def ways(*options: str) -> tuple[dict, str]:
        outcome = hwgen("quantize", classifier, "-o", tmp_path / "m.json", "--data", recordings,
                        *options)  # fmt: skip
        assert (outcome.code, outcome.err) == (0, "")
        folder = tmp_path / "m-report"
        page = (folder / "index.html").read_text()
        report = json.loads((folder / "report.json").read_text())
        assert not {"search", "qat"} & set(report)
        return report["calibration"], page

    default, page = ways()
    named, _ = ways("--calibration", "auto", "--rounding", "auto")
    assert default == named
    assert len(default["choices"]) == 6
    assert "Every way of calibrating" in page
    one, page = ways("--calibration", "percentile", "--rounding", "compensated")
    assert (one["method"], one["rounding"], one["choices"]) == ("percentile", "compensated", [])
    assert "Every way of calibrating" not in page


def test_options_become_settings():
    given = {"calibration": "max", "rounding": "nearest", "max_drop": 0.25, "qat": True}
    settings = settings_from(Path("x.pt"), given)
    assert {key: getattr(settings, key) for key in given} == given
    default = settings_from(Path("x.pt"), {})
    assert default == Settings(str(Path("x.pt").resolve()))
