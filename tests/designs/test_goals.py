"""Which design a goal or a bound leads to, and what is said where none does it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from amaranth.back import rtlil

from hwgen import golden
from hwgen.boards import find_board
from hwgen.designs.goals import Need, choose, fits, need_of, refuse
from hwgen.designs.points import option, options
from hwgen.errors import CannotMeetError
from hwgen.hardware.accelerator.generator import generate
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision
from hwgen.quantized.make import uncalibrated
from hwgen.targets import Cells

SMALL = find_board("ulx3s-25f")
LARGE = find_board("ulx3s-85f")
SHAPE = {"window": 512, "convs": ((4, 32, 8, 12, 2),), "classes": 10}
FFT, DFT = Precision(), Precision(transform="dft", twiddle=10)


@pytest.fixture(scope="module")
def models(make_network):
    """The published shape, at a quarter of its length, with either transform."""
    network = make_network(5, **SHAPE)
    return {bits.transform: uncalibrated(network, bits, 12_000.0) for bits in (FFT, DFT)}


@pytest.fixture(scope="module")
def every(models):
    """All design points of either transform with the DSP cells of the small or the large chip."""
    return {
        board.name: {
            name: list(options(model, board.resources["dsp"], board.target))
            for name, model in models.items()
        }
        for board in (SMALL, LARGE)
    }


def best(every, transforms, goal, board=SMALL, mhz=100.0, **bounds):
    need = need_of(goal, mhz, **bounds)
    some = [each for name in transforms for each in every[board.name][name]]
    return choose(some, need, board.resources)


def test_throughput_takes_a_sample_every_clock(every):
    found = best(every, ["fft"], "throughput")
    assert (found.pause, found.interval) == (1, SHAPE["window"])
    held = [each for each in every[SMALL.name]["fft"] if fits(each, SMALL.resources)]
    assert found.cost["lut4"] == min(e.cost["lut4"] for e in held if e.interval <= found.interval)


def test_latency_is_the_quickest_that_fits(every):
    small, large = (best(every, ["dft"], "latency", board) for board in (SMALL, LARGE))
    assert small.design.array is None
    assert large.latency < small.latency <= 512 // 2 // 8 + 60
    assert small.pause <= 250
    held = [each for each in every[SMALL.name]["dft"] if fits(each, SMALL.resources)]
    assert min(each.latency for each in held if each.pause <= 250) == small.latency


def test_area_is_the_fewest_look_up_tables_in_real_time(every):
    found = best(every, ["dft"], "area")
    assert found.pause <= 1000
    held = [each for each in every[SMALL.name]["dft"] if each.pause <= 1000]
    assert found.cost["lut4"] == min(each.cost["lut4"] for each in held)


def test_bounds_lead_to_the_cheapest_that_keeps_them(every):
    quick, slow, often = (
        best(every, ["fft", "dft"], None, LARGE, sample_rate=12_000.0, **bound)
        for bound in (
            {"latency_us": 3.0},
            {"latency_us": 300.0},
            {"windows_per_second": 150_000.0},
        )
    )
    weights = [each.cost.weight(LARGE.resources) for each in (quick, slow, often)]
    assert quick.latency <= 300
    assert slow.latency <= 30_000
    assert often.interval <= 1e8 / 150_000
    assert weights[1] < min(weights[0], weights[2])
    assert often.transform == "fft"


@pytest.mark.parametrize(
    ("bounds", "pattern"),
    [
        ({"latency_us": 0.1}, r"no design on small gives a class in 0\.1 us .*quickest answers in"),
        (
            {"windows_per_second": 1e7},
            r"10,000,000 windows per second .*most often 195,312 windows",
        ),
    ],
)
def test_what_would_do_is_said(every, bounds, pattern):
    both = every[SMALL.name]["fft"] + every[SMALL.name]["dft"]
    need = need_of(None, 100.0, **bounds)
    assert choose(both, need, SMALL.resources) is None
    with pytest.raises(Exception, match=pattern) as error:
        raise refuse(both, need, SMALL.resources, SMALL.target, "small", 100.0)
    assert "would" not in str(error.value)  # nothing does


def test_a_larger_chip_is_named_where_one_would_do(every):
    need = need_of(None, 100.0, latency_us=0.9)
    scarce = Cells({"lut4": 6_000, "ff": 6_000, "dsp": 28, "ebr": 56})
    found = every[LARGE.name]["dft"]
    error = refuse(found, need, scarce, SMALL.target, "small", 100.0)
    assert choose(found, need, LARGE.resources) is not None
    assert "a board with" in str(error)
    assert "would" in str(error)
    nothing = Cells({"lut4": 100, "ff": 100, "dsp": 1, "ebr": 1})
    tiny = refuse(found, need, nothing, SMALL.target, "tiny", 100.0)
    assert "no design fits on tiny" in str(tiny)
    assert "of 100 LUT4, 1 DSP cells and 1 block RAMs; take a larger board" in str(tiny)
    told = refuse(
        found, need, nothing, SMALL.target, "tiny", 100.0, larger=lambda: "large"
    )  # fmt: skip
    assert str(told).endswith("take a larger board, such as large")


@pytest.mark.parametrize(
    "design",
    [
        Design(Array(1, 2), 0),
        Design(Array(2, 4), 3, hop=16),
        Design(None, 9, lanes=8, values=2),
        Design(None, 40, lanes=16, values=4, hop=1),
        Design(None, 0, lanes=8, values=1),
        Design(Array(2, 4), 3, lanes=8, unrolled=("conv1", "pool1")),
        Design(Array(2, 4), 0, lanes=8, hop=16, unrolled=("conv1",)),
    ],
)
def test_dsp_cells_and_block_rams_are_exact(models, design):
    model = models["dft"]
    core = generate(plan(model, design))
    text = rtlil.convert(core, name="top", platform=SMALL.platform(), emit_src=False)
    estimate = plan(model, design).cells(SMALL.target)
    assert estimate["dsp"] == text.count("cell \\MULT18X18D")
    assert estimate["ebr"] == text.count("cell \\DP16KD")
    assert estimate["dsp"] > 0
    assert estimate["ebr"] > 0


@pytest.mark.parametrize("bits", [FFT, DFT])
def test_a_provisional_network_has_the_cycles_of_the_calibrated_one(make_example, bits):
    example = make_example(6, bits=bits, **SHAPE)
    early = uncalibrated(example.network, bits)
    designs = [Design(Array(2, 4), 3)]
    if bits.transform == "dft":
        designs.append(Design(None, 4, lanes=8, values=2))
    for design in designs:
        told, made = (option(model, design, SMALL.target) for model in (early, example.model))
        # The adders of a constant matrix depend on the weights' digits.
        assert abs(told.latency - made.latency) <= (2 if design.array is None else 0)
        assert (told.interval, told.pause) == (made.interval, made.pause)
        assert told.cost["lut4"] == pytest.approx(made.cost["lut4"], rel=0.1)


def test_first_layers_of_their_own_restrict_the_choice(models, every):
    for names in (("conv1",), ("conv1", "pool1")):
        found = list(options(models["dft"], 28, SMALL.target, unrolled=names))
        assert found
        assert {each.design.unrolled for each in found} == {names}
        assert {each.design.lanes for each in found} <= {8, 16, 32}
        wanted = [e for e in every[SMALL.name]["dft"] if e.design.unrolled == names]
        assert [each.design for each in found] == [each.design for each in wanted]
    known = "unroll must be conv1 or conv1,pool1, not pool1,conv1"
    with pytest.raises(CannotMeetError, match=known):
        list(options(models["dft"], 28, SMALL.target, unrolled=("pool1", "conv1")))
    with pytest.raises(
        CannotMeetError, match="can have hardware of their own with --transform dft"
    ):
        list(options(models["fft"], 28, SMALL.target, unrolled=("conv1",)))


def test_a_network_that_cannot_be_unrolled_has_shared_designs_only(make_network):
    deep = make_network(1, window=64, convs=((2, 3, 1, 1, 0), (3, 3, 1, 1, 2)), classes=3)
    found = list(options(uncalibrated(deep, DFT), 28, SMALL.target))
    assert found
    assert all(each.design.array is not None for each in found)
    dense = make_network(1, window=64, convs=(), hidden=4, classes=3)
    assert list(options(uncalibrated(dense, DFT), 28, SMALL.target))


def test_parallel_and_hop_restrict_the_choice(models):
    found = list(options(models["dft"], 28, SMALL.target, parallel=4, hop=64))
    assert found
    assert {each.design.array.size for each in found} == {4}
    assert {each.design.hop for each in found} == {64}
    # Windows that overlap too closely for the shared layers slow the samples down.
    close = next(e for e in options(models["dft"], 28, SMALL.target, parallel=4, hop=1))
    assert close.interval == close.pause >= close.latency // 4


def test_more_weights_cost_more(models, make_network):
    larger = make_network(5, **SHAPE | {"convs": ((8, 32, 8, 12, 2),)})
    wide = uncalibrated(larger, DFT)
    design = Design(None, 0, lanes=8, values=2)
    narrow, wider = (plan(each, design).cells(SMALL.target) for each in (models["dft"], wide))
    assert wider["lut4"] > 1.1 * narrow["lut4"]


def test_needs_are_what_they_say():
    need = need_of("throughput", 140.0, windows_per_second=100_000.0)
    assert need == Need(latency=None, interval=1400.0, pause=1, small=True)
    assert need_of("throughput", 140.0) == Need(pause=1, often=True, small=True)
    assert need_of("latency", 125.0) == Need(pause=250, fastest=True, small=True)
    assert need_of("latency", 125.0, latency_us=2.0) == Need(latency=250.0, pause=250, small=True)
    assert need_of("area", 50.0, sample_rate=12_000.0) == Need(pause=1000.0, small=True)
    assert need_of("area", 50.0, sample_rate=96_000.0).pause == 500
    assert need_of(None, 100.0, sample_rate=50_000.0) == Need(pause=2000.0)
    assert dataclasses.replace(need, latency=3).latency == 3


def test_what_is_chosen_works(models):
    """The provisional network is a whole integer network: the golden model takes it."""
    samples = np.random.default_rng(1).integers(-999, 999, (2, SHAPE["window"]))
    for model in models.values():
        assert golden.run(model, samples).shape == (2, 10)
