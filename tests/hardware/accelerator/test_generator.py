"""From the quantized IR to shapes of arrays and the accelerator."""

from __future__ import annotations

import dataclasses
import math

import pytest

from hwgen.errors import CannotMeetError, InputError
from hwgen.fixedpoint import Format
from hwgen.hardware.accelerator import generator
from hwgen.network import SAMPLES, Graph
from hwgen.plans.design import Design
from hwgen.plans.layout import Layout
from hwgen.plans.sweep import Array
from hwgen.quantized import Bits, QuantizedModel


@pytest.fixture(scope="module")
def model(make_example) -> QuantizedModel:
    return make_example(1, window=128, convs=((4, 8, 4, 2, 2),), hidden=6, classes=3).model


def with_ops(model: QuantizedModel, *ops) -> QuantizedModel:
    return dataclasses.replace(model, graph=Graph.chain(SAMPLES, ops))


def test_pooling_is_part_of_the_sweep_before_it(model):
    sweeps = generator.sweeps(model, Array(2, 4))
    assert [sweep.name for sweep in sweeps] == ["conv1", "fc1", "last"]
    assert [sweep.pool for sweep in sweeps] == [2, 1, 1]
    assert [sweep.out is None for sweep in sweeps] == [False, False, True]
    assert generator.cycles(model, Array(2, 4)) == sum(sweep.cycles for sweep in sweeps)


def test_every_shape_of_an_array():
    shapes = list(generator.shapes(12))
    assert [(array.rows, array.lanes) for array in shapes] == [
        (1, 12),
        (2, 6),
        (3, 4),
        (4, 3),
        (6, 2),
        (12, 1),
    ]


@pytest.mark.parametrize("parallel", [1, 2, 6, 8, 16, 32])
def test_the_best_array_is_the_fastest_of_its_size(model, parallel):
    best = generator.best_array(model, parallel)
    assert best.size == parallel
    every = [generator.cycles(model, array) for array in generator.shapes(parallel)]
    assert generator.cycles(model, best) == min(every)


def test_more_multipliers_are_faster(model):
    cycles = [generator.cycles(model, generator.best_array(model, 2**n)) for n in range(6)]
    assert cycles == sorted(cycles, reverse=True)
    assert cycles[0] >= 4 * cycles[-1]


@pytest.mark.parametrize("parallel", [0, -1, 33, 1000])
def test_a_parallelism_without_use_says_what_fits(model, parallel):
    assert generator.useful(model) == 32  # four filters of eight taps
    text = f"^parallel must be 1 to 32 for this network, not {parallel}"
    with pytest.raises(CannotMeetError, match=text):
        generator.best_array(model, parallel)


def test_useful_without_a_convolution_is_the_largest_layer(make_example):
    model = make_example(1, window=32, convs=(), hidden=5, classes=3).model
    assert generator.useful(model) == 5 * 16


def test_the_default_is_the_least_power_of_two_that_keeps_up(model):
    parallel = generator.default_parallel(model)
    assert parallel & (parallel - 1) == 0

    def keeps_up(parallel: int) -> bool:
        cycles = generator.cycles(model, generator.best_array(model, parallel))
        return cycles <= model.input_samples

    assert keeps_up(parallel) or parallel * 2 > generator.useful(model)
    core = generator.generate(model, Design(generator.best_array(model, parallel), 4))
    assert core.input_samples == 128


def test_dsp_cells_of_the_front_end(make_example):
    # A pair of multipliers for each twiddle table, and for untangling.
    for window, pairs in ((16, 2), (32, 2), (64, 3), (128, 3), (2048, 5)):
        model = make_example(1, windows=2, window=window, convs=(), classes=2).model
        assert generator.front_end_dsp(model) == 2 * pairs


def test_values_are_wide_enough_for_each_layer(model):
    assert generator.value_width(model.ops) == 9  # eight bits unsigned, and a sign
    first = dataclasses.replace(model.ops[0], out=Format(False, 11, 0))
    assert generator.value_width((first, *model.ops[1:])) == 12
    # The logits are not kept there.
    assert model.ops[-1].output.fmt.width > 9


def test_networks_of_another_structure_are_refused(model):
    spectrum, conv, pool, hidden, last = model.ops
    with pytest.raises(InputError, match=r"^a network must begin with a spectrum, not with conv1d"):
        generator.generate(with_ops(model, conv, pool, hidden, last), Design(Array(1, 1), 1))
    text = r"^a network must end with a dense layer that gives the logits"
    with pytest.raises(InputError, match=text):
        generator.sweeps(_ends_in(model, spectrum, conv, hidden), Array(1, 1))
    with pytest.raises(InputError, match=text):
        generator.sweeps(_ends_in(model, spectrum), Array(1, 1))
    fuse = r"^pool1 must follow a convolution directly; put it behind one$"
    for ops in ((spectrum, pool, hidden, last), (spectrum, conv, pool, pool, hidden, last)):
        with pytest.raises(InputError, match=fuse):
            generator.sweeps(with_ops(model, *ops), Array(1, 1))


def _ends_in(model: QuantizedModel, *ops) -> QuantizedModel:
    """Return a model whose output is no class."""
    return dataclasses.replace(model, classes=(), graph=Graph.chain(SAMPLES, ops, "values"))


@pytest.fixture(scope="module")
def sliding(make_example) -> QuantizedModel:
    """Return a network whose transform accumulates."""
    shape = {"window": 64, "convs": ((2, 8, 2, 3, 2),), "classes": 3}
    return make_example(2, bits=Bits(transform="dft"), **shape).model


@pytest.fixture
def made(monkeypatch):
    """Return what front-ends and accelerators were made with, in order."""
    seen = []
    for name in ("DftFrontEnd", "SpectrumFrontEnd", "Accelerator", "UnrolledAccelerator"):
        kind = getattr(generator, name)

        def make(*given, _kind=kind, _name=name, **named):
            found = _kind(*given, **named)
            seen.append((_name, found, given, named))
            return found

        make.result_latency = getattr(kind, "result_latency", None)
        monkeypatch.setattr(generator, name, make)
    return seen


@pytest.mark.parametrize("hop", [None, 64, 5, 1])
def test_unrolled_layers(sliding, made, hop):
    core = generator.generate(sliding, Design(None, 3, lanes=4, values=2, hop=hop))
    bare, front, whole = made
    op = sliding.ops[0]
    assert [name for name, *_ in made] == ["DftFrontEnd", "DftFrontEnd", "UnrolledAccelerator"]
    assert bare[2] == front[2] == (op, Layout(4, 0, 32), op.out.width)
    assert bare[3] == {"hop": hop or 64}
    # As long as a window's way to its result takes, and a cycle in which that leaves.
    way = bare[1].latency + core.latency - sum(front[1].breakdown.values()) + 1
    assert front[3]["hop"] == (hop or 64)
    assert front[3]["pause"] == -(-way // (hop or 64))
    assert whole[2][0] is front[1]
    assert whole[1] is core
    assert core.classes == 3


@pytest.mark.parametrize("hop", [None, 64, 5])
def test_a_shared_array_behind_a_transform_that_slides(sliding, made, hop):
    core = generator.generate(sliding, Design(Array(2, 4), 3, hop=hop))
    (front, accelerator) = made
    op, width = sliding.ops[0], generator.value_width(sliding.ops)
    sweeps = generator.sweeps(sliding, Array(2, 4))
    assert front[2] == (op, sweeps[0].source, width)
    engine = generator.Engine(sweeps, width, sliding.logit_width, dsp=3)
    busy = max(engine.interval, math.ceil((engine.latency + 64) / generator.IN_FLIGHT))
    assert front[3] == {"hop": hop or 64, "pause": math.ceil(busy / (hop or 64))}
    assert accelerator[2][0] is front[1]
    assert accelerator[2][2:] == (width, sliding.logit_width)
    assert accelerator[3] == {"dsp": 3}
    assert core is accelerator[1]


def test_a_shared_array_behind_an_fft(model, made):
    generator.generate(model, Design(Array(2, 4), 3, hop=128))
    (front, accelerator) = made
    width = generator.value_width(model.ops)
    assert front[0] == "SpectrumFrontEnd"
    assert front[2] == (model.ops[0], generator.sweeps(model, Array(2, 4))[0].source, width)
    assert accelerator[2][2:] == (width, model.logit_width)
    with pytest.raises(CannotMeetError, match="hop must be 128, the window, with an FFT, not 64"):
        generator.generate(model, Design(Array(2, 4), 3, hop=64))
    with pytest.raises(InputError, match="unrolled layers need the transform by accumulation"):
        generator.generate(model, Design(None, 3))


@pytest.mark.parametrize("array", [None, Array(2, 4)])
@pytest.mark.parametrize(("hop", "fits"), [(0, False), (65, False), (64, True), (1, True)])
def test_hops(sliding, array, hop, fits):
    design = Design(array, 3, lanes=4, hop=hop)
    if fits:
        assert generator.generate(sliding, design).hop == hop
    else:
        with pytest.raises(CannotMeetError, match=f"hop must be 1 to 64, the window, not {hop}"):
            generator.generate(sliding, design)


def test_dsp_cells_of_a_transform_that_accumulates(sliding):
    assert generator.front_end_dsp(sliding) == 2
    assert generator.front_end_dsp(sliding, 5) == 10


@pytest.mark.parametrize(
    ("size", "cycles", "expected"),
    [(32, 62, 1), (32, 64 / 1.02, 1), (32, 63, 2), (1, 9999, 1), (32, 9999, 32), (31, 9999, 16)],
)
def test_the_default_by_its_rule(model, monkeypatch, size, cycles, expected):
    """By the cycles of one multiplier, of which more take their part: 2 % and 64 are for room."""
    monkeypatch.setattr(generator, "useful", lambda model: size)
    monkeypatch.setattr(generator, "best_array", lambda model, parallel: parallel)
    monkeypatch.setattr(generator, "cycles", lambda model, parallel: cycles / parallel)
    assert generator.default_parallel(model) == expected
