"""Which recordings are healthy."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError, UsageError
from hwgen.flow.healthy import sort
from hwgen.signals import Dataset, Recording


def dataset(*names, name="here", rate=1e3):
    made = tuple(Recording(each, np.ones(8), rate, f"{each}.csv") for each in names)
    return Dataset(name, tuple(dict.fromkeys(names)), made)


def test_classes_called_normal_are():
    found = sort(dataset("IR", "Normal_1", "baseline", "OR"))
    assert found.healthy.classes == ("normal",)
    assert [each.source for each in found.healthy.recordings] == ["Normal_1.csv", "baseline.csv"]
    assert found.faulty.classes == ("IR", "OR")
    assert found.why == "healthy: 2 recordings of Normal_1, baseline; faulty: IR, OR"


def test_one_class_is_whatever_its_name():
    found = sort(dataset("pump", "pump"))
    assert (len(found.healthy.recordings), found.faulty) == (2, None)
    assert found.why == "healthy: all 2 recordings, for there is one class, pump"


def test_all_are_where_faults_are_apart():
    found = sort(dataset("monday", "tuesday"), dataset("IR", name="there"))
    assert found.healthy.classes == ("normal",)
    assert found.faulty.classes == ("IR",)
    assert found.why == "healthy: all 2 recordings of here; faulty: IR"


def test_healthy_classes_alone_have_no_faults():
    assert sort(dataset("normal_1", "normal_2")).faulty is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((dataset("IR", "OR"),), r"here has no healthy recordings: none of its classes \(IR, OR\)"),
        ((dataset("a"), dataset("good")), "--faulty here must have faults alone, not good"),
        ((dataset("a"), dataset("b", rate=2e3)), "here and here: sample rates differ"),
    ],
)
def test_what_is_refused(given, says):
    with pytest.raises(InputError, match=says):
        sort(*given)


def test_the_user_says_which_are_healthy():
    told = sort(dataset("a", "b", "normal"), said=("b",))
    assert told.faulty is not None
    assert told.faulty.classes == ("a", "normal")
    with pytest.raises(UsageError, match="--healthy must be classes of the recordings"):
        sort(dataset("a", "b"), said=("c",))
