"""From recordings to a file: the checkpoint carries how it was trained, the state file goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from hwgen import importers, zoo
from hwgen.cli.main import group
from hwgen.errors import FileAccessError, UsageError
from hwgen.flow.train import TrainingOptions, train_checkpoint
from hwgen.signals import ReadAs, Reading
from hwgen.training.recipe import RECIPES
from hwgen.zoo.bearingpga import BearingPGA

SHORT = TrainingOptions(shape={"window": 256, "kernel": 32}, epochs=1)


def test_the_checkpoint_says_how_it_was_trained(tmp_path):
    output = tmp_path / "x.pt"
    metrics = train_checkpoint("synthetic", output, SHORT, say=print, snr_db=5.0, classes=3)
    assert [path.name for path in tmp_path.iterdir()] == ["x.pt"]
    meta = importers.load(output).meta
    assert meta is not None
    assert (meta.snr_db, meta.snr_range) == (5.0, (2.0, 8.0))
    assert (meta.recipe, meta.method) == ("default", "ce")
    assert meta.metrics == metrics


def test_the_state_file_is_there_until_the_end(tmp_path):
    def stop(*_):
        raise KeyboardInterrupt

    def run(progress):
        two = replace(SHORT, epochs=2)
        train_checkpoint(
            "synthetic", tmp_path / "x.pt", two, say=print, classes=3, progress=progress
        )

    with pytest.raises(KeyboardInterrupt):
        run(stop)
    assert [path.name for path in tmp_path.iterdir()] == ["x.pt.resume"]
    epochs = []
    run(lambda n, *_: epochs.append(n))
    assert epochs == [2]
    assert [path.name for path in tmp_path.iterdir()] == ["x.pt"]


def test_what_cannot_work_is_told_before_training(tmp_path):
    with pytest.raises(UsageError, match="--recipe of bearingpga must be one of"):
        train_checkpoint("synthetic", tmp_path / "x.pt", TrainingOptions(recipe="mine"), say=print)
    (tmp_path / "y.pt.resume").mkdir()
    with pytest.raises(FileAccessError, match=r"y\.pt\.resume"):
        train_checkpoint("synthetic", tmp_path / "y.pt", say=print)


def test_the_command(tmp_path):
    output = tmp_path / "x.pt"
    arguments = "--data synthetic --classes 3 --window 256 --kernel 32 --epochs 1 --snr 10"
    options = [*arguments.split(), "--method", "kd", "--recipe", "default", "-o", str(output)]
    result = CliRunner().invoke(group, ["train", *options], catch_exceptions=False)
    assert result.exit_code == 0
    assert "F1 on the test part: " in result.output
    assert "F1 of the published draws: " in result.output
    meta = importers.load(output).meta
    assert meta is not None
    assert meta.method == "kd"


def test_a_network_that_has_learnt_nothing_is_told_and_how_it_was_read_goes_with_it(tmp_path):
    rng = np.random.default_rng(2)
    for name in "abc":
        np.save(tmp_path / f"{name}.npy", rng.normal(0, 3, (3000, 2)))
    said: list[str] = []
    reading = Reading("2", 12_000.0, "m/s2", 0.5)
    output = tmp_path / "x.pt"
    train_checkpoint(str(tmp_path), output, SHORT, say=said.append, reading=reading)
    (told,) = [line for line in said if line.startswith("WARNING")]
    assert "near chance (0.333)" in told
    meta = importers.load(output).meta
    assert meta is not None
    assert meta.read_as == ReadAs("2", "m/s2", 0.5, "g")


class ReachedError(Exception):
    """The training was reached."""


@pytest.fixture
def given(monkeypatch):
    """Take what the training is given, and stop there."""
    taken = []

    def train(dataset, design, **options):
        taken.append((dataset, design, options))
        raise ReachedError

    monkeypatch.setattr("hwgen.training.train", train)
    return taken


def invoke(tmp_path, *arguments):
    options = ["--data", "synthetic", "--classes", "2", "-o", str(tmp_path / "x.pt")]
    return CliRunner().invoke(group, ["train", *options, *arguments])


def test_a_network_of_three_channels_is_asked_for(tmp_path, given):
    result = invoke(tmp_path, "--network", "resnet1d", "--channels", "all", "--window", "512")
    assert isinstance(result.exception, ReachedError)
    ((dataset, design, options),) = given
    assert (dataset.channels, design.name, design.window) == (3, "resnet1d", 512)
    assert options["recipe"] == design.recipe("default")


def test_options_on_recordings_are_said_to_do_nothing_where_none_are_read(tmp_path, given):
    told = invoke(tmp_path, "--channel", "DE", "--sample-rate", "9000").output
    assert "no recordings are read, so --channel, --sample-rate does nothing" in told
    assert "does nothing" not in invoke(tmp_path, "--channels", "radial").output


def test_without_options_it_is_the_published_network(tmp_path, given):
    assert isinstance(invoke(tmp_path).exception, ReachedError)
    ((dataset, design, options),) = given
    assert (dataset.channels, design) == (1, BearingPGA())
    assert options["recipe"] is RECIPES["default"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--network", "wdcnn", "--filters", "3"), "--filters makes no sense for wdcnn"),
        (("--network", "teacher", "--recipe", "published"), "--recipe of teacher must be one of"),
        (("--channels", "1,north"), "must be some of radial, tangential, axial, or all, not 1,"),
        (("--channel", "DE", "--channels", "all"), "give one of the two options"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, given, arguments, says):
    result = invoke(tmp_path, *arguments)
    assert isinstance(result.exception, UsageError)
    assert says in str(result.exception)
    assert given == []


def test_help_lists_the_networks():
    told = CliRunner().invoke(group, ["train", "--help"]).output
    assert f"[{'|'.join(zoo.names())}]" in told
