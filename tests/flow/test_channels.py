"""A network of several channels from its checkpoint or recordings to diagnoses of a recording."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hwgen import files, golden, importers
from hwgen.errors import InputError, UsageError
from hwgen.flow import quantize, stage
from hwgen.flow.margins import read_as
from hwgen.flow.options import SETTINGS, DataOptions, Settings
from hwgen.flow.predict import predict
from hwgen.flow.quantized import Quantized
from hwgen.flow.windows import gather
from hwgen.importers import CheckpointMeta, Windows, save_checkpoint
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.quantized.samples import digitise, in_windows
from hwgen.signals import ReadAs, Reading

WINDOW, CHANNELS, CLASSES = 64, 3, ("inner", "outer", "sound")


@pytest.fixture(scope="module")
def network():
    """Tell which of three channels is the loudest: each has a class of its own."""
    rng = np.random.default_rng(0)
    pick = np.zeros((3, 3, 1))
    pick[np.arange(3), np.arange(3)] = 1.0
    sums = np.kron(np.eye(3), np.ones(WINDOW)) / WINDOW
    layers = (
        Direct("direct"),
        Conv1d("conv", pick + rng.normal(0, 0.01, pick.shape), np.zeros(3), 1, 0),
        Dense("fc", sums, np.zeros(3)),
    )
    return Network.chain(
        "mine", WINDOW, layers, classes=CLASSES, input_scale=1.0, sample_rate=12e3, channels=3
    )


def loud(number, count, seed):
    gains = np.where(np.arange(CHANNELS) == number, 1.0, 0.3)
    return np.random.default_rng([seed, number]).standard_normal((count, CHANNELS)) * gains


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("three")
    for number, name in enumerate(CLASSES):
        np.save(folder / f"{name}.npy", loud(number, 3000, 1))
    return folder


@pytest.fixture
def own(tmp_path, network):
    """Write a checkpoint of the network."""

    def write(read_as=ReadAs(), *, carries=True):  # noqa: B008 -- frozen
        x = np.stack([loud(number, WINDOW, 2 + k).T for k in range(10) for number in range(3)])
        windows = Windows(x, np.arange(30) % 3, "made up")
        kept = windows if carries else None
        path = tmp_path / "own.pt"
        meta = CheckpointMeta("made up", None, read_as=read_as)
        save_checkpoint(path, network, meta=meta, calibration=kept, test=kept)
        return path

    return write


def test_windows_that_travel_have_their_channels(own):
    windows = gather(importers.load(own()), DataOptions(channels=("all",)))
    assert windows.calibration.shape[1:] == windows.test.shape[1:] == (CHANNELS, WINDOW)
    assert windows.notices == (
        "no recordings are read, so --channels does nothing; --data names them",
    )


def test_recordings_are_read_cut_and_measured_with_all_channels(own, recordings):
    checkpoint = importers.load(own(carries=False))
    options = DataOptions(data=str(recordings), sample_rate=12e3, channels=("1", "2", "3"))
    windows = gather(checkpoint, replace(options, snr_db=10.0))
    for x in (windows.calibration, windows.held, windows.test):
        assert x.shape[1:] == (CHANNELS, WINDOW)
        assert len(x)
    assert windows.read_as.channels == ("1", "2", "3")
    assert windows.labelled


def test_synthetic_signals_have_as_many_channels_as_the_network(own):
    windows = gather(importers.load(own(carries=False)), DataOptions())
    assert windows.test.shape[1:] == (CHANNELS, WINDOW)
    checkpoint = importers.load(own(carries=False))
    turned = gather(checkpoint, DataOptions(data="synthetic", channels=("3", "2", "1")))
    np.testing.assert_array_equal(turned.test, windows.test[:, ::-1])
    with pytest.raises(UsageError, match="must be some of radial"):
        gather(checkpoint, DataOptions(data="synthetic", channels=("north",)))


@pytest.mark.parametrize("channels", [(), ("1", "2")])
def test_another_number_of_channels_is_refused(own, recordings, channels):
    options = DataOptions(data=str(recordings), sample_rate=12e3, channels=channels)
    if not channels:
        options = replace(options, channel="1")
    with pytest.raises(InputError, match=r"the checkpoint's 3 channels, not .; say .* --channels"):
        gather(importers.load(own()), options)


def test_channels_of_the_training_are_taken_and_said(own, recordings):
    checkpoint = importers.load(own(ReadAs(channels=("3", "2", "1"), samples="g")))
    windows = gather(checkpoint, DataOptions(data=str(recordings), sample_rate=12e3))
    assert windows.notices[0] == "read as in training: --channels 3,2,1"
    assert windows.read_as.channels == ("3", "2", "1")


@pytest.fixture
def folder(own, recordings, tmp_path):
    """Return a folder with what a build's first stage leaves."""
    options = DataOptions(data=str(recordings), sample_rate=12e3, channels=("all",))
    settings = Settings(str(own()), data=options)
    place = tmp_path / "build"
    files.write_json(place / SETTINGS, settings.to_json())

    def work():
        return quantize.store(quantize.quantize(settings, lambda _: None), settings, place / "ir")

    asked = quantize.inputs(settings)
    stage.run(
        "quantize", place / "ir", asked, quantize.OUTPUTS, work, kind=Quantized, say=lambda _: None
    )
    return place


def test_the_integer_network_of_three_channels_is_measured_and_kept(folder):
    said = stage.result_of(folder / "ir", Quantized).said
    assert said.accuracy.float_f1 > 0.99
    assert said.accuracy.fixed_f1 > 0.99
    assert {row["channels_taken"] for row in said.data["classes"]} == {3}
    model = quantize.read_model(folder / "ir" / "model.json")
    assert model.channels == CHANNELS
    kept = quantize.read_windows(folder / "ir" / "windows.npz", model)
    assert kept.shape[1:] == (CHANNELS * WINDOW,)
    logits = golden.run(model, in_windows(kept, model.input_shape))
    assert set(golden.classify(logits).tolist()) == {0, 1, 2}
    assert read_as(folder / "ir").channels == ("all",)


def test_a_recording_of_three_channels_is_diagnosed(folder, tmp_path):
    samples = loud(1, 5 * WINDOW, 9)
    samples[2 * WINDOW : 3 * WINDOW, 2] = 0.125
    np.save(tmp_path / "machine.npy", samples)
    told = []
    rows, summary = predict(folder, tmp_path / "machine.npy", say=told.append)
    model = quantize.read_model(folder / "ir" / "model.json")
    x = samples.reshape(5, WINDOW, CHANNELS).swapaxes(1, 2)
    found = golden.classify(golden.run(model, digitise(x, model.bits)))
    assert [row.name for row in rows] == [CLASSES[number] for number in found]
    assert [row.remark.startswith("stuck") for row in rows] == [False, False, True, False, False]
    assert "machine.npy: outer in " in summary
    assert "1 stuck" in summary
    assert "read as for the build: --channels all" in told
    assert any("1, 2, 3 (3 of 3)" in line for line in told)
    with pytest.raises(InputError, match=r"the build's 3 channels, not 2; say which .* --channels"):
        predict(folder, tmp_path / "machine.npy", reading=Reading(channels=("1", "2")))


def test_settings_without_channels_are_those_of_before():
    plain = Settings("x", data=DataOptions(data="here", channel="DE"))
    assert "channels" not in quantize.basis(plain)["data"]
    several = replace(plain, data=DataOptions(data="here", channels=("a", "b")))
    assert quantize.basis(several)["data"]["channels"] == ["a", "b"]
    assert Settings.from_json(json.loads(json.dumps(several.to_json()))) == several
    older = plain.to_json()
    del older["data"]["channels"]
    assert Settings.from_json(json.loads(json.dumps(older))) == plain
