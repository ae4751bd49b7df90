"""Some channels need no step; some positions are taken out."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.plans.layout import Layout
from hwgen.plans.operand import Operand, Part
from hwgen.plans.ops.slice import join, lower
from hwgen.plans.step import Array, Read
from hwgen.quantized.ops.slice import QuantizedSlice

BOTH = Operand((Part("a", 2), Part("b", 3)), 6)


def op(axis: str, begin: int, count: int) -> QuantizedSlice:
    return QuantizedSlice("some", axis, begin, count, (5, 6), Format(True, 3, 0), np.ones(5))


@pytest.mark.parametrize(
    ("begin", "count", "parts"),
    [
        (0, 5, (Part("a", 2), Part("b", 3))),
        (0, 2, (Part("a", 2),)),
        (1, 3, (Part("a", 1, 1, 2), Part("b", 2, 0, 3))),
        (4, 1, (Part("b", 1, 2, 3),)),
    ],
)
def test_channels_are_read_where_they_lie(begin, count, parts):
    found = join(op("channels", begin, count), (BOTH,))
    assert found == Operand(parts, 6)
    assert found.channels == count


def test_channels_of_channels():
    inner = join(op("channels", 1, 4), (BOTH,))
    assert inner.channels_from(1, 2).parts == (Part("b", 2, 0, 3),)
    assert inner.channels_from(2, 2).parts == (Part("b", 2, 1, 3),)


def test_where_the_taps_of_some_channels_are():
    some = Operand((Part("a", 2, 1, 5),), 6)
    assert some.reads(Array(1, 4), stride=2, before=1) == (Read("a", Layout(4, 0, 30), -5, 10),)
    taps = some.taps(np.arange(6).reshape(1, 2, 3), np.array([0, 2, 4]))
    assert taps.element.tolist() == [1, 2, 11, 12, 21, 22]
    assert taps.weight.tolist() == [[0, 3, 1, 4, 2, 5]]


def test_positions_are_a_step():
    asked = op("positions", 2, 3)
    assert join(asked, (BOTH,)) is None
    found = lower(asked, (BOTH,), Array(2, 4))
    assert (found.positions, found.outputs, found.post.shift) == (3, 5, 0)
    assert found.reads == (Read("a", Layout(4, 0, 12), 4, 2), Read("b", Layout(4, 0, 18), 6, 3))
    assert found.accumulator == (-8, 7)
