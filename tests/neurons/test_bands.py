"""Levels of windows in bands of frequency."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.neurons.bands import BANDS, WINDOW, levels, tables
from hwgen.signals import synthetic_dataset


@pytest.mark.parametrize(("number", "band"), [(1, 0), (32, 0), (33, 1), (1024, 31)])
def test_a_tone_is_in_its_band(number, band):
    tone = np.cos(2 * np.pi * number * np.arange(WINDOW) / WINDOW)
    found = levels(np.stack([tone, 10 * tone]))
    assert found.shape == (2, BANDS)
    assert found[0].argmax() == band
    assert found[1, band] - found[0, band] == pytest.approx(np.log(100))


def test_an_offset_does_not_matter_and_silence_is_finite():
    noise = np.random.default_rng(0).standard_normal((3, WINDOW))
    assert levels(noise) == pytest.approx(levels(noise + 5))
    assert np.isfinite(levels(np.zeros((2, WINDOW)))).all()


def test_channels_are_side_by_side():
    noise = np.random.default_rng(0).standard_normal((3, 2, WINDOW))
    assert levels(noise)[:, BANDS:] == pytest.approx(levels(noise[:, 1]), abs=1e-6)


def test_both_parts_of_recordings():
    dataset = synthetic_dataset(seed=0, classes=3)
    train, test, said = tables(dataset, -6.0, 0)
    assert train.classes == test.classes == dataset.classes
    assert len(train.x) > len(test.x) > 0
    assert "32 bands" in said[0]
    assert train.digest != tables(dataset, None, 0)[0].digest
