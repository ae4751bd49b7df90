"""Filters in front of a network and kinds of noise, from the command line on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen import zoo
from hwgen.cli.main import run
from hwgen.flow import train
from hwgen.flow.quantize import read_model
from hwgen.importers import CheckpointMeta, Windows, save_checkpoint

WINDOW = 256
CLASSES = ("inner", "outer", "sound")


@pytest.fixture
def checkpoint(tmp_path):
    """Return a checkpoint of a network with a filter in front, and windows for it."""
    design = zoo.designed("lenet1d", {"window": WINDOW, "front": "filter"})
    torch.manual_seed(1)
    module = design.trained(1, 3, design.recipe("default").student).double().eval()
    network = design.network(module, 1, CLASSES, 1.0, 12e3)
    x = np.random.default_rng(1).standard_normal((60, WINDOW))
    windows = Windows(x, np.arange(60) % 3, "made up")
    meta = CheckpointMeta("made up", None, front="filter")
    save_checkpoint(tmp_path / "x.pt", network, meta=meta, calibration=windows, test=windows)
    return tmp_path / "x.pt"


def test_a_training_gets_its_filters_and_its_noise(monkeypatch, tmp_path):
    class Asked(Exception):  # noqa: N818
        """Instead of a training."""

    def ask(dataset, design, *, recipe, **others):
        raise Asked(design.front, recipe.noise)

    monkeypatch.setattr("hwgen.training.train", ask)
    options = train.TrainingOptions("wdcnn", {"front": "time"}, noise="laplace")
    with pytest.raises(Asked) as told:
        train.train_checkpoint("synthetic", tmp_path / "x.pt", options, say=lambda _: None)
    assert told.value.args == ("time", "laplace")


def test_filters_are_shown_and_quantised_alone(checkpoint, tmp_path, capsys):
    assert run(["inspect", str(checkpoint)]) == 0
    assert "filters in front of the network: filter" in capsys.readouterr().out
    output = tmp_path / "front.json"
    asked = ["quantize", str(checkpoint), "-o", str(output), "--part", "front"]
    assert run([*asked, "--calibration", "max", "--rounding", "nearest"]) == 0
    told = capsys.readouterr().out
    assert "values, SQNR" in told
    assert "front_frequency is their output" in told
    model = read_model(output)
    assert (model.numbers, model.classes) == (WINDOW, ())


def test_what_noise_is_added_is_told(checkpoint, recordings, tmp_path, capsys):
    asked = ["quantize", str(checkpoint), "-o", str(tmp_path / "x.json"), "--data", str(recordings)]
    asked += ["--calibration", "max", "--rounding", "nearest", "--noise", "pink"]
    assert run([*asked, "--snr", "3"]) == 0
    assert "pink noise at 3 dB SNR is added to every recording" in capsys.readouterr().out
    assert run(asked) == 0
    assert "no noise is added, so --noise does nothing" in capsys.readouterr().out
