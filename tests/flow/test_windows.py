"""Which samples calibration, choices and the test see: never the same ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen import importers, signals
from hwgen.flow.options import DataOptions
from hwgen.flow.windows import gather
from hwgen.importers import Checkpoint, CheckpointMeta, Windows
from hwgen.network import Graph, Network
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct

LENGTH = 256
CLASSES = ("inner", "outer", "sound")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory, write_state) -> Checkpoint:
    return importers.load(write_state(tmp_path_factory.mktemp("windows") / "tiny.pt"))


@pytest.fixture
def ramps(checkpoint, tmp_path):
    """Gather from recordings whose samples say where they are: class times 10^6 and place.

    Every other one is negative, as what rises steadily is no vibration.
    """

    def run(*sizes: int, **options):
        for number, size in enumerate(sizes):
            place = np.arange(size)
            np.save(tmp_path / f"{CLASSES[number]}.npy", (1e6 * number + place) * (-1.0) ** place)
        return gather(checkpoint, DataOptions(data=str(tmp_path), unit="g", **options))

    return run


def places(windows: np.ndarray, labels: np.ndarray, label: int) -> np.ndarray:
    """Return begin and end of each window of a class that is from `ramps`."""
    mine = np.abs(windows[labels == label]) - 1e6 * label
    assert np.array_equal(np.diff(mine), np.ones((len(mine), LENGTH - 1)))
    return np.stack([mine[:, 0], mine[:, -1] + 1], axis=1)


def test_the_parts_follow_each_other_in_every_recording(ramps):
    sizes = (3000, 4500, 3300)
    windows = ramps(*sizes)
    for label, size in enumerate(sizes):
        train, seen = size * 2 // 3, size * 2 // 3 * 4 // 5
        calibration = places(windows.calibration, windows.calibration_labels, label)
        held = places(windows.held, windows.held_labels, label)
        test = places(windows.test, windows.labels, label)
        assert calibration.min() == 0
        assert seen - LENGTH // 2 < calibration.max() <= seen
        assert held.min() == seen
        assert train - LENGTH // 16 < held.max() <= train
        assert test.min() == train
        assert len(held) == len(range(0, train - seen - LENGTH + 1, LENGTH // 16))
    assert windows.held_labelled


def test_clean_recordings_are_those_of_calibration_and_test(ramps):
    windows = ramps(3000, 3000, 3000, snr_db=-6.0)
    for label, name in enumerate(CLASSES):
        (train,) = [one for one in windows.clean_train.recordings if one.label == name]
        (test,) = [one for one in windows.clean_test.recordings if one.label == name]
        assert np.array_equal(np.abs(train.samples) - 1e6 * label, np.arange(1600))
        assert np.array_equal(np.abs(test.samples) - 1e6 * label, np.arange(2000, 3000))


@pytest.mark.parametrize(
    ("train", "enough"),
    [(5 * LENGTH + 6, True), (5 * LENGTH, False), (2 * LENGTH + 8, False)],
)
def test_the_shortest_recording_decides_whether_any_are_held_out(ramps, train, enough):
    windows = ramps(9000, 3 * train // 2, 9000)
    assert windows.held_labelled is enough
    if enough:
        assert np.bincount(windows.held_labels).min() > 0
        assert windows.clean_train.recordings[1].samples.size == train * 4 // 5
    else:
        assert windows.held.shape == (0, LENGTH)
        assert windows.held_labels.shape == (0,)
        # Nothing is wasted then: calibration sees the whole training part.
        assert windows.clean_train.recordings[1].samples.size == train
        end = places(windows.calibration, windows.calibration_labels, 0).max()
        assert 6000 - LENGTH // 2 < end <= 6000


def test_three_realisations_of_the_noise_are_on_the_held_out_part(checkpoint, recordings):
    clean = gather(checkpoint, DataOptions(data=str(recordings), sample_rate=12_000))
    noisy = gather(
        checkpoint, DataOptions(data=str(recordings), sample_rate=12_000, snr_db=0.0, seed=4)
    )
    count = len(clean.held)
    assert len(noisy.held) == 3 * count
    assert np.array_equal(noisy.held_labels, np.tile(clean.held_labels, 3))
    rest = signals.split_dataset(
        signals.split_dataset(
            signals.read_dataset(recordings, reading=signals.Reading(sample_rate=12_000))
        )[0],
        0.8,
    )[1]
    for draw in range(3):
        expected = signals.dataset_windows(signals.noisy(rest, 0.0, 4 + draw), LENGTH, 16)[0]
        assert np.array_equal(noisy.held[draw * count :][:count], expected)


def test_the_scale_is_that_of_the_whole_training_part(ramps):
    samples = np.concatenate([1e6 * number + np.arange(2000) for number in range(3)])
    windows = ramps(3000, 3000, 3000)
    assert windows.input_scale == pytest.approx(1 / np.sqrt(np.mean(np.square(samples))))


def numbered(labels: np.ndarray, first: int) -> Windows:
    """Windows whose samples are their number."""
    numbers = first + np.arange(len(labels))
    return Windows(np.repeat(numbers[:, None], LENGTH, axis=1).astype(float), labels, "made up")


def carried(checkpoint: Checkpoint, labels: np.ndarray) -> Checkpoint:
    return replace(
        checkpoint,
        network=replace(checkpoint.network, classes=CLASSES, input_scale=1.0),
        meta=CheckpointMeta("made up", None),
        calibration=numbered(labels, 0),
        test=numbered(np.arange(6) % 3, 10_000),
    )


@pytest.mark.parametrize("counts", [(50, 50, 50), (7, 30, 5), (1000, 900, 3)])
def test_every_fifth_carried_window_of_a_class_is_held_out(checkpoint, counts):
    labels = np.random.default_rng(2).permutation(np.repeat(np.arange(3), counts))
    windows = gather(carried(checkpoint, labels), DataOptions())
    held, seen = windows.held[:, 0].astype(int), windows.calibration[:, 0].astype(int)
    assert np.array_equal(labels[held], windows.held_labels)
    assert np.array_equal(labels[seen], windows.calibration_labels)
    assert not set(held) & set(seen)
    assert not set(windows.test[:, 0]) & {*held, *seen}
    for label, count in enumerate(counts):
        order = np.flatnonzero(labels == label)
        assert held[windows.held_labels == label].tolist() == order[2::5].tolist()
        assert np.sum(windows.held_labels == label) == (count + 2) // 5
    assert len(seen) == min(600, len(labels) - len(held))
    assert windows.held_labelled
    assert windows.clean_train is None


def test_too_few_carried_windows_are_all_calibrations(checkpoint):
    windows = gather(carried(checkpoint, np.arange(6) % 3), DataOptions())
    assert windows.calibration[:, 0].tolist() == list(range(6))
    assert windows.held.shape == (0, LENGTH)
    assert not windows.held_labelled


def test_synthetic_signals_that_mean_no_class_are_held_out_without_labels(checkpoint):
    windows = gather(checkpoint, DataOptions())
    assert len(windows.held) > 0
    assert not windows.held_labelled


IDLE = {"channel": "FE", "unit": "counts", "offset": 2.0, "class_from": "x", "sample_rate": 12e3}


def test_options_that_read_nothing_are_told(checkpoint):
    """With the windows of a checkpoint, or synthetic signals, there are no recordings to read."""
    kept = gather(carried(checkpoint, np.arange(9) % 3), DataOptions(**IDLE)).notices
    text = "--channel, --unit, --offset, --class-from, --sample-rate does nothing; --data names"
    assert kept == (f"no recordings are read, so {text} them",)
    # The rate is that of the signals that are made.
    made = gather(checkpoint, DataOptions(**IDLE)).notices
    assert made[0] == f"no recordings are read, so {text.replace(', --sample-rate', '')} them"


def test_without_such_options_nothing_is_told(checkpoint):
    assert gather(carried(checkpoint, np.arange(9) % 3), DataOptions()).notices == ()
    told = gather(checkpoint, DataOptions(sample_rate=12e3)).notices
    assert not any("no recordings are read" in notice for notice in told)


def test_windows_of_few_samples_are_rows_side_by_side(tmp_path):
    """A pair of numbers is a point; the second of one and the first of the next are none."""
    layers = [Direct("direct"), Dense("last", np.eye(3), np.zeros(3))]
    network = Network("points", 3, Graph.chain("samples", layers), ("a", "b", "c"))
    rng = np.random.default_rng(1)
    for name in "abc":
        rows = rng.normal(size=(100, 1)) + np.array([0.0, 0.25, 0.5])
        np.save(tmp_path / f"{name}.npy", rows.reshape(-1))
    options = DataOptions(str(tmp_path), input_scale=1.0, unit="g")
    found = gather(Checkpoint(network, bare=True), options)
    for part in (found.calibration, found.held, found.test):
        assert len(part) > 10
        np.testing.assert_allclose(part - part[:, :1], [[0.0, 0.25, 0.5]] * len(part))
    assert any("windows of 3 samples are taken for rows" in note for note in found.notices)
