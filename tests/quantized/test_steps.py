"""Where steps come from, in words that other modules ask."""

import numpy as np
import pytest

from hwgen.quantized.steps import Link, Steps, octaves


@pytest.mark.parametrize(
    ("steps", "free", "demanding"),
    [
        (Steps(), True, False),
        (Steps((Link(0),)), False, False),
        (Steps((Link(0), Link(1, first=3))), False, False),
        (Steps((Link(0), Link(1))), False, True),
        (Steps((Link(0), Link(1, first=3), Link(2, first=3))), False, True),
        (Steps(known=1.0), False, False),
        (Steps(known=1.0, even=True), False, True),
    ],
)
def test_who_chooses_and_who_demands(steps, free, demanding):
    assert (steps.free, steps.demanding) == (free, demanding)


def test_whole_octaves_are_exact():
    step = 0.1 + 0.2  # not a sum that floats have
    ratio = np.array([step / 0.3, step * 8 / 0.3, 0.3 / step / 4, 1.5])
    found = octaves(ratio)
    assert found[:3].tolist() == [0.0, 3.0, -2.0]
    assert found[3] == np.log2(1.5)
    assert octaves(1 + 1e-6) > 0
