"""Recordings other than those of the training: what is told of them, and what is refused."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from hwgen import importers, metrics, signals
from hwgen.cli.main import group
from hwgen.errors import InputError, UsageError
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.others import Wanted, read
from hwgen.flow.quantize import basis, inputs, quantize
from hwgen.flow.train import TrainingOptions, train_checkpoint

SHORT = TrainingOptions(shape={"window": 256, "kernel": 32}, epochs=1)
WANTED = Wanted(("inner", "outer", "sound"), 12_000.0, 1, 256)


@pytest.fixture
def elsewhere(recordings, tmp_path) -> Path:
    """Return the recordings of two of the three classes, in a folder of their own."""
    folder = tmp_path / "1HP"
    folder.mkdir()
    for name in ("inner", "sound"):
        shutil.copy(recordings / f"{name}.npy", folder)
    return folder


def test_f1_is_told_of_classes_that_there_are(write_classifier, recordings, elsewhere, tmp_path):
    path = write_classifier(tmp_path / "ckpt.pt", recordings)
    data = DataOptions(data=str(recordings), snr_db=0.0, test_data=(str(elsewhere),))
    said: list[str] = []
    settings = Settings(str(path), data=data)
    result = quantize(settings, said.append)
    clean, noisy = result.said.accuracy.to_json()["other"]
    assert [each["snr_db"] for each in (clean, noisy)] == [None, 0.0]
    assert clean["data"] == "1HP"
    assert clean["classes"] == ["inner", "sound"]
    assert clean["lacking"] == ["outer"]
    assert clean["windows"] == 2 * len(range(0, 3000 - 256 + 1, 16))
    # The same, by the float network alone.
    dataset = signals.read_dataset(elsewhere)
    x, own = signals.dataset_windows(dataset, 256, 16)
    answers = result.network.judged(x * result.said.accuracy.input_scale).argmax(axis=1)
    labels = np.array([0, 2])[own]
    assert clean["float_f1"] == metrics.macro_f1_of_present(labels, answers, 3)
    assert abs(clean["fixed_f1"] - clean["float_f1"]) < 0.1
    assert any("has no outer" in line for line in said)


def test_the_noise_is_of_the_kind_that_was_asked_for(
    write_classifier, recordings, elsewhere, tmp_path
):
    path = write_classifier(tmp_path / "ckpt.pt", recordings)
    data = DataOptions(
        data=str(recordings), snr_db=0.0, noise="laplace", test_data=(str(elsewhere),)
    )
    result = quantize(Settings(str(path), data=data), lambda line: None)
    accuracy = result.said.accuracy
    noised = signals.noisy(signals.read_dataset(elsewhere), 0.0, data.seed, "laplace")
    x, own = signals.dataset_windows(noised, 256, 16)
    answers = result.network.judged(x * accuracy.input_scale).argmax(axis=1)
    wanted = metrics.macro_f1_of_present(np.array([0, 2])[own], answers, 3)
    assert accuracy.to_json()["other"][1]["float_f1"] == wanted


def test_their_content_is_in_the_key(write_state, recordings, elsewhere, tmp_path):
    settings = Settings(
        str(write_state(tmp_path / "ckpt.pt")),
        data=DataOptions(data=str(recordings), test_data=(str(elsewhere),)),
    )
    before = inputs(settings)
    np.save(elsewhere / "inner.npy", np.ones(3000))
    assert inputs(settings) != before
    without = replace(settings, data=replace(settings.data, test_data=()))
    assert "others" not in inputs(without)
    assert "test_data" not in str(inputs(without))
    assert "test_data" not in str(basis(without))


def test_a_build_holds_wherever_their_folder_is_moved(elsewhere, tmp_path):
    moved = shutil.copytree(elsewhere, tmp_path / "moved" / "1HP")
    asked = [
        Settings("ckpt.pt", data=DataOptions(test_data=(str(folder),)))
        for folder in (elsewhere, moved, elsewhere.parent)
    ]
    first, same, other = map(basis, asked)
    assert first == same != other


def test_training_tells_of_them_and_learns_nothing_from_them(recordings, elsewhere, tmp_path):
    networks = []
    for name, folders in (("with", (str(elsewhere),)), ("without", ())):
        said: list[str] = []
        metrics = train_checkpoint(
            str(recordings),
            tmp_path / f"{name}.pt",
            SHORT,
            say=said.append,
            snr_db=5.0,
            reading=signals.Reading(sample_rate=12_000.0),
            test_data=folders,
        )
        found = importers.load(tmp_path / f"{name}.pt")
        assert found.meta.metrics == metrics
        assert ("f1 on 1HP at 5 dB" in metrics) == (name == "with")
        networks.append(found.network)
    assert networks[0].to_json() == networks[1].to_json()


def test_the_command_prints_them(recordings, elsewhere, tmp_path):
    arguments = [
        *("train", "--data", str(recordings), "--test-data", str(elsewhere), "--epochs", "1"),
        *("--window", "256", "--kernel", "32", "-o", str(tmp_path / "x.pt")),
    ]
    result = CliRunner().invoke(group, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "F1 on 1HP clean: 0." in result.output or "F1 on 1HP clean: 1." in result.output


def refused(folder: Path, wanted: Wanted, *more: Path, data: str | None = None) -> None:
    folders = [str(each) for each in (folder, *more)]
    read(folders, signals.Reading(sample_rate=12_000.0), wanted, data, print)


def test_what_does_not_go_with_the_network_is_refused(elsewhere):
    with pytest.raises(InputError, match="class 'sound' of"):
        refused(elsewhere, replace(WANTED, classes=("inner", "outer")))
    with pytest.raises(InputError, match="must be the checkpoint's 48000 Hz, not 12000 Hz"):
        refused(elsewhere, replace(WANTED, sample_rate=48_000.0))
    with pytest.raises(InputError, match="must have the network's 2 channels, not 1"):
        refused(elsewhere, replace(WANTED, channels=2))
    with pytest.raises(InputError, match=r"at least the 4096 samples of a window, not 3000"):
        refused(elsewhere, replace(WANTED, window=4096))


def test_folders_of_one_name_and_those_of_the_training_are_refused(elsewhere, tmp_path):
    other = tmp_path / "more" / "1HP"
    shutil.copytree(elsewhere, other)
    with pytest.raises(UsageError, match="not two '1HP'"):
        refused(elsewhere, WANTED, other)
    with pytest.raises(UsageError, match="must be other recordings than --data"):
        refused(elsewhere, WANTED, data=str(elsewhere.parent))
