"""The two ways of measuring F1: which windows, which noise, which figures."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.importers import Windows
from hwgen.signals import Dataset, Recording
from hwgen.training.evaluate import (
    Spread,
    dense_sweep,
    f1_of_windows,
    metrics_elsewhere,
    metrics_over,
    module_classifier,
    network_classifier,
    published_draws,
)
from hwgen.zoo.bearingpga import BearingPGA, BearingPGANet

WINDOW = 64
LENGTH = 1000


@pytest.fixture
def dataset():
    """Two classes that differ in level alone: below and above 0."""
    ramp = np.linspace(1, 2, LENGTH)
    parts = Recording("low", -ramp, None, "a"), Recording("high", ramp, None, "b")
    return Dataset("levels", ("low", "high"), parts)


class Listener:
    """Classify by the mean, which noise hardly changes, and remember what was asked."""

    def __init__(self, wrong_above=np.inf):
        self.seen = []
        self.wrong_above = wrong_above

    def __call__(self, x):
        self.seen.append(np.array(x))
        answers = x.mean(axis=1) > 0
        return (answers ^ (np.abs(x).mean(axis=1) > self.wrong_above)).astype(np.int64)

    @property
    def windows(self):
        return np.concatenate(self.seen)


def test_a_dense_sweep_takes_every_sixteenth_of_a_window(dataset):
    listener = Listener()
    assert dense_sweep(listener, dataset, WINDOW, None).values == (1.0,)
    starts = np.arange(0, LENGTH - WINDOW + 1, 4)
    expected = np.concatenate([r.samples[starts] for r in dataset.recordings])
    np.testing.assert_array_equal(listener.windows[:, 0], expected)


def test_each_seed_of_the_sweep_is_another_noise(dataset):
    listener = Listener()
    spread = dense_sweep(listener, dataset, WINDOW, 0.0, seeds=(1, 2, 3))
    assert len(spread.values) == 3
    first, second, third = np.split(listener.windows, 3)
    clean = np.concatenate([r.samples[:WINDOW] for r in dataset.recordings])
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
    power = np.mean(dataset.recordings[0].samples ** 2)
    half = len(first) // 2
    noise = np.concatenate([first[0], first[half]]) - clean
    assert np.mean(noise**2) == pytest.approx(power, rel=0.4)


def test_elsewhere_classes_keep_their_numbers_and_only_those_there_are_count(dataset):
    (high,) = (each for each in dataset.recordings if each.label == "high")
    other = Dataset("there", ("high",), (high,))
    found = metrics_elsewhere(
        Listener(), {"there": other}, ("low", "high", "higher"), WINDOW, (None, 40.0)
    )
    assert found == {"f1 on there clean": 1.0, "f1 on there at 40 dB": 1.0}
    # "low" is only answered: a miss of "high", and no class of its own.
    (half,) = metrics_elsewhere(
        Listener(wrong_above=1.5), {"there": other}, ("low", "high"), WINDOW, (None,)
    ).values()
    assert half == pytest.approx(2 / 3, abs=0.02)


def test_elsewhere_the_noise_is_of_the_kind_that_was_asked_for(dataset):
    heard = {}
    for noise in ("white", "pink"):
        heard[noise] = Listener()
        metrics_elsewhere(heard[noise], {"there": dataset}, dataset.classes, WINDOW, (0.0,), noise)
    power = {kind: np.abs(np.fft.rfft(each.windows)) ** 2 for kind, each in heard.items()}
    low = {kind: each[:, 1:4].mean() / each[:, -4:].mean() for kind, each in power.items()}
    assert low["pink"] > 4 * low["white"]


def test_the_published_draws_are_ten_of_250_windows(dataset):
    listener = Listener()
    spread = published_draws(listener, dataset, WINDOW, None)
    assert spread.values == (1.0,) * 10
    assert len(listener.windows) == 10 * 2 * 250
    assert not np.array_equal(listener.windows[:250], listener.windows[500:750])


def test_figures_are_of_the_answers(dataset):
    """Half of the upper windows is taken for the other class: F1 = 0.5 each."""
    listener = Listener(wrong_above=1.5)
    assert dense_sweep(listener, dataset, WINDOW, None).mean == pytest.approx(0.5, abs=0.02)
    draws = published_draws(listener, dataset, WINDOW, None)
    assert draws.mean < 0.9
    assert draws.std > 0.02


def test_spread():
    spread = Spread((0.9, 1.0, 0.8))
    assert (spread.mean, spread.std, spread.low) == pytest.approx((0.9, 0.1, 0.8))
    assert Spread((0.9,)).std == 0.0


def test_metrics_of_several_ratios_have_their_names_and_the_mean(dataset):
    metrics = metrics_over(Listener(), dataset, WINDOW, (-20.0, None))
    assert metrics["f1 clean"] == 1.0
    assert 0.5 < metrics["f1 at -20 dB"] < 1.0
    assert metrics["f1"] == pytest.approx((1.0 + metrics["f1 at -20 dB"]) / 2)
    assert metrics["f1_draws_std clean"] == 0.0
    single = metrics_over(Listener(), dataset, WINDOW, (None,))
    assert set(single) == {"f1", "f1_std", "f1_min", "f1_draws", "f1_draws_std"}


def test_module_and_network_answer_alike():
    model = BearingPGANet(BearingPGA(window=WINDOW, kernel=8), 3)
    x = np.random.default_rng(0).normal(size=(300, WINDOW))
    network = model.design.network(model, 1, ("a", "b", "c"), 0.7, None)
    answers = network_classifier(network)(x)
    assert (module_classifier(model, 0.7)(x) == answers).mean() > 0.99  # float32
    assert f1_of_windows(network_classifier(network), Windows(x, answers, "x"), 3) == 1.0
    with pytest.raises(ValueError, match="input_scale must be a number"):
        network_classifier(model.design.network(model, 1, ("a", "b", "c"), None, None))
