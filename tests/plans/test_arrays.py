"""Layers as sweeps of an array, and the best shape of an array."""

from __future__ import annotations

import pytest

from hwgen.errors import CannotMeetError, InputError
from hwgen.plans import arrays
from hwgen.plans.step import Array
from hwgen.quantized import QuantizedModel


@pytest.fixture(scope="module")
def model(make_example) -> QuantizedModel:
    return make_example(1, window=128, convs=((4, 8, 4, 2, 2),), hidden=6, classes=3).model


def test_pooling_is_part_of_the_sweep_before_it(model):
    sweeps = arrays.sweeps(model.ops[1:], Array(2, 4))
    assert [sweep.name for sweep in sweeps] == ["conv1", "fc1", "last"]
    assert [sweep.pool for sweep in sweeps] == [2, 1, 1]
    assert [sweep.out is None for sweep in sweeps] == [False, False, True]
    assert arrays.cycles(model, Array(2, 4)) == sum(sweep.cycles for sweep in sweeps)


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


@pytest.mark.parametrize("parallel", [1, 2, 6, 8, 16, 32])
def test_the_best_array_is_the_fastest_of_its_size(model, parallel):
    best = arrays.best_array(model, parallel)
    assert best.size == parallel
    every = [arrays.cycles(model, array) for array in arrays.shapes(parallel)]
    assert arrays.cycles(model, best) == min(every)


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


def test_layers_that_an_array_cannot_do(model):
    _, conv, pool, hidden, last = model.ops
    text = r"^a network must end with a dense layer that gives the logits"
    for layers in ((conv, hidden), ()):
        with pytest.raises(InputError, match=text):
            arrays.sweeps(layers, Array(1, 1))
    fuse = r"^pool1 must follow a convolution directly; put it behind one$"
    for layers in ((pool, hidden, last), (conv, pool, pool, hidden, last)):
        with pytest.raises(InputError, match=fuse):
            arrays.sweeps(layers, Array(1, 1))


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
