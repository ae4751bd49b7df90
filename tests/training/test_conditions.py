"""Healthy recordings that differ more than faults do."""

from __future__ import annotations

import numpy as np

from hwgen.signals import Dataset, Recording
from hwgen.training.conditions import doubts, mean_spectrum

TIME = np.arange(4096)


def recording(label, hertz, level=1.0, seed=0):
    noise = 0.05 * np.random.default_rng(seed).standard_normal(len(TIME))
    samples = level * np.sin(2 * np.pi * hertz * TIME) + noise
    return Recording(label, samples, None, f"{label} {hertz:g}")


def dataset(*recordings):
    return Dataset("x", tuple(dict.fromkeys(r.label for r in recordings)), recordings)


def test_speeds_further_apart_than_a_fault_are_told():
    healthy = dataset(recording("normal", 0.05), recording("normal", 0.3, 40.0))
    (line,) = doubts(healthy, dataset(recording("OR", 0.05, 1.1, 1)), 256)
    assert line.startswith("WARNING: healthy recordings differ more among themselves (normal 0.05 ")
    assert "than from OR (" in line


def test_near_ones_are_not():
    healthy = dataset(recording("normal", 0.05), recording("normal", 0.05, seed=2))
    assert doubts(healthy, dataset(recording("OR", 0.3, 40.0)), 256) == ()
    assert doubts(healthy, None, 256) == ()
    alone = dataset(recording("normal", 0.05))
    assert doubts(alone, dataset(recording("OR", 0.05)), 256) == ()


def test_a_constant_signal_has_a_spectrum():
    level = mean_spectrum(Recording("x", np.ones(512), None, "x"), 128)
    assert np.isfinite(level).all()
    two = mean_spectrum(Recording("x", np.ones((512, 2)), None, "x"), 128)
    assert len(two) == 2 * len(level)
