"""Windows that are normalised by themselves, from a user's own network to Verilog."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from hwgen.cli.main import run
from hwgen.errors import InputError
from hwgen.files import read_json
from hwgen.flow.build import build
from hwgen.flow.options import DataOptions, GeometryOptions, Settings
from hwgen.flow.prepared import prepared
from hwgen.importers import Checkpoint, CheckpointMeta, save_checkpoint
from hwgen.network import Network, front
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.normalise import Normalise
from hwgen.network.ops.spectrum import Spectrum

WINDOW = 100


def network(first=None) -> Network:
    rng = np.random.default_rng(8)
    layers = (
        first or Direct("direct"),
        Conv1d("conv1", rng.normal(0, 0.4, (4, 1, 7)), rng.normal(0, 0.1, 4), 4, 3),
        MaxPool1d("pool1", 5),
        Dense("fc", rng.normal(0, 0.5, (3, 20)), rng.normal(0, 0.1, 3)),
    )
    made = Network.chain("made up", WINDOW, layers)
    return dataclasses.replace(
        made, classes=("inner", "outer", "sound"), input_scale=1.0, sample_rate=12_000.0
    )


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    path = tmp_path / "net.pt"
    save_checkpoint(path, network(), meta=CheckpointMeta("made up", None))
    return path


@pytest.mark.slow
def test_from_a_checkpoint_to_verilog(checkpoint, tmp_path, recordings):
    folder, method = tmp_path / "net", "z-score"
    settings = Settings(
        checkpoint=str(checkpoint),
        data=DataOptions(data=str(recordings), sample_rate=12_000),
        geometry=GeometryOptions(prepare=method),
        verify_windows=12,
    )
    report = build(settings, folder, lambda _: None, upto="verify")
    assert report["verification"]["mismatches"] == 0 < report["verification"]["windows"]
    assert report["accuracy"]["agreement"] > 0.97
    assert any(method in note for note in report["notes"])
    model = read_json(folder / "ir" / "model.json")
    (first,) = [node for node in model["nodes"] if node.get("op") == "normalise"]
    assert first["method"] == method


def test_integer_weights_are_trained_behind_it(checkpoint, recordings, tmp_path, capsys):
    asked = ["quantize", str(checkpoint), "--data", str(recordings), "--sample-rate", "12000",
             "--prepare", "max-abs", "--qat", "-o", str(tmp_path / "model.json")]  # fmt: skip
    assert run(asked) == 0
    assert "largest value (given)" in capsys.readouterr().out


def test_the_network_is_asked_once():
    plain = Checkpoint(network(), bare=False)
    assert prepared(plain, None) is plain
    made = prepared(plain, "min-max")
    assert front.normalised(made.network.graph) == "min-max"
    assert made.notes == ("every window from its least to its largest value, as 0 to 1 (given)",)
    assert prepared(made, "min-max").network.to_json() == made.network.to_json()
    assert front.with_windows(made.network.graph, None).nodes[0].op == Direct("direct")
    x = np.random.default_rng(1).normal(size=(2, WINDOW))
    between = (x - x.min(axis=1, keepdims=True)) / np.ptp(x, axis=1, keepdims=True)
    floats = (
        each.outputs(given)["fc"] for each, given in ((made.network, x), (plain.network, between))
    )
    np.testing.assert_allclose(*floats)


@pytest.mark.parametrize(
    ("first", "text"),
    [
        (
            Normalise("x", "z-score"),
            r"was made with windows normalised by z-score; leave --prepare",
        ),
        (
            Spectrum("spectrum", 64),
            r"begins with a spectrum, not with samples.* --prepare mean",
        ),
    ],
)
def test_what_cannot_be_prepared(first, text):
    taken = 32 if first.op == "spectrum" else 64
    layers = (first, Dense("fc", np.ones((2, taken)), np.zeros(2)))
    checkpoint = Checkpoint(Network.chain("made up", 64, layers), bare=False)
    with pytest.raises(InputError, match=text):
        prepared(checkpoint, "mean")
