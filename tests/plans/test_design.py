"""A design point, and the report's part of it."""

from __future__ import annotations

import pytest

from hwgen.plans.design import Design
from hwgen.plans.step import Array

POINTS = [
    (Design(Array(3, 4), 12),
     {"array": [3, 4], "dsp": 12, "lanes": 1, "values": 1, "hop": None}, 4),
    (Design(None, 2, 8, 16, 512),
     {"array": None, "dsp": 2, "lanes": 8, "values": 16, "hop": 512}, 8),
    (Design(Array(2, 4), 3, lanes=16, unrolled=("conv1", "pool1")),
     {"array": [2, 4], "dsp": 3, "lanes": 16, "values": 1, "hop": None,
      "unrolled": ["conv1", "pool1"]}, 16),
]  # fmt: skip


@pytest.mark.parametrize(("design", "json", "bins"), POINTS)
def test_design(design, json, bins):
    assert design.to_json() == json
    assert Design.from_json(json) == design
    assert design.bins == bins
