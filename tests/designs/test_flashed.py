"""Which weights stay on chip, and what is told where chip or flash are too small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.boards import find_board
from hwgen.designs.flashed import Bounds, flashed
from hwgen.errors import CannotMeetError, UsageError
from hwgen.flow.designs import seek
from hwgen.flow.hardware_options import DesignOptions, HardwareOptions
from hwgen.plans.planner import plan, streamable_values
from hwgen.plans.step import Array
from hwgen.plans.weights.flash import Pace
from hwgen.quantized import QuantizedModel
from hwgen.targets import Cells
from tests.integer_graphs import Maker


def network() -> QuantizedModel:
    """Return one of which two layers have more words of weights than a block RAM."""
    make = Maker(np.random.default_rng(1), multiple=4, windows=1)
    first = make.conv(make.begin("direct", 32, 1), 8, 5, stride=2)
    second = make.conv(first, 32, 5, padding=2)
    third = make.conv(second, 32, 5, second, padding=2)
    fourth = make.conv(third, 32, 5, third, padding=2)
    make.dense(make.average(fourth, 7), 3, last=True)
    return make.case.model


MODEL = network()
BOARD = find_board("ulx3s-25f")
BOUNDS = Bounds(BOARD.name, BOARD.resources, BOARD.target, 1 << 20)
PACE = Pace(16, 700)


def test_what_has_room_stays_and_something_is_streamed():
    roomy = flashed(MODEL, BOUNDS, PACE, 8, 8)
    assert roomy.array.rows % roomy.array.lanes == 0
    assert len(roomy.streamed) == 1
    needed = plan(MODEL, replace(roomy, streamed=streamable_values(MODEL, roomy.array)))
    tight = Cells(BOUNDS.cells.to_json() | {"ebr": needed.cells(BOUNDS.target)["ebr"]})
    few = flashed(MODEL, replace(BOUNDS, cells=tight), PACE, 8, 8)
    assert len(few.streamed) > len(roomy.streamed)
    assert plan(MODEL, few).cells(BOUNDS.target)["ebr"] <= tight["ebr"]


def test_an_array_of_any_size_that_fits_is_found():
    design = flashed(MODEL, BOUNDS, PACE, None, 8)
    assert plan(MODEL, design).cells(BOUNDS.target).fit_in(BOUNDS.cells)


def test_a_flash_or_chip_too_small_is_refused():
    with pytest.raises(CannotMeetError, match=r"the flash of ulx3s-25f must have [\d,]+ bytes"):
        flashed(MODEL, replace(BOUNDS, flash=100), PACE, 8, 8)
    none = replace(BOUNDS, cells=Cells({"lut4": 10, "dsp": 8, "ebr": 1}))
    with pytest.raises(CannotMeetError, match="does not fit on ulx3s-25f even with its weights in"):
        flashed(MODEL, none, PACE, 8, 8)


def test_only_steps_that_are_worth_it_are_streamed():
    assert streamable_values(MODEL, Array(4, 4, 4)) == (*("n2", "n3", "n4", "n5", "n6"),)


@pytest.mark.parametrize(
    "more", [{"goal": "area"}, {"hop": 8}, {"unroll": ("conv1",)}, {"transform": "dft"}]
)
def test_it_goes_with_no_goal(more):
    options = HardwareOptions(design=DesignOptions(weights="flash", **more))
    with pytest.raises(UsageError, match="--weights flash goes with --parallel and --dsp, not"):
        seek([MODEL], options, BOARD)
    with pytest.raises(UsageError, match="--weights must be one of chip, flash, not 'rom'"):
        DesignOptions(weights="rom")
