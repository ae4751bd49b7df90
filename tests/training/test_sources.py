"""Windows for fine-tuning are balanced, varied, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.signals import synthetic_dataset
from hwgen.training.augment import Augment
from hwgen.training.pieces import Pieces
from hwgen.training.sources import FreshWindows, KeptWindows


@pytest.fixture(scope="module")
def fresh():
    dataset = synthetic_dataset(3, classes=4, seconds=1.0)
    return FreshWindows(Pieces(dataset, 256), Augment(0.0, 6.0))


def kept():
    labels = np.array([0] * 20 + [2, 2, 3])
    return KeptWindows(np.arange(1.0, 24.0)[:, np.newaxis] * np.ones((1, 8)), labels, gain=0.5)


def test_fresh_windows_are_balanced_and_of_their_class(fresh):
    x, labels = fresh.sample(40, np.random.default_rng(1))
    assert x.shape == (40, 256)
    assert x.dtype == np.float64
    assert np.bincount(labels).tolist() == [10] * 4
    assert len(np.unique(x[:, 0])) == 40


def test_kept_windows_are_balanced_and_only_their_level_changes():
    x, labels = kept().sample(300, np.random.default_rng(1))
    assert np.bincount(labels).tolist() == [100, 0, 100, 100]
    assert np.ptp(x / x[:, :1]) < 1e-12
    octaves = np.log2(x[labels == 3, 0] / 23)
    assert -0.5 <= octaves.min() < -0.4
    assert 0.4 < octaves.max() <= 0.5
    sources = np.unique((np.log2(x[labels == 2, 0]) // 0.01).astype(int))
    assert len(sources) > 30


@pytest.mark.parametrize("kind", ["fresh", "kept"])
def test_the_seed_decides(kind, fresh):
    source = fresh if kind == "fresh" else kept()
    first, again, other = (source.sample(12, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0] != other[0]).any()
