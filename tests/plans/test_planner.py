"""From the integer network and a design point to a plan, and its cycles by the rules."""

from __future__ import annotations

import dataclasses
import math

import pytest

from hwgen.errors import CannotMeetError, InputError
from hwgen.fixedpoint import Format
from hwgen.network.graph import Graph
from hwgen.plans.design import Design
from hwgen.plans.layout import Layout
from hwgen.plans.lowering import lowered
from hwgen.plans.memory import settled
from hwgen.plans.planner import accumulates, plan, source_dsp
from hwgen.plans.shared import SharedPlan
from hwgen.plans.sources.dft import DftPlan
from hwgen.plans.sources.spectrum import SpectrumPlan
from hwgen.plans.split import split
from hwgen.plans.step import Array
from hwgen.plans.unrolled.layers import UnrolledLayersPlan
from hwgen.quantized import Precision, QuantizedModel


@pytest.fixture(scope="module")
def model(make_example) -> QuantizedModel:
    return make_example(1, window=128, convs=((4, 8, 4, 2, 2),), hidden=6, classes=3).model


@pytest.fixture(scope="module")
def sliding(make_example) -> QuantizedModel:
    """Return a network whose transform accumulates."""
    shape = {"window": 64, "convs": ((2, 8, 2, 3, 2),), "classes": 3}
    return make_example(2, bits=Precision(transform="dft"), **shape).model


def test_dsp_cells_of_an_fft(make_example):
    # A pair of multipliers for each twiddle table, and for untangling.
    for window, pairs in ((16, 2), (32, 2), (64, 3), (128, 3), (2048, 5)):
        model = make_example(1, windows=2, window=window, convs=(), classes=2).model
        assert source_dsp(model) == 2 * pairs


def test_values_are_wide_enough_for_each_layer(model):
    assert split(model).value_width == 9  # eight bits unsigned, and a sign
    first = dataclasses.replace(model.ops[0], out=Format(False, 11, 0))
    assert split(model.with_ops((first,))).value_width == 12
    # The logits are not kept there.
    assert model.ops[-1].output.fmt.width > 9


def test_networks_of_another_structure_are_refused(model):
    _, *layers = model.ops
    text = r"^on chip a network must begin with its samples or their spectrum, not with conv1d$"
    headless = dataclasses.replace(model, graph=Graph.chain("samples", layers))
    with pytest.raises(InputError, match=text):
        plan(headless, Design(Array(1, 1), 1))


@pytest.mark.parametrize("hop", [None, 64, 5, 1])
def test_unrolled_layers(sliding, hop):
    made = plan(sliding, Design(None, 3, lanes=4, values=2, hop=hop))
    front, layers, op = made.front, made.layers, sliding.ops[0]
    assert isinstance(front, DftPlan)
    assert isinstance(layers, UnrolledLayersPlan)
    assert (front.op, front.layout, front.value_width) == (op, Layout(4, 0, 32), op.out.width)
    assert front.hop == made.hop == (hop or 64)
    # As long as a window's way to its result takes, and a cycle in which that leaves.
    way = made.timing.latency + 1
    assert front.pause == math.ceil(way / made.hop)
    assert made.timing.latency == front.timing.latency + layers.timing.latency + 1
    assert made.timing.pause == max(front.pause, 8, 5)
    assert made.timing.interval == made.hop * made.timing.pause
    assert made.timing.in_flight == 1
    assert (made.classes, made.logit_bits) == (3, sliding.logit_width)
    assert (made.input_samples, made.adc_bits) == (64, sliding.bits.adc)


@pytest.mark.parametrize("hop", [None, 64, 5])
def test_a_shared_array_behind_a_transform_that_slides(sliding, hop):
    made = plan(sliding, Design(Array(2, 4), 3, hop=hop))
    front, layers, op = made.front, made.layers, sliding.ops[0]
    assert isinstance(front, DftPlan)
    assert isinstance(layers, SharedPlan)
    steps, memory, _ = settled(op.name, lowered(sliding.graph, Array(2, 4)))
    width = split(sliding).value_width
    assert (front.op, front.layout, front.value_width) == (op, memory.layout, width)
    assert layers.memory == memory
    assert (layers.value_width, layers.logit_bits, layers.dsp) == (width, sliding.logit_width, 3)
    # Four windows are told apart: each may take a fourth of its way from its last sample.
    engine = layers.timing
    way = front.timing.latency + engine.latency + layers.result + layers.leaving
    busy = max(engine.interval, math.ceil(way / 4))
    assert front.pause == math.ceil(busy / (hop or 64))
    # With windows far enough apart there is memory for one, and one more may be on its way.
    assert (layers.windows, made.timing.in_flight) == ((2, 4) if hop == 5 else (1, 2))
    assert made.timing.latency == front.timing.latency + engine.latency + 2
    assert list(dict(made.timing.breakdown)) == [
        *dict(front.timing.breakdown),
        *(step.name for step in steps),
        "result",
    ]


def test_a_long_window_does_not_keep_close_ones_apart(make_example):
    """Only their way through keeps them, and there is room for four on it."""
    shape = {"window": 256, "convs": ((4, 16, 8, 4, 2),), "classes": 5}
    model = make_example(2, bits=Precision(transform="dft", twiddle=12), **shape).model
    design = Design(Array(4, 8), 1, hop=1, lanes=8, unrolled=("conv1", "pool1"))
    made = plan(model, design)
    way = made.timing.latency + made.layers.leaving
    assert way / 4 < made.layers.timing.interval == made.timing.interval == made.timing.pause < 64


def test_a_shared_array_behind_an_fft(model):
    made = plan(model, Design(Array(2, 4), 3, hop=128))
    assert isinstance(made.front, SpectrumPlan)
    width = split(model).value_width
    assert (made.front.op, made.front.value_width) == (model.ops[0], width)
    _, memory, _ = settled(model.ops[0].name, lowered(model.graph, Array(2, 4)))
    assert made.front.layout == memory.layout
    assert (made.timing.pause, made.hop, made.timing.lead) == (1, 128, 128)
    # Windows share the way from a sample that waits to the place that a result leaves.
    shared = math.ceil((made.timing.latency + 128 + 2) / 2)
    intervals = (made.front.timing.interval, made.layers.timing.interval, shared)
    assert made.timing.interval == max(intervals)
    assert made.timing.in_flight == 2
    with pytest.raises(CannotMeetError, match="hop must be 128, the window, with an FFT, not 64"):
        plan(model, Design(Array(2, 4), 3, hop=64))
    with pytest.raises(InputError, match="unrolled layers need the transform by accumulation"):
        plan(model, Design(None, 3))


@pytest.mark.parametrize("array", [None, Array(2, 4)])
@pytest.mark.parametrize(("hop", "fits"), [(0, False), (65, False), (64, True), (1, True)])
def test_hops(sliding, array, hop, fits):
    design = Design(array, 3, lanes=4, hop=hop)
    if fits:
        assert plan(sliding, design).hop == hop
    else:
        with pytest.raises(CannotMeetError, match=f"hop must be 1 to 64, the window, not {hop}"):
            plan(sliding, design)


def test_dsp_cells_of_a_transform_that_accumulates(sliding):
    assert source_dsp(sliding) == 2
    assert source_dsp(sliding, 5) == 10


def test_which_transforms_accumulate(model, sliding):
    assert accumulates(sliding)
    assert not accumulates(model)
