"""F1 against noise and gain, of windows that are given."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden, metrics, signals
from hwgen.analysis.robustness import GAINS, SNR_DB, Pair, gain_sweep, snr_sweep
from hwgen.quantized.samples import digitise

SCALE = 0.75
LENGTH = 64


@pytest.fixture(scope="module")
def example(make_example):
    return make_example(3, window=LENGTH)


@pytest.fixture(scope="module")
def pair(example):
    return Pair(example.network, example.model, SCALE)


@pytest.fixture(scope="module")
def labels(example):
    """What the float network answers: any other labels would say little about it."""
    return example.network.run(example.windows * SCALE).argmax(axis=1)


def f1(example, x, labels):
    """Return macro F1 of float and integer network."""
    answers = [
        example.network.run(x * SCALE).argmax(axis=1),
        golden.run(example.model, digitise(x, example.model.bits)).argmax(axis=1),
    ]
    return [metrics.macro_f1(labels, found, 4) for found in answers]


def test_every_gain_is_that_of_the_windows_times_it(example, pair, labels):
    sweep = gain_sweep(pair, example.windows, labels).to_json()
    assert list(sweep) == ["windows", "gain", "float_f1", "fixed_f1"]
    assert (sweep["windows"], sweep["gain"]) == (len(labels), list(GAINS))
    for gain, *found in zip(GAINS, sweep["float_f1"], sweep["fixed_f1"], strict=True):
        assert found == f1(example, gain * example.windows, labels)
    assert sweep["float_f1"][GAINS.index(1.0)] == 1.0
    assert len(set(sweep["fixed_f1"])) > 1


def test_every_ratio_is_that_of_noisy_recordings(example, pair):
    rng = np.random.default_rng(8)
    names = example.model.classes
    recordings = tuple(
        signals.Recording(name, rng.normal(0, 0.3 + place, 640), None, f"{name} made")
        for place, name in enumerate(names)
    )
    clean = signals.Dataset("made", names, recordings)
    places = signals.places(clean, LENGTH, LENGTH)
    _, labels = signals.cut(clean, places, LENGTH)
    sweep = snr_sweep(pair, clean, places, labels, seed=5).to_json()
    assert list(sweep) == ["windows", "db", "float_f1", "fixed_f1"]
    assert (sweep["windows"], sweep["db"]) == (len(labels), list(SNR_DB))
    for snr_db, *found in zip(SNR_DB, sweep["float_f1"], sweep["fixed_f1"], strict=True):
        x, _ = signals.cut(signals.noisy(clean, snr_db, 5), places, LENGTH)
        assert found == f1(example, x, labels)
    assert len(set(sweep["float_f1"])) > 1
