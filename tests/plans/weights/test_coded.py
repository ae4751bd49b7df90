"""Stores of coded weights: words in the memory, what is refused, and cells beside Yosys's."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.back import rtlil

from hwgen import files
from hwgen.boards import find_board
from hwgen.coding import codes
from hwgen.hardware.weights.store import store
from hwgen.plans import depths
from hwgen.plans.weights.block import BlockPlan
from hwgen.plans.weights.codebook import CodebookPlan
from hwgen.plans.weights.trajectory import TrajectoryPlan
from hwgen.synth import cell_counts, netlist
from hwgen.synth.netlist import STATISTICS

BOARD = find_board("ulx3s-25f")


def weights(rows=10, taps=256):
    return np.random.default_rng(0).laplace(size=(rows, taps))


def test_coded_words_lie_side_by_side():
    coded = codes.of("trajectory").fit(weights(7, 3), theta_bits=8)
    plan = TrajectoryPlan(coded, 10)
    assert (plan.width, plan.stored_width, plan.depth) == (80, 20, 3)
    assert plan.words == tuple(
        int(coded.words[tap]) | int(coded.words[3 + tap]) << 10 for tap in range(3)
    )
    single = TrajectoryPlan(coded, 5)
    assert single.words == tuple(coded.words.tolist())
    assert (single.depth, single.latency) == (6, depths.MEMORY + 2)
    three = TrajectoryPlan(coded, 15)
    assert [word >> 20 for word in three.words] == [0, 0, 0]


def test_what_does_not_fit_is_refused():
    coded = codes.of("trajectory").fit(weights(7, 3), theta_bits=8)
    with pytest.raises(ValueError, match="lanes must be a multiple of 5, not 8"):
        TrajectoryPlan(coded, 8)
    with pytest.raises(ValueError, match="lanes must be at least 1"):
        TrajectoryPlan(coded, 0)
    with pytest.raises(TypeError, match="coded must be Block, not Trajectory"):
        BlockPlan(coded, 5)
    with pytest.raises(ValueError, match="coded must have 1 table for all rows, not 7"):
        CodebookPlan(codes.of("codebook").fit(weights(7, 3), tables="rows"), 7)


def test_directions_are_few_terms():
    coded = codes.of("trajectory").fit(weights(5, 3))
    plan = TrajectoryPlan(coded, 5)
    size = 1 << coded.theta_bits
    for direction in range(1, size, 37):
        assert sum(sign << place for place, sign in plan.terms(direction)) % size == direction
    assert max(len(plan.terms(each)) for each in coded.directions) == 2
    assert plan.terms(size - 1) == ((0, -1),)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "plan_of", "options", "most"),
    [
        ("trajectory", TrajectoryPlan, {}, 170),
        ("trajectory", TrajectoryPlan, {"theta_bits": 13}, 150),
        ("trajectory", TrajectoryPlan, {"theta_bits": 13, "class_bits": 1}, 90),
        ("codebook", CodebookPlan, {}, 45),
        ("codebook", CodebookPlan, {"width": 6}, 160),
        ("block", BlockPlan, {}, 140),
        ("block", BlockPlan, {"exponent": 2}, 45),
        ("block", BlockPlan, {"mantissa": 2, "exponent": 2}, 30),
    ],
)
def test_cells_beside_what_yosys_makes(tmp_path, kind, plan_of, options, most):
    coded = codes.of(kind).fit(weights(), **options)
    plan = plan_of(coded, 5)
    text = rtlil.convert(store(plan, plan.latency), name="top", platform=BOARD.platform())
    files.write_text(tmp_path / "top.il", text)
    netlist(tmp_path / "top.il", tmp_path, BOARD.target.toolchain)
    made = cell_counts(tmp_path / STATISTICS, BOARD.target.toolchain)
    told = plan.cells(BOARD.target)
    assert made["ebr"] == told["ebr"] >= 1
    assert made["dsp"] == told["dsp"] == 0
    assert told["lut4"] == pytest.approx(made["lut4"], rel=0.25)
    assert made["lut4"] <= most
