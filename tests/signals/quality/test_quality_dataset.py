"""A data set that is fit to learn from: what is refused, cut out, said, and left alone."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import Dataset, Recording, judge_dataset, read_dataset, synthetic_dataset

LENGTH = 256


def noise(size: int = 40 * LENGTH, rms: float = 0.5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, rms, size)


def dataset(unit: str = "g", **samples: np.ndarray) -> Dataset:
    """A class a keyword; of several recordings where it holds a list."""
    recordings = []
    for name, arrays in samples.items():
        for number, x in enumerate(arrays if isinstance(arrays, list) else [arrays]):
            source = f"{name}{number or ''}.npy"
            recordings.append(Recording(name, x.astype(np.float64), None, source, unit=unit))
    return Dataset("made up", tuple(samples), tuple(recordings))


def test_a_good_data_set_comes_back_as_it_is():
    good = dataset(a=noise(), b=noise(seed=1))
    kept, notices = judge_dataset(good, LENGTH)
    assert kept is good
    assert notices == ()


def test_published_and_made_up_sets_come_back_as_they_are(cwru_folder):
    for good in (read_dataset(cwru_folder), synthetic_dataset(seed=1)):
        kept, notices = judge_dataset(good, 2048)
        assert kept is good
        assert notices == ()


def test_dropouts_are_cut_out_and_said():
    x = noise()
    x[10 * LENGTH : 12 * LENGTH] = 0.25
    kept, notices = judge_dataset(dataset(a=x, b=noise(seed=1)), LENGTH)
    first, second, other = kept.recordings
    assert np.array_equal(first.samples, x[: 10 * LENGTH])
    assert np.array_equal(second.samples, x[12 * LENGTH :])
    assert (first.label, first.source, second.label, second.source) == ("a", "a.npy") * 2
    assert np.array_equal(other.samples, noise(seed=1))
    assert notices == (
        "1 of 2 recordings, a.npy (5 % of its windows): dropout: 16 or more samples in a row are "
        "equal; those stretches are cut out",
    )


def test_stretches_in_which_no_window_can_be_held_out_are_not_worth_it():
    x = noise(20 * LENGTH)
    x[7 * LENGTH : 8 * LENGTH] = 0  # 7 windows before, 12 behind
    kept, _ = judge_dataset(dataset(a=x, b=noise(seed=1)), LENGTH)
    assert [each.samples.size for each in kept.recordings] == [12 * LENGTH, 40 * LENGTH]
    x = x[: 11 * LENGTH]  # 7 and 3: all that there is
    kept, _ = judge_dataset(dataset(a=x, b=noise(seed=1)), LENGTH)
    assert [each.samples.size for each in kept.recordings] == [n * LENGTH for n in (7, 3, 40)]


def test_a_recording_with_nothing_left_is_left_out_and_named():
    x = noise(4 * LENGTH)
    x[LENGTH : 3 * LENGTH] = 0
    kept, notices = judge_dataset(dataset(a=[noise(), x], b=noise(seed=1)), LENGTH)
    assert [each.source for each in kept.recordings] == ["a.npy", "b.npy"]
    assert notices[0].endswith("cut out; 1 without 3 windows between them left out (a1.npy)")


def test_a_class_with_nothing_left_is_an_error():
    x = noise(4 * LENGTH)
    x[LENGTH : 3 * LENGTH] = 0
    with pytest.raises(InputError, match=r"a\.npy has dropouts .* class 'a' without a recording"):
        judge_dataset(dataset(a=x, b=noise(seed=1)), LENGTH)


def test_clipping_is_said_and_used_as_it_is():
    clipped = dataset(a=np.clip(noise(), -0.5, 0.5), b=noise(seed=1))
    kept, notices = judge_dataset(clipped, LENGTH)
    assert kept is clipped
    (notice,) = notices
    assert notice.startswith("1 of 2 recordings, a.npy (100 % of its windows): clipped: ")


def test_counts_are_refused_until_they_are_said_to_be_such():
    counts = {name: np.rint(noise(rms=1500, seed=seed)) for seed, name in enumerate("ab")}
    with pytest.raises(InputError) as caught:
        judge_dataset(dataset(**counts), LENGTH)
    assert str(caught.value).startswith("made up: samples of a.npy cannot be g (all are whole ")
    assert "--unit counts, or insist with --unit g" in str(caught.value)
    assert "\n" not in str(caught.value)
    said = dataset("counts", **counts)
    assert judge_dataset(said, LENGTH, unit="counts") == (said, ())
    kept, (notice,) = judge_dataset(dataset(**counts), LENGTH, unit="g")
    assert "the samples can hardly be g, as --unit says" in notice
    assert len(kept.recordings) == 2


def test_one_class_in_counts_is_refused():
    with pytest.raises(InputError, match=r"must be in one unit, but samples of b\.npy cannot be g"):
        judge_dataset(dataset(a=noise(), b=np.rint(noise(rms=1500))), LENGTH)


def test_two_units_are_refused():
    mixed = dataset(a=noise(), b=noise(seed=1))
    other = Recording("b", noise(), None, "b.wav", unit="of full scale")
    mixed = Dataset("made up", mixed.classes, (mixed.recordings[0], other))
    with pytest.raises(InputError, match=r"a\.npy is in 'g' and b\.wav in 'of full scale'"):
        judge_dataset(mixed, LENGTH)


@pytest.mark.parametrize(("ratio", "told"), [(90, False), (110, True)])
def test_levels_that_are_far_apart_are_questioned(ratio, told):
    _, notices = judge_dataset(dataset(a=noise(rms=0.1), b=noise(rms=0.1 * ratio, seed=1)), LENGTH)
    assert bool(notices) is told
    if told:
        assert notices[0].startswith(
            "levels are 41 dB apart: RMS 0.0998 in a.npy, 11 in b.npy; are"
        )


def test_an_offset_is_said_for_all_recordings_at_once():
    many = {f"c{number}": noise(seed=number) + 3 + number for number in range(5)}
    _, (notice,) = judge_dataset(dataset(**many), LENGTH)
    assert notice.startswith("5 of 5 recordings, c0.npy (")
    assert "and 2 more: the mean is far above the RMS" in notice
    assert "--offset" in notice


def test_shares_of_full_scale_are_said_once():
    _, (notice,) = judge_dataset(
        dataset("of full scale", a=noise(rms=0.1), b=noise(rms=0.1)), LENGTH
    )
    assert "shares of the recorder's full scale" in notice
