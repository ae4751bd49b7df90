"""Recordings of elsewhere are matched with a network's classes by name."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import Dataset, Recording
from hwgen.signals.matched import matched


def dataset(*names: str) -> Dataset:
    made = (
        Recording(samples=np.full(8, float(k)), label=name, sample_rate=12_000.0, source=name)
        for k, name in enumerate(names)
    )
    return Dataset("made up", names, tuple(made))


def test_classes_are_in_the_networks_order_and_those_lacking_are_left_out():
    found = matched(dataset("sound", "inner"), ("inner", "outer", "sound"), "there")
    assert found.classes == ("inner", "sound")
    assert [(each.label, each.samples[0]) for each in found.recordings] == [
        ("sound", 0.0),
        ("inner", 1.0),
    ]


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ("B007", "12k_Drive_End_B007_1_119"),
        ("12k_Drive_End_OR007@6_0_130", "12k_Drive_End_OR007@6_1_131"),
        ("12k_Drive_End_OR007@6_0_130", "OR007"),
    ],
)
def test_names_of_cwru_are_told_by_their_fault(known, name):
    assert matched(dataset(name), ("x", known), "there").classes == (known,)


def test_a_class_that_the_network_does_not_know_is_named():
    with pytest.raises(InputError, match=r"class 'cage' of there must be .*\(inner, outer\)"):
        matched(dataset("inner", "cage"), ("inner", "outer"), "there")


def test_a_fault_that_two_classes_are_of_is_neither():
    both = ("12k_Drive_End_OR007@3_0_144", "12k_Drive_End_OR007@6_0_130")
    with pytest.raises(InputError, match="must be one of the network's"):
        matched(dataset("12k_Drive_End_OR007@6_1_131"), both, "there")


def test_two_classes_that_are_one_of_the_networks_are_refused():
    names = "12k_Drive_End_OR007@3_1_145", "12k_Drive_End_OR007@6_1_131"
    with pytest.raises(InputError, match="are both the network's 'OR007'"):
        matched(dataset(*names), ("OR007", "normal"), "there")
