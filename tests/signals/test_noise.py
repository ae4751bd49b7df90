import math

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import (
    Dataset,
    Recording,
    add_noise,
    input_scale,
    noisy,
    read_dataset,
    split_dataset,
)


def dataset(*arrays):
    recordings = tuple(Recording(f"c{k}", x, None, f"made {k}") for k, x in enumerate(arrays))
    return Dataset("made", tuple(r.label for r in recordings), recordings)


def test_scale_of_the_published_input(cwru_folder):
    """The published network's input is x times 1.261; by variance it would be 1.263."""
    train, _ = split_dataset(read_dataset(cwru_folder))
    assert input_scale(train, -6) == pytest.approx(1.261, abs=5e-4)


def test_scale_weighs_recordings_alike_whatever_their_length():
    two = dataset(np.array([1.0, -1.0]), np.full(1000, 3.0))
    assert input_scale(two, None) == pytest.approx(1 / math.sqrt((1 + 9) / 2))
    assert input_scale(two, 0) == pytest.approx(1 / math.sqrt(1 + 9))


def test_scale_makes_noisy_training_samples_unit_rms():
    rng = np.random.default_rng(2)
    train = dataset(rng.normal(0, 0.1, 50_000), rng.normal(0.3, 0.7, 50_000))
    scale = input_scale(train, -6)
    powers = [np.mean((scale * r.samples) ** 2) for r in noisy(train, -6, 3).recordings]
    assert np.mean(powers) == pytest.approx(1, rel=0.02)


def test_scale_of_silence_is_refused():
    with pytest.raises(InputError, match="made: the recordings' mean square"):
        input_scale(dataset(np.zeros(5)), -6)


@pytest.mark.parametrize("snr_db", [-6, 0, 12.5])
def test_noise_has_the_asked_power_and_is_white(snr_db):
    samples = np.sin(np.arange(200_000)) + 0.5
    noise = add_noise(samples, snr_db, np.random.default_rng(4)) - samples
    ratio = 10 * np.log10(np.mean(samples**2) / np.mean(noise**2))
    assert ratio == pytest.approx(snr_db, abs=0.05)
    assert abs(np.mean(noise[1:] * noise[:-1])) < 0.01 * np.mean(noise**2)


def test_noise_can_relate_to_another_power():
    noise = add_noise(np.zeros(100_000), 0, np.random.default_rng(5), power=4.0)
    assert np.std(noise) == pytest.approx(2, rel=0.02)


def test_noise_is_relative_to_each_recording_and_repeats():
    clean = dataset(np.sin(np.arange(90_000)), 10 * np.sin(np.arange(90_000)))
    first, again, other = (noisy(clean, 0, seed) for seed in (6, 6, 7))
    for k, recording in enumerate(first.recordings):
        noise = recording.samples - clean.recordings[k].samples
        assert np.var(noise) == pytest.approx(0.5 * 100**k, rel=0.03)
        np.testing.assert_array_equal(recording.samples, again.recordings[k].samples)
        assert not np.array_equal(recording.samples, other.recordings[k].samples)


def test_training_and_test_part_do_not_share_noise():
    whole = dataset(np.sin(np.arange(9_000)))
    parts = split_dataset(whole)
    noises = [
        noisy(part, 0, 8).recordings[0].samples - part.recordings[0].samples for part in parts
    ]
    assert abs(np.corrcoef(noises[0][:3000], noises[1])[0, 1]) < 0.1


def test_no_snr_changes_nothing():
    clean = dataset(np.arange(5.0))
    assert noisy(clean, None, 0) is clean


@pytest.mark.parametrize("snr_db", [math.nan, math.inf, -201])
def test_impossible_snr_is_refused(snr_db):
    with pytest.raises(ValueError, match="snr_db must be in -200"):
        add_noise(np.ones(3), snr_db, np.random.default_rng(0))
    with pytest.raises(ValueError, match="snr_db must be in -200"):
        input_scale(dataset(np.ones(3)), snr_db)


@pytest.mark.parametrize("power", [-1.0, math.nan, math.inf])
def test_impossible_power_is_refused(power):
    with pytest.raises(ValueError, match="power must be 0 or more"):
        add_noise(np.ones(3), 0, np.random.default_rng(0), power)
