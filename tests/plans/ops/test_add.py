"""A sum of values as a step: each channel's own value of every input."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Format
from hwgen.plans.layout import Layout
from hwgen.plans.ops.add import lower
from hwgen.plans.step import Array, Read
from hwgen.quantized.ops.add import QuantizedAdd


def test_fields(operand):
    op = QuantizedAdd(
        name="sum",
        shape=(2, 6),
        sources=(Format(True, 3, 0), Format(False, 5, 0)),
        up=np.array([[2, 1], [0, 4]]),
        relu=False,
        shift=3,
        out=Format(True, 4, 0),
        scale=np.ones(2),
    )
    found = lower(op, (operand(6, 2), operand(6, 1, 1)), Array(2, 4))
    assert (found.name, found.writes) == ("sum", "sum")
    assert found.reads == (
        Read("a", Layout(4, 0, 12), 0, 2, shift=1),
        Read("a", Layout(4, 0, 6), 0, 1),
        Read("b", Layout(4, 0, 6), 0, 1),
    )
    assert found.taps.read.tolist() == [0, 0, 1, 2]
    assert found.taps.element.tolist() == [0, 1, 0, 0]
    assert found.taps.weight.tolist() == [[2, 0, 1, 0], [0, 1, 0, 16]]
    assert found.taps.mask.tolist() == [[True, False] * 2, [False, True] * 2]
    assert found.weight_bits == 6  # of 2**4, and a sign
    assert (found.positions, found.pool) == (6, 1)
    assert (found.post.shift, found.post.out) == (3, op.out)
    assert found.accumulator == op.accumulator
    assert found.bias.tolist() == [0, 0]
    assert found.products == 0


def test_of_rows(operand):
    flat = (Format(True, 3, 0),) * 2
    zeros = np.zeros((2, 5), dtype=np.int64)
    op = QuantizedAdd("sum", (5,), flat, zeros, True, 0, Format(False, 4, 0), np.ones(5))
    found = lower(op, (operand(1, 5), operand(1, 5)), Array(2, 4))
    assert (found.positions, found.phases, found.outputs) == (1, 1, 5)
    assert (found.taps.weight == np.tile(np.eye(5), 2)).all()
