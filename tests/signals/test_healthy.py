"""Which classes are of a healthy machine."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError, UsageError
from hwgen.signals import Dataset, Recording
from hwgen.signals.healthy import as_anomalies, healthy_classes, healthy_of, only


def dataset(*names: str) -> Dataset:
    recordings = [Recording(name, np.ones(8), 100.0, f"{name}.npy") for name in names]
    return Dataset("set", names, tuple(recordings))


def test_by_their_names():
    found, told = healthy_of(dataset("inner", "Normal_97", "outer"))
    assert found == ("Normal_97",)
    assert told == "healthy: Normal_97; faulty: inner, outer"
    assert healthy_classes(("good 1", "good 2", "bad")) == ("good 1", "good 2")


def test_as_the_user_says():
    found, _ = healthy_of(dataset("a", "b", "normal"), ("b",))
    assert found == ("b",)
    with pytest.raises(UsageError, match=r"^--healthy must be classes of the recordings \(a, b\)"):
        healthy_of(dataset("a", "b"), ("c",))


def test_one_class_is_healthy_whatever_it_is_called():
    assert healthy_of(dataset("pump")) == (("pump",), "healthy: pump; no faulty ones")


def test_of_several_one_must_be_healthy():
    with pytest.raises(InputError, match=r"^set must have healthy recordings, .*--healthy$"):
        healthy_of(dataset("inner", "outer"))


def test_parts_and_labels():
    some = only(dataset("inner", "normal", "outer"), ("outer", "normal"))
    assert some.classes == ("normal", "outer")
    assert [each.label for each in some.recordings] == ["normal", "outer"]
    labels = as_anomalies(np.array([0, 1, 2, 1]), ("inner", "normal", "outer"), ("normal",))
    assert labels.tolist() == [1, 0, 1, 0]
