"""Splits and windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import InputError
from hwgen.signals import (
    Dataset,
    Recording,
    by_file,
    by_file_notice,
    dataset_windows,
    draw,
    split,
    split_dataset,
    windows,
)


def ramp(label, length, start=0):
    samples = np.arange(start, start + length, dtype=np.float64)
    return Recording(label, samples, 12e3, f"{label}.npy")


def dataset(*recordings):
    classes = tuple(dict.fromkeys(recording.label for recording in recordings))
    return Dataset("made", classes, recordings)


@settings(derandomize=True)
@given(st.integers(2, 10_000))
def test_split_is_two_thirds_and_loses_nothing(length):
    train, test = split(ramp("a", length))
    assert train.samples.size == length * 2 // 3
    np.testing.assert_array_equal(np.concatenate([train.samples, test.samples]), np.arange(length))
    assert (train.label, test.source, test.sample_rate) == ("a", "a.npy", 12e3)


def test_split_of_a_dataset_splits_each_recording():
    train, test = split_dataset(dataset(ramp("a", 9), ramp("b", 30)))
    assert [r.samples.size for r in train.recordings] == [6, 20]
    assert [r.samples.size for r in test.recordings] == [3, 10]
    assert train.classes == test.classes == ("a", "b")


def test_split_refuses_a_single_sample_and_a_share_that_is_none():
    with pytest.raises(InputError, match=r"a\.npy is too short to split"):
        split(ramp("a", 1))
    for share in (0.0, 1.0, float("nan")):
        with pytest.raises(ValueError, match="train must be above 0 and below 1"):
            split(ramp("a", 9), share)


@settings(derandomize=True)
@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 25))
def test_windows_are_all_that_fit(size, length, stride):
    samples = np.arange(size, dtype=np.float64)
    if size < length:
        with pytest.raises(ValueError, match="at least length"):
            windows(samples, length, stride)
        return
    expected = [samples[k : k + length] for k in range(0, size - length + 1, stride)]
    np.testing.assert_array_equal(windows(samples, length, stride), expected)


@pytest.mark.parametrize(("length", "stride"), [(0, 1), (4, 0), (-1, 1)])
def test_windows_refuse_sizes_below_one(length, stride):
    with pytest.raises(ValueError, match="must be at least 1"):
        windows(np.arange(9.0), length, stride)


def test_dataset_windows_carry_their_class():
    x, labels = dataset_windows(dataset(ramp("a", 8), ramp("b", 6, 100), ramp("a", 4, 50)), 4, 2)
    assert x[:, 0].tolist() == [0, 2, 4, 100, 102, 50]
    assert labels.tolist() == [0, 0, 0, 1, 1, 0]
    assert (x.shape, x.dtype, labels.dtype) == ((6, 4), np.float64, np.int64)


@pytest.mark.parametrize(
    "use", [lambda d: dataset_windows(d, 8, 1), lambda d: draw(d, 8, 1, np.random.default_rng(0))]
)
def test_recording_shorter_than_a_window_is_named(use):
    with pytest.raises(InputError, match=r"b\.npy is too short: 5 samples .* needs 8"):
        use(dataset(ramp("a", 8), ramp("b", 5)))


def test_draw_takes_runs_of_windows_from_random_starts():
    data = dataset(ramp("a", 50_000), ramp("b", 90_000, 10**6))
    x, labels = draw(data, 2048, 200, np.random.default_rng(9))
    assert x.shape == (400, 2048)
    assert labels.tolist() == [0] * 200 + [1] * 200
    assert (np.diff(x, axis=1) == 1).all()
    starts = x[:200, 0]
    steps = np.diff(starts)
    assert np.flatnonzero(steps != 28).tolist() == [72, 145]  # 73 windows a run
    assert starts.max() + 2048 <= 50_000
    assert x[200:, 0].min() >= 10**6


def test_draw_repeats_by_seed_and_visits_every_recording():
    data = dataset(ramp("a", 300), ramp("a", 300, 1000))
    first, again, other = (
        draw(data, 64, 200, np.random.default_rng(seed), step=8)[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.min() < 300
    assert first.max() >= 1000


@settings(derandomize=True)
@given(st.integers(16, 200), st.integers(1, 40), st.integers(1, 90))
def test_draw_works_on_recordings_that_hold_no_whole_run(size, step, per_class):
    x, _ = draw(dataset(ramp("a", size)), 16, per_class, np.random.default_rng(3), step)
    assert x.shape == (per_class, 16)
    assert (np.diff(x, axis=1) == 1).all()
    assert x.max() < size


@pytest.mark.parametrize(("per_class", "step"), [(0, 1), (1, 0)])
def test_draw_refuses_sizes_below_one(per_class, step):
    with pytest.raises(ValueError, match="must be at least 1"):
        draw(dataset(ramp("a", 30)), 4, per_class, np.random.default_rng(0), step)


def short(label, count, size):
    return [ramp(label, size, 1000.0 * number) for number in range(count)]


def test_short_records_are_split_by_file():
    whole = dataset(*short("a", 7, 25), *short("b", 2, 25), ramp("c", 90), ramp("c", 30))
    train, test = split_dataset(whole, window=10)
    assert [[int(r.samples[0]) for r in part.recordings if r.label == "a"]
            for part in (train, test)] == [[0, 1000, 2000, 3000], [4000, 5000, 6000]]  # fmt: skip
    assert [sum(r.label == "b" for r in part.recordings) for part in (train, test)] == [1, 1]
    assert [r.samples.size for r in test.recordings if r.label == "c"] == [30, 10]
    assert by_file(whole, 10) == ("a", "b")
    (notice,) = by_file_notice(whole, 10)
    assert "of a, b train (5) and the last third tests (4)" in notice
    assert "10 samples" in notice


def test_records_of_three_windows_are_split_inside():
    whole = dataset(*short("a", 2, 30))
    assert by_file(whole, 10) == ()
    assert by_file_notice(whole, 10) == ()
    assert by_file(whole, 11) == ("a",)
    assert "files of every class train (1)" in by_file_notice(whole, 11)[0]


def test_a_lone_short_record_stays_one():
    whole = dataset(ramp("a", 12))
    assert by_file(whole, 10) == ()
    assert [part.recordings[0].samples.size for part in split_dataset(whole, window=10)] == [8, 4]
