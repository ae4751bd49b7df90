from pathlib import Path

import numpy as np
import pytest

from hwgen.errors import FileAccessError
from hwgen.signals import (
    Dataset,
    Recording,
    dataset_windows,
    draw,
    input_scale,
    noise,
    noisy,
    places,
    split,
    store,
    windows,
)
from hwgen.signals.store import Store, Stored, chunks
from hwgen.training.pieces import Pieces
from hwgen.training.prepare import digest_of

RNG = np.random.default_rng(11)
WAVE = RNG.standard_normal(5000)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Chunks of 700 samples, so that a few thousand make several."""
    monkeypatch.setattr(store.chunks, "__defaults__", (700,))


def stored(samples, dtype=np.float64):
    return Store(room=0).keep([samples], samples.size, dtype)


def data(wrap):
    """Two classes of two recordings each."""
    recordings = tuple(
        Recording(label, wrap(gain * WAVE[begin : begin + size]), 12e3, f"{label}{begin}")
        for label, gain, begin, size in (
            ("a", 1.0, 0, 900), ("a", 2.0, 500, 1300), ("b", 0.5, 100, 2000), ("b", 1.0, 7, 811),
        )
    )  # fmt: skip
    return Dataset("set", ("a", "b"), recordings)


def plain(dataset):
    return [np.asarray(each.samples) for each in dataset.recordings]


def test_what_is_kept_comes_back():
    kept = stored(WAVE)
    assert isinstance(kept, Stored)
    assert (len(kept), kept.shape, kept.dtype) == (5000, (5000,), np.float64)
    assert np.array_equal(kept, WAVE)
    assert np.array_equal(np.concatenate(list(chunks(kept))), WAVE)
    assert (kept[3], kept[-1]) == (WAVE[3], WAVE[-1])


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (0, 1), (17, 4001), (-5, None), (40, 9999)])
def test_a_slice_is_a_slice(start, stop):
    part = stored(WAVE)[10:4900][start:stop]
    assert isinstance(part, Stored)
    assert np.array_equal(part, WAVE[10:4900][start:stop])


def test_a_step_is_refused():
    with pytest.raises(ValueError, match="step must be 1, not 2"):
        stored(WAVE)[::2]


def test_the_first_stay_in_memory_and_several_share_a_file():
    keeper = Store(room=150)
    kept = [keeper.keep([WAVE[:k], WAVE[k:100]], 100) for k in (30, 40, 50)]
    assert [isinstance(each, Stored) for each in kept] == [False, True, True]
    assert all(np.array_equal(each, WAVE[:100]) for each in kept)


def test_windows_in_a_file_are_those_in_memory():
    for length, stride in ((64, 64), (64, 9), (50, 70), (5000, 1)):
        here, there = windows(WAVE, length, stride), windows(stored(WAVE), length, stride)
        assert there.shape == here.shape
        for key in (slice(None), slice(3, 7), slice(2, 2), slice(-1, None)):
            assert np.array_equal(there[key], here[key])
        numbers = RNG.integers(len(here), size=5)
        assert np.array_equal(there[numbers], here[numbers])


@pytest.mark.parametrize("most", [None, 1, 7, 10_000])
def test_a_data_set_in_a_file_gives_the_same_windows(most):
    here, there = (dataset_windows(data(wrap), 256, 40, most) for wrap in (np.array, stored))
    assert np.array_equal(here[0], there[0])
    assert np.array_equal(here[1], there[1])


def test_some_places_are_evenly_spread():
    dataset = data(np.array)
    every, some = places(dataset, 256, 40), places(dataset, 256, 40, 10)
    assert (len(every), len(some), some.every) == (every.every, 10, len(every))
    all_of_them = list(zip(every.recording, every.start, strict=True))
    index = [all_of_them.index(one) for one in zip(some.recording, some.start, strict=True)]
    assert index[0] == 0
    assert index[-1] == len(every) - 1
    assert np.ptp(np.diff(index)) <= 1


def test_noise_is_the_same(monkeypatch):
    monkeypatch.setattr(noise, "Store", lambda: Store(room=0))
    here, there = (noisy(data(wrap), -3.0, 5) for wrap in (np.array, stored))
    assert all(isinstance(each.samples, Stored) for each in there.recordings)
    for one, other in zip(plain(here), plain(there), strict=True):
        # The power is summed in another order: the last bits of the noise's level may differ.
        assert np.allclose(one, other, rtol=1e-12, atol=0)
    assert input_scale(data(stored), -3.0) == pytest.approx(input_scale(data(np.array), -3.0))


def test_draws_pieces_and_digest_are_the_same(monkeypatch):
    monkeypatch.setattr("hwgen.training.pieces._ROOM", 0)
    far = Pieces(data(stored), 128, 0.7)
    monkeypatch.setattr("hwgen.training.pieces._ROOM", 1 << 20)
    near = Pieces(data(np.array), 128, 0.7)
    for one, other in zip(near.spread(9), far.spread(9), strict=True):
        assert np.array_equal(one, other)
    labels = np.array([0, 1, 1, 0, 1])
    (x, power), (y, level) = (p.random(labels, np.random.default_rng(3)) for p in (near, far))
    assert np.array_equal(x, y)
    assert np.allclose(power, level, rtol=1e-6)
    drawn = [draw(data(wrap), 128, 30, np.random.default_rng(2))[0] for wrap in (np.array, stored)]
    assert np.array_equal(*drawn)
    assert digest_of(data(np.array)) == digest_of(data(stored))


def test_parts_of_a_recording_in_a_file():
    here, there = (split(Recording("a", wrap(WAVE), None, "a")) for wrap in (np.array, stored))
    for one, other in zip(here, there, strict=True):
        assert np.array_equal(one.samples, other.samples)


def test_a_folder_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(store, "_folder", lambda: tmp_path / "gone")
    with pytest.raises(FileAccessError, match=r"cannot write samples to .*gone \(TMPDIR"):
        stored(WAVE)


def test_a_full_disk_is_told(monkeypatch):
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(store.tempfile, "TemporaryFile", lambda **_: full)
        with pytest.raises(FileAccessError, match="No space left on device"):
            Store(room=0).keep([WAVE], WAVE.size)
