"""Numbers are cut anew where they lie; several values, or other steps, are taken out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.plans.layout import Layout
from hwgen.plans.operand import Operand, Part
from hwgen.plans.ops.reshape import join, lower
from hwgen.plans.step import Array, Read
from hwgen.quantized.ops.reshape import QuantizedReshape

ZEROS = np.zeros(4, dtype=np.int64)
WHOLE = Operand((Part("a", 4),), 6)


def op(channels: int, down=ZEROS) -> QuantizedReshape:
    return QuantizedReshape("cut", channels, (4, 6), down, Format(True, 3, 0), np.ones(channels))


@pytest.mark.parametrize(("channels", "positions"), [(1, 24), (8, 3), (3, 8)])
def test_one_value_is_read_where_it_lies(channels, positions):
    found = join(op(channels), (WHOLE,))
    assert found == Operand((Part("a", channels),), positions)
    (read,) = found.reads(Array(1, 4), stride=1)
    assert read == Read("a", Layout(4, 0, 24), 0, channels)


@pytest.mark.parametrize(
    "operand",
    [Operand((Part("a", 1), Part("b", 3)), 6), Operand((Part("a", 4, 1, 7),), 6)],
    ids=["side by side", "some channels"],
)
def test_what_does_not_lie_together_is_a_step(operand):
    assert join(op(2), (operand,)) is None
    found = lower(op(2), (operand,), Array(2, 4))
    assert (found.positions, found.outputs, found.post.shift) == (6, 4, 0)
    assert found.reads == operand.reads(Array(2, 4), stride=1)
    assert found.accumulator == (-8, 7)


def test_other_steps_are_shifts():
    asked = op(2, np.array([0, 2, 1, 0]))
    assert join(asked, (WHOLE,)) is None
    found = lower(asked, (WHOLE,), Array(2, 4))
    assert found.taps.value.tolist() == [4, 1, 2, 4]
    assert (found.post.shift, found.weight_bits, found.accumulator) == (2, 4, (-32, 28))


def test_one_position_has_no_next_one():
    asked = replace(op(2), shape=(4,))
    found = lower(asked, (Operand((Part("a", 3), Part("b", 1)), 1),), Array(2, 4))
    assert [read.stride for read in found.reads] == [0, 0]
