"""An average as a step: the sum of some positions of each channel."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.plans.layout import Layout
from hwgen.plans.ops.avgpool1d import lower
from hwgen.plans.step import Array, Read
from hwgen.quantized.ops.avgpool1d import QuantizedAvgPool1d


def average(**fields) -> QuantizedAvgPool1d:
    usual = {
        "name": "mean", "size": 3, "channels": 2, "length": 10, "source": Format(True, 4, 0),
        "shift": 2, "out": Format(True, 3, 0), "scale": np.ones(2),
    }  # fmt: skip
    return QuantizedAvgPool1d(**usual | fields)


def test_fields(operand):
    op = average(stride=2, padding=1)
    found = lower(op, (operand(10, 2),), Array(2, 4))
    assert (found.name, found.writes, found.pool) == ("mean", "mean", 1)
    assert found.reads == (Read("a", Layout(4, 0, 20), -2, 4),)
    assert found.positions == op.output.shape[1] == 5
    assert (found.post.shift, found.post.out) == (2, op.out)
    assert found.accumulator == op.accumulator == (-48, 45)
    assert found.bias.tolist() == [0, 0]
    assert found.weight_bits == 2
    assert found.products == 0
    # Three positions of two channels, of which an output sees its own.
    assert found.taps.element.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.taps.weight.tolist() == [[1, 0] * 3, [0, 1] * 3]
    assert (found.taps.mask == found.taps.weight).all()


@pytest.mark.parametrize(("size", "stride"), [(3, 6), (4, 8)])
def test_the_usual_stride_is_the_size(operand, size, stride):
    found = lower(average(size=size), (operand(10, 2),), Array(2, 4))
    assert found.reads[0].stride == stride


def test_of_all_positions(operand):
    found = lower(average(size=10), (operand(10, 2),), Array(2, 4))
    assert (found.positions, found.reads[0].stride, found.phases) == (1, 0, 1)
    assert found.taps.weight.sum() == 20
