"""How steps find values whose channels follow each other."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.plans.layout import Layout
from hwgen.plans.operand import Operand, Part, scaled
from hwgen.plans.step import Array, Read

TWO = Operand((Part("a", 2), Part("b", 1)), 5)


def test_reads():
    array = Array(1, 4)
    assert TWO.channels == 3
    assert TWO.reads(array, stride=3, before=2, shift=1) == (
        Read("a", Layout(4, 0, 10), -4, 6, 1),
        Read("b", Layout(4, 0, 5), -2, 3, 1),
    )
    assert [(read.first, read.stride, read.shift) for read in TWO.reads(array)] == [(0, 0, 0)] * 2


def test_taps():
    weight = np.arange(12).reshape(2, 3, 2)  # outputs, channels, places
    taps = TWO.taps(weight, np.array([0, 3]))
    # Of the first value two channels at each of two places, then the other's one.
    assert taps.read.tolist() == [0, 0, 0, 0, 1, 1]
    assert taps.element.tolist() == [0, 1, 6, 7, 0, 3]
    assert taps.weight.tolist() == [[0, 2, 1, 3, 4, 5], [6, 8, 7, 9, 10, 11]]
    assert taps.met is None


def test_taps_of_some_channels():
    met = np.array([[True, False, True], [False, True, False]])
    taps = TWO.taps(np.ones((2, 3, 2), dtype=np.int64), np.array([0, 1]), met)
    assert taps.mask.tolist() == [
        [True, False, True, False, True, True],
        [False, True, False, True, False, False],
    ]


def test_a_channel_of_its_own():
    taps = TWO.own_channel(np.array([5, 6, 7]))
    assert taps.weight.tolist() == [[5, 0, 0], [0, 6, 0], [0, 0, 7]]
    assert taps.element.tolist() == [0, 1, 0]
    assert (taps.mask == np.eye(3, dtype=bool)).all()
    several = TWO.own_channel(np.array([5, 6, 7]), np.arange(2))
    assert several.weight.tolist() == [[5, 0, 5, 0, 0, 0], [0, 6, 0, 6, 0, 0], [0, 0, 0, 0, 7, 7]]


@pytest.mark.parametrize(
    ("up", "weights", "shift", "bits"),
    [([0, 0], [1, 1], 0, 2), ([3, 3], [1, 1], 3, 2), ([1, 4, 2], [1, 8, 2], 1, 5)],
)
def test_powers_of_two(up, weights, shift, bits):
    found, more, width = scaled(np.array(up))
    assert (found.tolist(), more, width) == (weights, shift, bits)
    assert -(1 << width - 1) <= found.min() <= found.max() < 1 << width - 1
