"""F1 near chance: which other reading of a tiny network would be right is told first."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from hwgen import signals
from hwgen.flow import doubt
from hwgen.flow.accuracy import Accuracy
from hwgen.flow.options import DataOptions, GeometryOptions, Settings
from hwgen.flow.quantize import quantize

WINDOW = 256
RATE = 4096.0
TONES = {"high": 1600.0, "low": 200.0, "middle": 800.0}


@pytest.fixture(scope="module")
def tones(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tones")
    time = np.arange(9000) / RATE
    rng = np.random.default_rng(4)
    for name, hertz in TONES.items():
        np.save(folder / f"{name}.npy", np.sin(2 * np.pi * hertz * time) + rng.normal(0, 0.2, 9000))
    return folder


def write(path: Path, tones: Path, features, stride: int, pool: int, order=(0, 1, 2)) -> Path:
    """Write a network whose last layer is fitted to what `features` makes of windows."""
    generator = torch.Generator().manual_seed(1)
    conv = torch.randn(2, 1, 16, generator=generator).double()
    data = signals.read_dataset(tones, reading=signals.Reading(sample_rate=RATE))
    train = signals.split_dataset(data)[0]
    x, labels = signals.dataset_windows(train, WINDOW, 32)
    given = torch.from_numpy(features(x * signals.input_scale(train, None)))[:, None]
    y = torch.nn.functional.conv1d(given, conv, None, stride, (16 - stride) // 2)
    y = torch.nn.functional.max_pool1d(torch.relu(y), pool).flatten(1)
    inputs = np.column_stack([y.numpy(), np.ones(len(y))])
    targets = np.eye(3)[labels][:, list(order)]
    gram = inputs.T @ inputs + 1e-6 * len(inputs) * np.eye(inputs.shape[1])
    rows = np.linalg.solve(gram, inputs.T @ targets).T
    state = {
        "conv1.weight": conv,
        "conv1.bias": torch.zeros(2),
        "fc1.weight": torch.from_numpy(rows[:, :-1].copy()),
        "fc1.bias": torch.from_numpy(rows[:, -1].copy()),
    }
    torch.save(state, path)
    return path


def spectrum(x):
    return np.abs(np.fft.rfft(x, axis=1))[:, 1:] / WINDOW


def descending(x):
    return spectrum(x)[:, ::-1].copy()


def run(path: Path, tones: Path, scale: float | None = None, **geometry):
    said: list[str] = []
    data = DataOptions(data=str(tones), sample_rate=RATE, input_scale=scale)
    settings = Settings(
        str(path), data=data, geometry=GeometryOptions(window=WINDOW, **geometry), verify_windows=6
    )
    result = quantize(settings, said.append)
    assert said[0].startswith("data: ")  # what was read stands first: a table
    return result, said[said.index(result.said.notices[0]) :]


def test_a_good_network_raises_no_doubt_and_says_what_it_is_taken_for(tmp_path, tones):
    result, said = run(write(tmp_path / "x.pt", tones, descending, 8, 2), tones)
    assert result.said.accuracy.float_f1 > 0.95
    assert not any("WARNING" in line for line in said)
    taken = " ".join(line for line in said if line.startswith("taken for: "))
    assert "|FFT| / 256 of windows of 256 samples (given), bins 128 down to 1 (default" in taken
    assert "stride 8 (default), padding 4 (inferred), ReLU, max-pool 2 (default)" in taken
    assert "would fit as well: " in taken
    assert "one over the RMS" in taken
    assert "outputs 0 to 2 are high, low, middle" in taken
    assert set(said) >= set(result.said.notices)


CASES = {
    "ascending": (spectrum, 8, 2, (0, 1, 2), {"bins": "ascending"}),
    "order": (descending, 8, 2, (1, 2, 0), {"outputs": (2, 0, 1)}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_option_that_is_told_makes_it_right(tmp_path, tones, case):
    features, stride, pool, order, geometry = CASES[case]
    path = write(tmp_path / "x.pt", tones, features, stride, pool, order)
    result, said = run(path, tones)
    assert said[0].startswith("WARNING: F1 of the float network is 0.")
    assert "near chance (0.333)" in said[0]
    assert result.said.notices[0] == said[0]
    option, value = next(iter(geometry.items()))
    text = value if isinstance(value, str) else ",".join(map(str, value))
    assert f"--{option} {text}" in said[1], said
    right, said = run(path, tones, **geometry)
    assert right.said.accuracy.float_f1 > 0.95
    assert not any("WARNING: F1" in line for line in said)


def test_raw_samples_are_told_though_they_cannot_be_built(tmp_path, tones):
    path = write(tmp_path / "x.pt", tones, lambda x: x, 16, 2)
    said = run(path, tones)[1]
    assert said[0].startswith("WARNING: F1 of the float network is 0.")
    raw = [line for line in said if "256 raw samples and no spectrum" in line]
    assert raw
    assert "hwgen cannot build that network now" in raw[0]


def test_where_no_reading_helps_the_data_are_named(tmp_path, tones):
    path = write(tmp_path / "x.pt", tones, descending, 8, 2)
    state = torch.load(path)
    torch.save(state | {"fc1.weight": torch.zeros(3, 16)}, path)  # it always gives one class
    said = run(path, tones)[1]
    assert "near chance" in said[0]
    assert "check that these recordings" in said[1]
    assert re.search(r"\d+ other readings were tried; best F1 of each kind: ", said[2])


@pytest.mark.parametrize(
    ("exact", "fixed", "told"),
    [(0.99, 0.95, False), (0.99, 0.9, True), (None, None, False), (0.3, 0.6, False)],
)
def test_a_fall_from_floats_to_integers_is_told(exact, fixed, told):
    accuracy = Accuracy(
        data="here", windows=9, agreement=1.0, float_f1=exact, fixed_f1=fixed, input_scale=1.0
    )
    line = doubt.of_fixed(accuracy)
    assert (line is not None) == told
    if line:
        assert "from 0.990 in floats to 0.900 in integers" in line


def test_training_is_doubted_below_half_of_the_way_from_chance():
    assert doubt.of_training(0.76, 2) == doubt.of_training(0.67, 3) == []
    assert "near chance (0.500)" in doubt.of_training(0.74, 2)[0]
    assert "near chance (0.100)" in doubt.of_training(0.54, 10)[0]


@pytest.mark.parametrize(("fixed", "told"), [(0.985, True), (0.994, False), (1.0, False)])
def test_auc_that_falls_is_told(fixed, told):
    accuracy = Accuracy(
        data="x", windows=9, agreement=1.0, input_scale=1.0, kind="anomaly", float_f1=1.0,
        fixed_f1=0.5, auc_float=0.995, auc_fixed=fixed,
    )  # fmt: skip
    found = doubt.of_fixed(accuracy)
    assert (found is not None) == told
    if found:
        assert "AUC falls from 0.995 in floats to 0.985 in integers" in found


@pytest.mark.parametrize(("sqnr", "told"), [(5.0, True), (30.0, False), (None, False)])
def test_noisy_scores_are_told_where_no_faults_are_known(sqnr, told):
    accuracy = Accuracy(
        data="x", windows=9, agreement=1.0, input_scale=1.0, kind="anomaly", sqnr_db=sqnr
    )
    found = doubt.of_fixed(accuracy)
    assert (found is not None) == told
    if found:
        assert "the scores of fixed point are noisy (SQNR 5.0 dB)" in found
