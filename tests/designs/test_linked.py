"""Cells of the board top beside the core, against the board top."""

from __future__ import annotations

import pytest
from amaranth.back import rtlil

from hwgen.boards import find_board
from hwgen.designs.linked import linked
from hwgen.gateware.top import LinkedCore
from hwgen.hardware.accelerator.generator import generate
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.facts import KnownCore
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from tests.integer_graphs import autoencoder

BOARD = find_board("ulx3s-25f")


@pytest.mark.parametrize("window", [64, 1024, 4096])
def test_block_rams_beside_the_core_are_exact(make_example, window):
    model = make_example(1, windows=2, window=window, convs=((4, 16, 4, 6, 2),)).model
    core = plan(model, Design(arrays.best_array(model, 8), 4))
    top = LinkedCore(generate(core), clock_mhz=100.0, baud=1_000_000, digest=model.digest)
    text = rtlil.convert(top, name="top", platform=BOARD.platform(), emit_src=False)
    whole = core.cells(BOARD.target) + linked(core, BOARD.target)
    assert whole["ebr"] == text.count("cell \\DP16KD")
    assert whole["dsp"] == text.count("cell \\MULT18X18D")


def test_what_learns_a_threshold_is_counted():
    core = plan(autoencoder(3, 256), Design(Array(2, 3), 1))
    top = LinkedCore(generate(core), clock_mhz=100.0, baud=1_000_000, digest="00" * 32)
    text = rtlil.convert(top, name="top", platform=BOARD.platform(), emit_src=False)
    found = linked(core, BOARD.target)
    assert (core.cells(BOARD.target) + found)["ebr"] == text.count("cell \\DP16KD")
    plain = linked(KnownCore(256, 8, 256, 2, core.logit_bits, core.timing), BOARD.target)
    assert found["lut4"] > plain["lut4"] + 600
    assert found["ebr"] == plain["ebr"] + 1
    kept = linked(core, BOARD.target, flash=True)
    assert found["lut4"] + 400 < kept["lut4"] < found["lut4"] + 500
    assert kept["ebr"] == found["ebr"]
    none = linked(KnownCore(256, 8, 256, 2, core.logit_bits, core.timing), BOARD.target, flash=True)
    assert none == plain


def test_logits_are_chosen_among(make_example):
    few, many = (
        linked(
            plan(make_example(1, windows=2, classes=classes).model, Design(Array(1, 1), 0)),
            BOARD.target,
        )
        for classes in (2, 9)
    )
    assert many["lut4"] > few["lut4"] + 7 * 8
    assert (few["dsp"], few["ebr"]) == (many["dsp"], many["ebr"])
