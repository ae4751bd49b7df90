"""Options that do nothing are told where they are given, and only there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen import importers
from hwgen.cli.main import group
from hwgen.errors import HwgenError
from hwgen.flow import idle
from hwgen.flow.accuracy import Accuracy
from hwgen.flow.build import build
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.predict import predict
from hwgen.flow.train import train_checkpoint
from hwgen.flow.windows import gather
from hwgen.importers import Windows
from hwgen.network import Network
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.normalise import Normalise
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.signals import Reading


@pytest.fixture
def carrying(tmp_path, write_state):
    """Return a function that gives a checkpoint with windows of its own, and fields."""

    def of(**fields):
        checkpoint = importers.load(write_state(tmp_path / "tiny.pt"))
        rng = np.random.default_rng(0)
        kept = Windows(rng.normal(0, 0.3, (30, 256)), np.arange(30) % 3, "made up")
        network = replace(checkpoint.network, input_scale=1.0, **fields)
        return replace(checkpoint, network=network, calibration=kept, test=kept)

    return of


def lines(said) -> list[str]:
    return [line for line in said if "does nothing" in line]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, ()),
        ({"vote": "2/3", "source": "mcp3201", "normal": ("sound",)}, ()),
        ({"vote": "3/5"}, ()),
        ({"vote": "2/3"}, ("--vote",)),
        ({"vote": "2/3", "normal": ("sound",)}, ("--vote", "--normal")),
    ],
)
def test_options_on_a_sensor_without_one(asked, told):
    found = idle.of_hardware(HardwareOptions.of(**asked))
    text = f"the board has no sensor, so {', '.join(told)} does nothing; --source names one"
    assert found == ((text,) if told else ())


def test_a_build_tells_them(finished):
    settings, folder = finished
    said: list[str] = []
    build(settings, folder, said.append)
    assert lines(said) == []
    hardware = settings.hardware.but(vote="2/3")
    build(replace(settings, hardware=hardware), folder, said.append)
    assert len(lines(said)) == 1


@pytest.mark.parametrize("rate", [None, 12_000.0])
def test_the_rate_of_synthetic_signals_is_the_checkpoints_if_it_has_one(carrying, rate):
    checkpoint = carrying(sample_rate=rate)
    asked = DataOptions(data="synthetic", sample_rate=16_000.0)
    windows = gather(checkpoint, asked)
    assert windows.sample_rate == (rate or 16_000.0)
    said = "no recordings are read, so --sample-rate does nothing; --data names them"
    assert lines(windows.notices) == ([said] if rate else [])


def test_noise_is_not_added_to_windows_that_a_checkpoint_carries(carrying):
    noisy = gather(carrying(), DataOptions(snr_db=3.0))
    plain = gather(carrying(), DataOptions())
    assert np.array_equal(noisy.test, plain.test)
    assert lines(noisy.notices) == [
        "no recordings are read, so --snr does nothing; --data names them"
    ]
    answers = np.zeros(len(noisy.test), dtype=np.int64)
    assert Accuracy.of(noisy, answers, answers).snr_db is None
    made = gather(carrying(), DataOptions(data="synthetic", snr_db=3.0))
    answers = np.zeros(len(made.test), dtype=np.int64)
    assert Accuracy.of(made, answers, answers).snr_db == 3.0
    assert lines(made.notices) == []


def test_zero_decibels_and_healthy_classes_are_options_that_are_given(carrying):
    asked = DataOptions(snr_db=0.0, offset=0.0, healthy=("normal",), noise="pink")
    (line,) = lines(gather(carrying(), asked).notices)
    assert "so --snr, --noise, --healthy does nothing" in line


class ReachedError(Exception):
    """Training would begin."""


@pytest.mark.parametrize("number", [None, 3])
def test_the_number_of_classes_of_recordings(recordings, tmp_path, monkeypatch, number):
    def reached(*_, **__):
        raise ReachedError

    monkeypatch.setattr("hwgen.training.train", reached)
    said: list[str] = []
    with pytest.raises(ReachedError):
        train_checkpoint(str(recordings), tmp_path / "x.pt", say=said.append, classes=number)
    told = ["recordings have the classes of their files, so --classes does nothing"]
    assert lines(said) == ([] if number is None else told)


@pytest.mark.parametrize(("given", "number"), [((), None), (("--classes", "10"), 10)])
def test_a_default_is_not_taken_for_an_option_that_was_given(
    recordings, tmp_path, monkeypatch, given, number
):
    taken = {}

    def train(*_, **options):
        taken.update(options)
        raise HwgenError

    monkeypatch.setattr("hwgen.flow.train.train_checkpoint", train)
    arguments = ["--data", str(recordings), "-o", str(tmp_path / "x.pt"), *given]
    with pytest.raises(HwgenError):
        group.main(["train", *arguments], standalone_mode=False)
    assert taken["classes"] == number


def test_the_class_of_a_recording_that_is_diagnosed(finished, recordings):
    _, folder = finished
    said: list[str] = []
    file = recordings / "inner.npy"
    asked = Reading(sample_rate=12_000.0)
    found = predict(folder, file, reading=asked, say=said.append)[0]
    assert lines(said) == []
    again = predict(folder, file, reading=replace(asked, class_from="x"), say=said.append)[0]
    assert again == found
    assert lines(said) == [
        "the class of the recording is what is looked for, so --class-from does nothing"
    ]


SPECTRUM = {"twiddle": 12, "bits": Precision(data=17, magnitude="max-3/8", feature=6)}


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ((Spectrum("spectrum", 32), Dense("fc", np.ones((2, 16)), np.zeros(2))), ""),
        (
            (Direct("direct"), Dense("fc", np.ones((2, 32)), np.zeros(2))),
            "--data-bits, --twiddle-bits, --magnitude, --transform",
        ),
    ],
    ids=["spectrum", "samples"],
)
def test_widths_and_methods_that_no_layer_depends_on(layers, told):
    network = Network.chain("n", 32, layers)
    plain = Settings("ckpt.pt")
    assert idle.of_network(plain, network) == ()
    full_scale = replace(plain, bits=Precision(adc=12, full_scale=2.0))
    assert idle.of_network(full_scale, network) == ()  # of the samples
    asked = replace(plain, **SPECTRUM, hardware=HardwareOptions.of(transform="dft"))
    text = f"no layer of n depends on {told}, which does nothing"
    assert idle.of_network(asked, network) == ((text,) if told else ())


def test_a_scale_of_the_input_where_each_window_has_its_own():
    dense = Dense("fc", np.ones((2, 32)), np.zeros(2))
    asked = replace(Settings("ckpt.pt"), data=DataOptions(input_scale=2.0))
    for method, told in (("z-score", True), ("min-max", True), ("mean", False)):
        network = Network.chain("n", 32, (Normalise("x", method), dense))
        text = f"windows are divided by what is their own ({method}), so --input-scale does nothing"
        assert idle.of_network(asked, network) == ((text,) if told else ())
        assert idle.of_network(Settings("ckpt.pt"), network) == ()
