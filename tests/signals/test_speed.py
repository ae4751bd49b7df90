"""The shaft's speed out of files."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.io import savemat

from hwgen.signals import read_recording
from hwgen.signals.speed import shaft_rpm, states_speed


@pytest.mark.parametrize("name", ["rpm", "RPM", "X130RPM", "shaft_rpm", "test.rpm"])
def test_names_of_speeds(name):
    assert states_speed(name)


@pytest.mark.parametrize("name", ["rpms", "warpm", "speed", "rpm_time"])
def test_other_names(name):
    assert not states_speed(name)


def test_of_several_speeds_the_channels_own():
    stated = {"X098RPM": 1772.0, "X099RPM": 1750.0}
    assert shaft_rpm("X099_DE_time", stated) == 1750
    assert shaft_rpm("vibration", stated) is None
    assert shaft_rpm("vibration", {"a_rpm": 1800.0, "b_rpm": 1800.0}) == 1800
    assert shaft_rpm("vibration", {"rpm": 0.0}) is None
    assert shaft_rpm("vibration", {"rpm": np.nan}) is None


def test_it_comes_with_a_recording(tmp_path):
    x = np.random.default_rng(1).normal(size=100)
    savemat(tmp_path / "a.mat", {"X130_DE_time": x, "X130RPM": 1796})
    assert read_recording(tmp_path / "a.mat").rpm == 1796
    savemat(tmp_path / "b.mat", {"X130_DE_time": x})
    assert read_recording(tmp_path / "b.mat").rpm is None
