"""The cells of plans against the hardware that is made of them."""

from __future__ import annotations

import cProfile
import dataclasses
import pstats

import pytest
from amaranth.back import rtlil

from hwgen import files
from hwgen.boards import find_board
from hwgen.hardware.accelerator.generator import generate
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision
from hwgen.synth import cell_counts, netlist
from hwgen.synth.netlist import STATISTICS

BOARD = find_board("ulx3s-25f")
OTHERS = {"ice40": "icebreaker", "gowin": "tang-nano-9k", "nexus": "certus-nx-versa"}
"""A board of each family that is not the ECP5."""
TARGET = BOARD.target
WIDE = Precision()
NARROW = Precision(
    adc=8, data=12, twiddle=10, feature=3, conv_weight=4, activation=3, dense_weight=4
)
MIXED = Precision(
    adc=12, data=15, twiddle=13, feature=10, conv_weight=3, activation=5, dense_weight=9
)


def core_text(model, array, dsp):
    """Return the core's RTLIL with the ECP5's own cells in it."""
    core = generate(plan(model, Design(array, dsp)))
    return rtlil.convert(core, name="top", platform=BOARD.platform(), emit_src=False)


@pytest.mark.parametrize("bits", [WIDE, NARROW, MIXED])
@pytest.mark.parametrize(
    ("shape", "parallel", "dsp"),
    [
        ({"window": 64}, 1, 0),
        ({"window": 256, "convs": ((4, 16, 4, 6, 2),)}, 8, 3),
        ({"window": 128, "convs": ((8, 16, 4, 6, 2), (6, 3, 1, 1, 0)), "hidden": 6}, 12, 12),
        ({"window": 64, "convs": (), "hidden": 16, "classes": 3}, 10, 99),
        ({"window": 512, "convs": ((4, 64, 8, 28, 2),), "classes": 10}, 32, 20),
    ],
)
def test_dsp_cells_and_block_rams_are_exact(make_example, bits, shape, parallel, dsp):
    model = make_example(1, windows=4, bits=bits, **shape).model
    array = arrays.best_array(model, parallel)
    text = core_text(model, array, dsp)
    estimate = plan(model, Design(array, dsp)).cells(TARGET)
    assert estimate["dsp"] == text.count("cell \\MULT18X18D")
    assert estimate["ebr"] == text.count("cell \\DP16KD")
    assert estimate["dsp"] > 0
    assert estimate["ebr"] > 0


@pytest.mark.parametrize("name", sorted(OTHERS))
@pytest.mark.parametrize("transform", ["fft", "dft"])
def test_cells_of_other_families_are_exact(make_example, name, transform):
    """In a board's RTLIL there are as many cells of each exact kind as the rules say."""
    board = find_board(OTHERS[name])
    bits = dataclasses.replace(WIDE, transform=transform)
    shape = {"window": 2048, "convs": ((4, 64, 8, 28, 2),), "classes": 10}
    model = make_example(1, windows=2, bits=bits, **shape).model
    core = plan(model, Design(Array(2, 1), 2))
    text = rtlil.convert(generate(core), name="top", platform=board.platform(), emit_src=False)
    chain = board.target.toolchain
    exact = [kind for kind in board.target.kinds if kind not in {"lut4", "ff"}]
    found = {k: sum(text.count(f"cell \\{c} ") for c in chain.counted[k]) for k in exact}
    estimate = core.cells(board.target)
    assert found == {kind: estimate[kind] for kind in exact}
    assert all(found[kind] for kind in exact if kind != "spram" or transform == "dft")


def test_a_long_window_takes_deep_memories(make_example):
    model = make_example(2, windows=2, window=4096, convs=((4, 64, 8, 28, 2),)).model
    array = arrays.best_array(model, 4)
    assert plan(model, Design(array, 4)).cells(TARGET)["ebr"] == core_text(model, array, 4).count(
        "cell \\DP16KD"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bits", "parallel", "dsp"), [(NARROW, 4, 0), (dataclasses.replace(WIDE, adc=12), 6, 6)]
)
def test_look_up_tables_are_near_yosys_s(make_example, tmp_path, bits, parallel, dsp):
    model = make_example(3, windows=4, bits=bits, window=32).model
    array = arrays.best_array(model, parallel)
    source = tmp_path / "core.il"
    files.write_text(source, core_text(model, array, dsp))
    netlist(source, tmp_path, TARGET.toolchain, top="top")
    made = cell_counts(tmp_path / STATISTICS, TARGET.toolchain)
    estimate = plan(model, Design(array, dsp)).cells(TARGET)
    assert estimate["lut4"] == pytest.approx(made["lut4"], rel=0.25)
    assert (estimate["dsp"], estimate["ebr"]) == (made["dsp"], made["ebr"])


@pytest.mark.parametrize("field", ["adc", "data", "twiddle", "feature", "conv_weight",
                                   "activation", "dense_weight"])  # fmt: skip
def test_a_narrower_width_never_costs_more(make_example, field):
    base = Precision(
        adc=12, data=16, twiddle=16, feature=8, conv_weight=8, activation=8, dense_weight=8
    )
    narrow = dataclasses.replace(base, **{field: getattr(base, field) - 3})
    costs = []
    for bits in (base, narrow):
        model = make_example(4, windows=4, bits=bits, window=256, convs=((4, 16, 4, 6, 2),)).model
        made = plan(model, Design(arrays.best_array(model, 8), 0)).cells(TARGET)
        costs.append(made.weight(BOARD.resources))
    # The widest of two weights, and of two kinds of values, decides: the other may be free.
    assert costs[1] <= costs[0]
    if field in {"data", "twiddle"}:
        assert costs[1] < costs[0]


def test_more_logic_multipliers_cost_more(make_example):
    model = make_example(5, windows=4, window=256, convs=((4, 16, 4, 6, 2),)).model
    array = arrays.best_array(model, 16)
    made = [plan(model, Design(array, dsp)).cells(TARGET) for dsp in (0, 8, 16, 99)]
    assert made[0]["lut4"] > made[1]["lut4"] > made[2]["lut4"]
    assert made[2] == made[3]
    assert [each["dsp"] - made[0]["dsp"] for each in made] == [0, 8, 16, 16]


def test_it_is_little_work(make_example):
    """In calls, which are the same on every machine: a search looks at hundreds of designs."""
    model = make_example(6, windows=2, window=2048, convs=((4, 64, 8, 28, 2),), classes=10).model
    array = arrays.best_array(model, 4)
    plan(model, Design(array, 4)).cells(TARGET)  # modules are loaded
    with cProfile.Profile() as profile:
        plan(model, Design(array, 4)).cells(TARGET)
    assert pstats.Stats(profile).total_calls < 3500
