"""`hwgen train --task anomaly`: from folders to a checkpoint."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.io import savemat

from hwgen import importers
from hwgen.cli.main import group
from hwgen.errors import FileAccessError, InputError, UsageError
from hwgen.network import anomaly

RNG = np.random.default_rng(0)


def invoke(*arguments):
    return CliRunner().invoke(group, ["train", *map(str, arguments)])


def asked(folder, *more):
    return ("--data", folder, "--network", "ae", "--window", 64, "--epochs", 1, *more)


def write(folder, name, level=1.0, samples=4000):
    folder.mkdir(exist_ok=True)
    x = level * RNG.standard_normal(samples) + np.sin(0.3 * np.arange(samples))
    savemat(folder / f"{name}.mat", {"x": x, "fs": 1000.0})


@pytest.fixture
def folder(tmp_path):
    for name, level in (("normal_1", 0.1), ("normal_2", 0.1), ("worn", 2.0)):
        write(tmp_path / "data", name, level)
    return tmp_path / "data"


def test_the_command(folder, tmp_path):
    output = tmp_path / "x.pt"
    result = invoke("--task", "anomaly", *asked(folder, "-o", output, "--false-alarms", "0.05"))
    assert result.exit_code == 0, result.output
    assert "healthy: 2 recordings of normal_1, normal_2; faulty: worn" in result.output
    assert "AUC 1.0000, average precision 1.0000" in result.output
    assert "run to failure" not in result.output
    checkpoint = importers.load(output)
    assert checkpoint.network.classes == anomaly.CLASSES
    assert anomaly.score_of(checkpoint.network).false_alarms == 0.05
    assert checkpoint.meta.metrics["auc"] == 1.0
    assert [path.name for path in tmp_path.glob("x.pt*")] == ["x.pt"]


def test_faults_apart_and_a_life(folder, tmp_path):
    write(tmp_path / "faults", "IR")
    for number in range(1, 12):
        write(tmp_path / "life", f"{number}", 0.1 if number < 6 else 2.0)
    (folder / "worn.mat").unlink()
    more = "--faulty", tmp_path / "faults", "--run-to-failure", tmp_path / "life"
    result = invoke("--task", "anomaly", *asked(folder, "-o", tmp_path / "x.pt", *more))
    assert result.exit_code == 0, result.output
    assert "healthy: all 2 recordings of " in result.output
    assert "at 8.mat, number 8 of 11" in result.output
    assert importers.load(tmp_path / "x.pt").meta.metrics["delay_life"] == pytest.approx(8 / 11)


def test_synthetic_signals_have_a_life(tmp_path):
    arguments = asked("synthetic", "-o", tmp_path / "x.pt", "--classes", 2)
    result = invoke("--task", "anomaly", *arguments)
    assert result.exit_code == 0, result.output
    assert "healthy: all 4 recordings of synthetic; faulty: OR007" in result.output
    assert "run to failure: alarm (3 of 5 recordings) at synthetic/" in result.output
    assert "delay_hours" in importers.load(tmp_path / "x.pt").meta.metrics


def test_healthy_alone(folder, tmp_path):
    (folder / "worn.mat").unlink()
    result = invoke("--task", "anomaly", *asked(folder, "-o", tmp_path / "x.pt"))
    assert "no faults are known, so nothing tells what it detects" in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--network", "ae"), "--network ae must come with --task anomaly"),
        (("--faulty", "x"), "--faulty must come with --task anomaly"),
        (("--contamination", "0.1"), "--contamination must come with --task anomaly"),
        (("--task", "anomaly", "--network", "wdcnn"), "--network of --task anomaly must be one of"),
        (("--task", "anomaly", "--method", "kd"), "--method must come without --task anomaly"),
        (("--task", "anomaly", "--faulty", "x"), "--faulty and --run-to-failure must come with"),
        (("--task", "anomaly", "--recipe", "mixed"), "--recipe of hae-i must be one of default,"),
        (("--task", "anomaly", "--false-alarms", "2"), "--false-alarms must be a share from 0"),
        (("--task", "anomaly", "--filters", "2"), "--filters makes no sense for hae-i"),
    ],
)  # fmt: skip
def test_what_makes_no_sense(arguments, says, tmp_path):
    result = invoke("--data", "synthetic", "-o", tmp_path / "x.pt", *arguments)
    assert isinstance(result.exception, UsageError)
    assert says in str(result.exception)
    assert not (tmp_path / "x.pt").exists()


def test_no_healthy_recordings(folder, tmp_path):
    for number in (1, 2):
        (folder / f"normal_{number}.mat").rename(folder / f"a{number}.mat")
    result = invoke("--task", "anomaly", *asked(folder, "-o", tmp_path / "x.pt"))
    assert isinstance(result.exception, InputError)
    says = "has no healthy recordings: none of its classes (a1, a2, worn)"
    assert says in str(result.exception)


def test_a_recording_is_not_written_over(folder, tmp_path):
    output = folder / "worn.mat"
    result = invoke("--task", "anomaly", *asked(folder, "-o", output))
    assert isinstance(result.exception, FileAccessError)
    assert "worn.mat: it is what is read" in str(result.exception)
