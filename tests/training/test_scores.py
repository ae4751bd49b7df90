"""Figures of scores."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen import zoo
from hwgen.network import anomaly
from hwgen.signals import Recording
from hwgen.training.scores import Judged, module_scorer, network_scorer, recording_scores


def test_figures_by_hand():
    faulty = {"a": np.array([5.0, 6.0]), "b": np.array([2.5, 0.5])}
    found = Judged(3.0, np.array([1.0, 2.0, 4.0, 3.0]), faulty).metrics()
    assert found["false_alarms"] == 1 / 4
    assert found["detected"] == 2 / 4
    assert (found["detected a"], found["detected b"]) == (1.0, 0.0)
    assert (found["auc a"], found["auc b"]) == (1.0, 2 / 8)
    assert found["auc"] == (8 + 2) / 16
    # Of either class, 2 TP / (2 TP + FP + FN): 6 / 9 and 4 / 7.
    assert found["f1"] == pytest.approx((6 / 9 + 4 / 7) / 2)
    assert found["average_precision"] == pytest.approx(0.25 + 0.25 + 0.25 * 3 / 5 + 0.25 * 4 / 8)


def test_without_faults_there_is_one_figure():
    assert Judged(0.0, np.array([1.0, 2.0]), {}).metrics() == {"false_alarms": 1.0}


def test_module_and_network_score_alike():
    design = zoo.designed("conv-ae", {"window": 64})
    torch.manual_seed(1)
    module = design.module(1, 2, design.recipe("default").student)
    network = design.network(module, 1, anomaly.CLASSES, 1.5, 12e3)
    x = np.random.default_rng(0).standard_normal((300, 64))
    found = module_scorer(module, 1.5)(x)
    assert found.shape == (300,)
    np.testing.assert_allclose(found, network_scorer(network)(x), rtol=1e-3)
    assert module_scorer(module, 1.5)(x[:0]).shape == (0,)


def test_windows_are_a_quarter_apart_and_not_too_many():
    def count(samples):
        recording = Recording("x", np.zeros(samples), None, "x")
        return len(recording_scores(lambda x: x.sum(axis=1), [recording, recording], 64))

    assert count(64) == 2
    assert count(64 + 16 * 9) == 2 * 10
    assert 2 * 1024 < count(1_000_000) <= 2 * 2049
