"""The best shape of an array for a network's steps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hwgen.errors import CannotMeetError
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.lowering import lowered
from hwgen.plans.memory import settled
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import QuantizedModel
from tests.integer_graphs import Maker


@pytest.fixture(scope="module")
def model(make_example) -> QuantizedModel:
    return make_example(1, window=128, convs=((4, 8, 4, 2, 2),), hidden=6, classes=3).model


def test_cycles_are_those_of_all_steps(model):
    steps, *_ = settled(model.ops[0].name, lowered(model.graph, Array(2, 4)))
    assert [step.name for step in steps] == ["conv1", "fc1", "last"]
    assert [step.pool for step in steps] == [2, 1, 1]
    assert [step.exact for step in steps] == [False, False, True]
    assert arrays.cycles(model, Array(2, 4)) == sum(step.cycles for step in steps)


def test_every_shape_of_an_array():
    shapes = list(arrays.shapes(12))
    assert [(array.rows, array.lanes) for array in shapes] == [
        (1, 12),
        (2, 6),
        (3, 4),
        (4, 3),
        (6, 2),
        (12, 1),
    ]


def every_array(model, parallel):
    """Yield every legal array of so many multipliers."""
    for shape, drain in itertools.product(arrays.shapes(parallel), (1, 2, 4, 8)):
        array = Array(shape.rows, shape.lanes, drain)
        try:
            plan(model, Design(array, 0))
        except ValueError as error:
            assert "multiple" in str(error)  # noqa: PT017 - of what leaves together
        else:
            yield array


@pytest.mark.parametrize("parallel", [1, 2, 6, 8, 16, 32])
def test_the_best_array_is_nearly_the_fastest_of_its_size(model, parallel):
    best = arrays.best_array(model, parallel)
    assert best.size == parallel
    every = {array: arrays.cycles(model, array) for array in every_array(model, parallel)}
    assert best in every
    enough = [array for array in every if every[array] <= 1.01 * min(every.values())]
    # Of those no fewer values could leave in a cycle; then the fastest, and the fewest rows.
    assert best == min(enough, key=lambda array: (array.drain, every[array], array.rows))


def test_many_values_leave_a_wide_array_together():
    make = Maker(np.random.default_rng(1))
    name = make.conv(make.begin("direct", 64, 1), 32, 1)
    make.dense(make.conv(name, 32, 1), 3, last=True)
    model = make.case.model
    best = arrays.best_array(model, 64)
    assert best.drain > 1
    slower = [arrays.cycles(model, array) for array in every_array(model, 64) if array.drain == 1]
    assert arrays.cycles(model, best) < min(slower)
    plan(model, Design(best, 0))


def test_a_depthwise_separable_network_uses_its_multipliers():
    """A depthwise layer uses one in eight of them: the layers between make up for it."""
    make = Maker(np.random.default_rng(1), windows=1)
    name = make.conv(make.begin("direct", 512, 1), 32, 9, stride=2, padding=4)
    channels = 32
    for filters in (64, 128, 256):
        name = make.conv(name, channels, 9, stride=2, padding=4, groups=channels)
        name = make.conv(name, filters, 1)
        channels = filters
    make.dense(make.average(name, make.out(name).shape[1]), 10, last=True)
    model = make.case.model
    found = plan(model, Design(arrays.best_array(model, 32), 0))
    assert found.utilisation > 0.69
    every = [plan(model, Design(array, 0)) for array in every_array(model, 32)]
    assert found.utilisation > 0.99 * max(each.utilisation for each in every)


def test_odd_channels_leave_one_by_one():
    make = Maker(np.random.default_rng(1))
    make.dense(make.conv(make.begin("direct", 64, 1), 33, 1), 3, last=True)
    assert arrays.best_array(make.case.model, 32).drain == 1


def test_more_multipliers_are_faster(model):
    cycles = [arrays.cycles(model, arrays.best_array(model, 2**n)) for n in range(6)]
    assert cycles == sorted(cycles, reverse=True)
    assert cycles[0] >= 4 * cycles[-1]


@pytest.mark.parametrize("parallel", [0, -1, 33, 1000])
def test_a_parallelism_without_use_says_what_fits(model, parallel):
    assert arrays.useful(model) == 32  # four filters of eight taps
    text = f"^parallel must be 1 to 32 for this network, not {parallel}"
    with pytest.raises(CannotMeetError, match=text):
        arrays.best_array(model, parallel)


def test_useful_without_a_convolution_is_the_largest_layer(make_example):
    model = make_example(1, window=32, convs=(), hidden=5, classes=3).model
    assert arrays.useful(model) == 5 * 16


def test_the_default_is_the_least_power_of_two_that_keeps_up(model):
    parallel = arrays.default_parallel(model)
    assert parallel & (parallel - 1) == 0

    def keeps_up(parallel: int) -> bool:
        cycles = arrays.cycles(model, arrays.best_array(model, parallel))
        return cycles <= model.input_samples

    assert keeps_up(parallel) or parallel * 2 > arrays.useful(model)


@pytest.mark.parametrize(
    ("size", "cycles", "expected"),
    [(32, 62, 1), (32, 64 / 1.02, 1), (32, 63, 2), (1, 9999, 1), (32, 9999, 32), (31, 9999, 16)],
)
def test_the_default_by_its_rule(model, monkeypatch, size, cycles, expected):
    """By the cycles of one multiplier, of which more take their part: 2 % and 64 are for room."""
    monkeypatch.setattr(arrays, "useful", lambda model: size)
    monkeypatch.setattr(arrays, "best_array", lambda model, parallel: parallel)
    monkeypatch.setattr(arrays, "cycles", lambda model, parallel: cycles / parallel)
    assert arrays.default_parallel(model) == expected
