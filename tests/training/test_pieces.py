"""Windows are numbered class by class, never across a border of recordings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.signals import Dataset, Recording
from hwgen.training.pieces import Pieces

WINDOW = 4
LENGTHS = {"a": (10, 4), "b": (7,), "c": (5, 9, 6)}


@pytest.fixture
def dataset():
    """Sample values tell where they are from: 1000 a recording, 1 a sample; classes mixed up."""
    recordings = []
    for label, lengths in LENGTHS.items():
        for length in lengths:
            start = 1000.0 * (len(recordings) + 1)
            recordings.append(Recording(label, start + np.arange(float(length)), None, label))
    order = [3, 0, 2, 5, 1, 4]
    return Dataset("test", ("a", "b", "c"), tuple(recordings[i] for i in order))


def test_every_number_is_one_window_of_its_class(dataset):
    pieces = Pieces(dataset, WINDOW)
    assert pieces.counts.tolist() == [7 + 1, 4, 2 + 6 + 3]
    for label, name in enumerate(dataset.classes):
        count = pieces.counts[label]
        x, power = pieces.take(np.full(count, label), np.arange(count))
        expected = {
            tuple(r.samples[i : i + WINDOW])
            for r in dataset.recordings
            if r.label == name
            for i in range(r.samples.size - WINDOW + 1)
        }
        assert {tuple(w) for w in x.tolist()} == expected
        powers = {r.samples[0] // 1000: np.mean(r.samples**2) for r in dataset.recordings}
        np.testing.assert_allclose(power, [powers[w[0] // 1000] for w in x], rtol=1e-6)


def test_scale_multiplies_samples_and_power(dataset):
    index = np.array([0, 1, 2]), np.array([0, 0, 0])
    x, power = Pieces(dataset, WINDOW).take(*index)
    scaled, scaled_power = Pieces(dataset, WINDOW, 0.5).take(*index)
    np.testing.assert_allclose(scaled, 0.5 * x)
    np.testing.assert_allclose(scaled_power, 0.25 * power)


def test_random_reaches_every_window(dataset):
    pieces = Pieces(dataset, WINDOW)
    labels = np.repeat(np.arange(3), 300)
    x, _ = pieces.random(labels, np.random.default_rng(0))
    assert len({tuple(w) for w in x.tolist()}) == pieces.counts.sum()


def test_spread_is_balanced_distinct_and_reaches_both_ends(dataset):
    x, labels = Pieces(dataset, WINDOW).spread(5)
    assert np.bincount(labels).tolist() == [5, 4, 5]
    assert len({tuple(w) for w in x.tolist()}) == 14
    assert {1000.0, 2000.0} <= set(x[labels == 0, 0])


def test_windows_of_several_channels_have_each_channels_power(dataset):
    three = np.array([1.0, -2.0, 0.5])
    several = Dataset(
        "test",
        dataset.classes,
        tuple(replace(r, samples=r.samples[:, None] * three) for r in dataset.recordings),
    )
    labels, numbers = np.array([0, 1, 2, 2]), np.array([7, 0, 3, 5])
    alone, power = Pieces(dataset, WINDOW, 0.5).take(labels, numbers)
    x, powers = Pieces(several, WINDOW, 0.5).take(labels, numbers)
    np.testing.assert_allclose(x, alone[:, None] * three[:, None])
    np.testing.assert_allclose(powers, power[:, None] * three**2, rtol=1e-6)
    spread, _ = Pieces(several, WINDOW).spread(2)
    assert spread.shape == (6, 3, WINDOW)
