"""Energy near moments; and that attention lies at the impacts of a fault."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hwgen import signals
from hwgen.explain import maps_of, target_of
from hwgen.explain.energy import energy_near
from hwgen.passes import canonical
from hwgen.signals.synthetic import synthetic_impacts
from hwgen.training import train
from hwgen.zoo.qcnn16 import Qcnn16

SECONDS, RATE, WINDOW = 2.0, 12_000, 2048
STEPS = 60
BEFORE, AFTER = 6, 36
"""Samples: half a millisecond before an impact, as a window of taps sees it, and 3 ms behind."""


def test_it_is_a_ratio_of_means():
    values = np.array([1.0, 1.0, 3.0, 2.0, 1.0, 1.0])
    assert energy_near(values, np.array([2.4]), 0.5, 1.0) == pytest.approx((9 + 4) / 2)
    assert energy_near(np.ones(6), np.array([0.0]), 0, 1) == 1.0


@pytest.mark.parametrize("moments", [[], [3.0]])
def test_there_must_be_places_of_both_kinds(moments):
    with pytest.raises(ValueError, match="some places must be near"):
        energy_near(np.ones(6), np.array(moments), 9, 9)


@pytest.fixture(scope="module")
def trained():
    data = signals.synthetic_dataset(3, classes=4, seconds=SECONDS)
    recipe = Qcnn16().recipe("default")
    plan = dataclasses.replace(recipe.student, steps=min(recipe.student.steps, STEPS))
    recipe = dataclasses.replace(recipe, student=plan)
    return train(data, Qcnn16(), snr_db=10.0, seed=1, epochs=1, recipe=recipe)


def near_and_shuffled(values, impacts, start, rng):
    moments = impacts[(impacts >= start - AFTER) & (impacts < start + WINDOW)] - start
    shuffled = rng.permutation(values)
    return tuple(energy_near(each, moments, BEFORE, AFTER) for each in (values, shuffled))


@pytest.mark.parametrize(("name", "bound"), [("OR007", 5.0), ("IR007", 3.5)])
def test_the_map_of_a_synthetic_fault_lies_at_its_impacts(trained, name, bound):
    network = canonical(trained.network)
    data = signals.synthetic_dataset(11, classes=4, seconds=SECONDS)  # none that was trained on
    (recording,) = (each for each in data.recordings if each.label == name)
    x = signals.windows(recording.samples, WINDOW, WINDOW)[:4] * network.input_scale
    assert {network.classes[number] for number in network.run(x).argmax(axis=1)} == {name}
    impacts = synthetic_impacts(name, 11, seconds=SECONDS) * RATE
    rng = np.random.default_rng(0)
    target = target_of(network, network.activations(x), name)
    maps = {each.name: each for each in maps_of(network, x, target)}
    for kind in ("Qttention conv1", "gradient x input"):
        for number, values in enumerate(maps[kind].values):
            near, shuffled = near_and_shuffled(values, impacts, number * WINDOW, rng)
            assert near > bound, kind
            assert shuffled < 2.5, kind
            assert near > 2 * shuffled, kind


def test_impacts_are_where_the_signal_rings():
    data = signals.synthetic_dataset(5, classes=4, seconds=1.0)
    (recording,) = (each for each in data.recordings if each.label == "OR007")
    impacts = synthetic_impacts("OR007", 5, seconds=1.0) * RATE
    assert len(impacts) == pytest.approx(107.4, abs=2)
    right = energy_near(recording.samples, impacts, 0, AFTER)
    assert right > 8
    assert energy_near(recording.samples, impacts + 60, 0, AFTER) < 0.2 * right
