"""What surely does not fit a chip is refused, with what would."""

from __future__ import annotations

import pytest

from hwgen import targets
from hwgen.designs.chip_room import TooManyWeightsError, check_fits
from hwgen.errors import CannotMeetError
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.targets import Cells

TARGET = targets.find("ecp5")


def chip(lut4, dsp, ebr):
    return Cells({"lut4": lut4, "dsp": dsp, "ebr": ebr})


def test_what_fits_is_let_through_and_what_does_not_is_told(make_example):
    model = make_example(7, windows=2, window=256, convs=((8, 16, 4, 6, 2),)).model
    array = arrays.best_array(model, 64)
    check_fits(model, array, 64, "big", chip(24_000, 100, 56), TARGET)
    needed = plan(model, Design(array, 8)).cells(TARGET)
    for scarce in (
        chip(needed["lut4"] // 2, 28, 56),
        chip(24_000, 28, needed["ebr"] - 1),
    ):
        with pytest.raises(CannotMeetError, match=r"at most about (\d+) on small.* not 64") as told:
            check_fits(model, array, 8, "small", scarce, TARGET)
        fits = int(str(told.value).split("about ")[1].split()[0])
        assert 1 <= fits < 64
        check_fits(model, arrays.best_array(model, fits), min(fits, 8), "small", scarce, TARGET)
    with pytest.raises(CannotMeetError, match=r"however few multipliers.*larger board"):
        check_fits(model, array, 8, "tiny", chip(500, 28, 56), TARGET)
    with pytest.raises(
        TooManyWeightsError, match=r"however few .*block RAMs of 0.* pooling"
    ) as told:
        check_fits(model, array, 8, "bare", chip(24_000, 28, 0), TARGET)
    assert "bits a weight" not in str(told.value)


def test_fewer_bits_are_told_where_they_would_do(make_example):
    model = make_example(7, windows=2, window=256, convs=((64, 16, 4, 6, 2),)).model
    array = arrays.best_array(model, 1)
    needed = plan(model, Design(array, 1)).cells(TARGET)["ebr"]
    scarce = chip(24_000, 28, needed // 2)
    with pytest.raises(TooManyWeightsError, match=r"about [2-4] bits a weight \(--conv-w") as told:
        check_fits(model, array, 1, "small", scarce, TARGET)
    assert told.value.needed == needed
