"""Every integer is counted once, in the bin that holds it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.report import histogram

INT64 = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(INT64 | st.integers(-300, 300), min_size=1, max_size=50), st.integers(1, 70))
def test_every_value_is_in_its_bin(values, bins):
    made = histogram(np.array(values, dtype=np.int64), bins)
    edges, counts = made["edges"], made["counts"]
    assert len(edges) == len(counts) + 1 <= bins + 1
    assert len({high - low for low, high in itertools.pairwise(edges)}) == 1
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        assert count == sum(low <= value < high for value in values)
    assert sum(counts) == len(values)


def test_few_values_have_a_bin_each():
    assert histogram(np.array([[3, 5], [5, 4]]), 64) == {
        "edges": [3, 4, 5, 6],
        "counts": [1, 1, 2],
    }


def test_unsigned_values():
    assert histogram(np.array([0, 255], dtype=np.uint8), 2)["counts"] == [1, 1]


def test_refused():
    with pytest.raises(TypeError, match="values must be integers, not float64"):
        histogram(np.array([0.5]))
    with pytest.raises(ValueError, match="values must be at least one, not none"):
        histogram(np.array([], dtype=np.int64))
    with pytest.raises(ValueError, match="bins must be >= 1, not 0"):
        histogram(np.array([1]), 0)
