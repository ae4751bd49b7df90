"""A glitch is named, and does not make all else look clipped."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import Dataset, Recording, judge_dataset
from hwgen.signals.quality import Mark, judge_recording, judge_windows

LENGTH = 256


def noise(size=16 * LENGTH, rms=0.7, seed=0):
    return np.random.default_rng(seed).normal(0, rms, size)


def judged(x, **options):
    return judge_recording(Recording("x", x, None, "x.npy"), length=LENGTH, **options)


@pytest.mark.parametrize("value", [1000.0, -1000.0, -9999.0, 1e30, 300.0])
@pytest.mark.parametrize("offset", [0.0, 1.0, -40.0])
def test_one_glitch_does_not_make_the_rest_clipped(value, offset):
    x = noise() + offset
    x[500] = value
    found = judged(x)
    assert (found.bottom, found.top) == (-np.inf, np.inf)
    assert found.marked[Mark.CLIPPED] == 0
    assert found.glitches is not None
    assert (found.glitches.count, found.glitches.first, found.glitches.value) == (1, 500, value)
    told = [text for text in found.notices() if text.startswith("glitch: ")]
    assert len(told) == 1
    assert f"it is sample 500, counted from 0: {value:.6g};" in told[0]


def test_only_its_window_is_marked():
    x = noise()
    x[500] = 1000.0
    limits = judged(x, full_scale=16.0).limits
    marks = judge_windows(x.reshape(-1, LENGTH), limits)
    assert np.flatnonzero(marks).tolist() == [500 // LENGTH]


def test_clipping_is_found_beside_glitches():
    x = np.clip(noise(40_000), -0.8, 0.9)
    clean = judged(x)
    x[[500, 20_000, 30_000]] = -9999.0
    found = judged(x)
    assert found.glitches.count == 3
    assert (found.bottom, found.top) == (clean.bottom, clean.top)
    assert found.marked[Mark.CLIPPED] >= clean.marked[Mark.CLIPPED] > 0


def test_glitches_over_the_borders_of_chunks(monkeypatch):
    x = noise(40_000)
    x[[7, 20_000, 39_999]] = [-9999.0, 1000.0, 500.0]
    whole = judged(x).glitches
    assert (whole.count, whole.first, whole.value) == (3, 7, -9999.0)
    rest = np.delete(x, [7, 20_000, 39_999])
    assert (whole.low, whole.high) == (rest.min(), rest.max())
    for module in ("recording", "glitches"):
        monkeypatch.setattr(
            f"hwgen.signals.quality.{module}.chunks",
            lambda samples: np.split(samples, range(999, len(samples), 999)),
        )
    assert judged(x).glitches == whole


@pytest.mark.parametrize(
    "x",
    [
        noise(),
        noise(50_000, seed=4) ** 3,
        np.where(np.arange(20_000) % 500 < 3, 5.0, 0.1) * noise(20_000),
        np.where(np.arange(20_000) % 500 < 3, 1000.0, 0.0),
        np.zeros(20_000) + (np.arange(20_000) == 7),
        np.append(noise(), 100.0),
        np.append(noise(20), 1000.0),
    ],
    ids=["normal", "cubed", "impacts", "pulses", "one pulse", "a peak", "few samples"],
)
def test_what_is_no_glitch(x):
    assert judged(x).glitches is None


def test_a_dropout_far_beyond_all_else_is_both():
    x = noise(40_000)
    x[5000:5020] = -9999.0
    found = judged(x)
    assert (found.glitches.count, len(found.dropouts)) == (20, 1)
    assert found.marked[Mark.CLIPPED] == 0
    assert found.marked[Mark.DROPOUT] > 0


def test_a_data_set_names_recordings_with_glitches():
    x = noise(40 * LENGTH, rms=0.5)
    x[500] = 900.0
    recordings = tuple(
        Recording(name, samples, None, f"{name}.npy")
        for name, samples in (("a", x), ("b", noise(40 * LENGTH, rms=0.5, seed=1)))
    )
    _, notices = judge_dataset(Dataset("made up", ("a", "b"), recordings), LENGTH)
    assert notices == (
        "1 of 2 recordings, a.npy (900 at sample 500): glitch: samples far beyond all others; a "
        "fault of the recorder, or a mark for a missing value? They are used as they are",
    )


def test_a_level_that_a_glitch_makes_is_refused_with_its_name():
    x = noise(40 * LENGTH)
    x[500] = -99_999.0
    data = Dataset("made up", ("a",), (Recording("a", x, None, "a.npy"),))
    with pytest.raises(InputError, match=r"RMS is 988.2.*, sample 500 is -99999, far beyond all"):
        judge_dataset(data, LENGTH)
