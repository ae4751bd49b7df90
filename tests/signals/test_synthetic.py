import math
from dataclasses import replace

import numpy as np
import pytest

from hwgen.errors import UsageError
from hwgen.signals import (
    Bearing,
    dataset_windows,
    noisy,
    read_dataset,
    split_dataset,
    synthetic_dataset,
)

SHAFT = 29.95
TEN = ("B007", "B014", "B021", "IR007", "IR014", "IR021", "OR007", "OR014", "OR021", "normal")


@pytest.fixture(scope="module")
def ten():
    return synthetic_dataset()


def rms(samples):
    return math.sqrt(np.mean(samples**2))


def test_bearing_of_cwru_has_its_published_frequencies():
    """The data centre states multiples of the shaft speed; its ball figure counts both races."""
    bearing = Bearing()
    assert bearing.bpfi(1) == pytest.approx(5.4152, abs=2e-4)
    assert bearing.bpfo(1) == pytest.approx(3.5848, abs=2e-4)
    assert bearing.ftf(1) == pytest.approx(0.39828, abs=2e-4)
    assert 2 * bearing.bsf(1) == pytest.approx(4.7135, abs=2e-4)


def test_contact_angle_counts():
    bearing = Bearing(8, 1.0, 4.0, math.pi / 3)
    assert bearing.bpfo(10) == pytest.approx(4 * 10 * (1 - 0.125))
    assert bearing.bsf(10) == pytest.approx(2 * 10 * (1 - 0.125**2))


@pytest.mark.parametrize("sizes", [(0, 0.3, 1.5), (9, 0.0, 1.5), (9, 2.0, 1.5), (9, 0.3, math.nan)])
def test_impossible_bearings_are_refused(sizes):
    with pytest.raises(ValueError, match="must be"):
        Bearing(*sizes)


def test_ten_classes_like_the_published_ones(ten):
    assert (ten.name, ten.classes, ten.sample_rate) == ("synthetic", TEN, 12_000)
    assert all(recording.samples.shape == (120_000,) for recording in ten.recordings)


def test_levels_are_those_of_the_real_machine(ten, cwru_folder):
    real = read_dataset(cwru_folder)
    for made, measured in zip(ten.recordings, real.recordings, strict=True):
        assert rms(made.samples) == pytest.approx(rms(measured.samples), rel=0.15), made.label


@pytest.mark.parametrize(
    ("label", "rate"),
    [
        ("OR007", Bearing().bpfo(SHAFT)),
        ("IR007", Bearing().bpfi(SHAFT)),
        ("B007", Bearing().bsf(SHAFT)),
    ],
)
def test_envelope_repeats_at_the_fault_frequency(ten, label, rate):
    """The envelope spectrum is how such faults are found: its line is at the fault's rate.

    The line of a ball may be the second harmonic, since it strikes twice a spin.
    """
    samples = ten.recordings[ten.classes.index(label)].samples
    spectrum = np.fft.fft(samples)
    spectrum[: len(samples) // 8] = 0  # above 1.5 kHz: the resonances, not the shaft
    spectrum[len(samples) // 2 :] = 0
    envelope = np.abs(np.fft.ifft(spectrum)) ** 2
    lines = np.abs(np.fft.rfft(envelope - envelope.mean()))
    hertz = np.fft.rfftfreq(len(samples), 1 / 12_000)
    band = (hertz > 50) & (hertz < 200)
    strongest = hertz[band][np.argmax(lines[band])]
    assert min(abs(strongest - rate), abs(strongest - 2 * rate)) < 0.02 * rate


def test_inner_race_is_modulated_by_the_shaft(ten):
    samples = ten.recordings[ten.classes.index("IR007")].samples
    power = (samples**2)[: 12_000 * 9]
    lines = np.abs(np.fft.rfft(power - power.mean()))
    hertz = np.fft.rfftfreq(power.size, 1 / 12_000)
    near = (hertz > 20) & (hertz < 40)
    assert hertz[near][np.argmax(lines[near])] == pytest.approx(SHAFT, abs=0.3)


def features(dataset):
    x, labels = dataset_windows(dataset, 2048, 512)
    return np.abs(np.fft.rfft(x))[:, 1:] / 2048, labels


def nearest_centroid_accuracy(dataset, snr_db):
    train, test = (noisy(part, snr_db, 1) for part in split_dataset(dataset))
    x, labels = features(train)
    centroids = np.stack([x[labels == k].mean(axis=0) for k in range(len(dataset.classes))])
    y, wanted = features(test)
    distance = ((y[:, None] - centroids) ** 2).sum(axis=2)
    return np.mean(distance.argmin(axis=1) == wanted)


def test_ten_classes_can_be_told_apart(ten):
    assert nearest_centroid_accuracy(ten, None) > 0.97
    assert nearest_centroid_accuracy(ten, -6) > 0.9


def test_even_the_greatest_number_of_classes_can_be_told_apart():
    assert nearest_centroid_accuracy(synthetic_dataset(classes=22, seconds=4), None) > 0.95


def test_same_seed_same_samples_and_another_seed_others():
    first, again, other = (
        synthetic_dataset(seed, classes=3, seconds=0.5).recordings for seed in (4, 4, 5)
    )
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a.samples, b.samples)
        assert not np.allclose(a.samples, c.samples)


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        (2, ("OR007", "normal")),
        (4, ("B007", "IR007", "OR007", "normal")),
        (6, ("B007", "IR007", "IR014", "OR007", "OR014", "normal")),
        (12, (*TEN[:3], *TEN[3:6], *TEN[6:9], "IR028", "OR028", "normal")),
    ],
)
def test_other_numbers_of_classes(classes, names):
    dataset = synthetic_dataset(classes=classes, seconds=0.2)
    assert dataset.classes == tuple(sorted(names))


def test_a_class_does_not_depend_on_the_others():
    few, many = (synthetic_dataset(classes=n, seconds=0.2) for n in (4, 22))
    for recording in few.recordings:
        same = many.recordings[many.classes.index(recording.label)]
        np.testing.assert_array_equal(recording.samples, same.samples)


def test_noise_can_be_added():
    clean, loud = (synthetic_dataset(classes=2, snr_db=snr, seconds=2) for snr in (None, 0))
    for a, b in zip(clean.recordings, loud.recordings, strict=True):
        assert rms(b.samples) == pytest.approx(math.sqrt(2) * rms(a.samples), rel=0.03)


def test_long_impact_trains_are_whole():
    """The sum goes batch by batch: the end must be as loud as the beginning."""
    samples = synthetic_dataset(classes=2, seconds=40).recordings[0].samples
    assert rms(samples[-120_000:]) == pytest.approx(rms(samples[:120_000]), rel=0.1)


def test_resonances_stay_where_they_are_at_another_rate():
    for rate in (10_000.0, 48_000.0):
        samples = synthetic_dataset(classes=2, seconds=2, sample_rate=rate).recordings[0].samples
        spectrum = np.abs(np.fft.rfft(samples))
        hertz = np.fft.rfftfreq(samples.size, 1 / rate)
        band = (hertz > 3000) & (hertz < rate / 2)
        centre = np.sum(hertz[band] * spectrum[band] ** 2) / np.sum(spectrum[band] ** 2)
        assert centre == pytest.approx(4500, rel=0.04)


@pytest.mark.parametrize("classes", [-1, 0, 1, 23])
def test_impossible_numbers_of_classes_are_refused(classes):
    with pytest.raises(UsageError, match=f"2 to 22 classes, not {classes}"):
        synthetic_dataset(classes=classes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0.0},
        {"seconds": math.nan},
        {"seconds": 1e9},
        {"sample_rate": 8000.0},
        {"sample_rate": math.inf},
        {"shaft_hz": 0.0},
        {"shaft_hz": math.nan},
        {"seed": -1},
        {"snr_db": math.nan},
    ],
)
def test_impossible_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must|expected non-negative"):
        synthetic_dataset(**{"seconds": 0.1, **wrong})


def test_another_bearing_strikes_at_other_times():
    usual = synthetic_dataset(classes=2, seconds=0.5)
    other = synthetic_dataset(classes=2, seconds=0.5, bearing=replace(Bearing(), balls=12))
    assert not np.allclose(usual.recordings[0].samples, other.recordings[0].samples)
