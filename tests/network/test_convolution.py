"""What convolutions have in common."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.fixedpoint import Format
from hwgen.network import convolution
from hwgen.network.ops.conv1d import Conv1d
from hwgen.quantized.ops.conv1d import QuantizedConv1d

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("windows", "groups"), [(1, 1), (7, 1), (7, 2)])
def test_windows_some_at_a_time_are_as_all_at_once(monkeypatch, windows, groups):
    x = RNG.integers(0, 64, (windows, 4, 20))
    weight = RNG.integers(-15, 16, (6, 4 // groups, 3))
    bias = RNG.integers(-500, 500, 6)
    layer = Conv1d("c", weight * 1.0, bias * 1.0, 2, 1, relu=False, groups=groups)
    op = QuantizedConv1d(
        name="c", length=20, source=Format(False, 6, 0), weight=weight, bias=bias, weight_bits=5,
        stride=2, padding=1, relu=False, shift=4, out=Format(True, 9, 0), groups=groups,
        scale=np.ones(6),
    )  # fmt: skip
    whole = golden.accumulate(op, x)
    assert len(list(op.parts_of(x))) == 1
    monkeypatch.setattr(convolution, "_ROOM", 2 * 10 * 4 * 3 + 1)
    assert [len(part) for part in op.parts_of(x)] == [2] * (windows // 2) + [1] * (windows % 2)
    assert np.array_equal(golden.accumulate(op, x), whole)
    assert np.array_equal(layer.apply(x * 1.0), whole)


def test_no_window():
    layer = Conv1d("c", np.ones((1, 1, 3)), np.zeros(1), 1, 1)
    assert layer.apply(np.zeros((0, 1, 8))).shape == (0, 1, 8)
