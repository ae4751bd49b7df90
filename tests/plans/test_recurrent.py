"""A loop of steps: its order, what it carries, and what it cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.errors import CannotMeetError, InputError
from hwgen.network.ops.gru import Gru
from hwgen.network.ops.lstm import Lstm
from hwgen.plans import arrays, interpreter, rules
from hwgen.plans.interpreter import Stale
from hwgen.plans.step import Array
from tests.integer_graphs import Maker, unchecked


def case_of(length: int = 6, units: int = 4, *, backwards: bool = False):
    make = Maker(np.random.default_rng(1), windows=3)
    name = make.recurrent(make.begin("direct", length, 2), units, backwards=backwards)
    make.dense(name, 3, last=True)
    return make.case


@pytest.mark.parametrize("backwards", [False, True])
def test_all_steps_of_a_position_before_the_next(backwards):
    plan = case_of(backwards=backwards).layers(Array(2, 4))
    steps = len(plan.steps) - 1
    places = [task.begin for task in plan.tasks[:-1]]
    assert steps == 7
    assert [task.step for task in plan.tasks] == [*list(range(7)) * 6, 7]
    order = range(6)[::-1] if backwards else range(6)
    assert places == [place for place in order for _ in range(7)]
    assert {task.count for task in plan.tasks[:-1]} == {1}


@pytest.mark.parametrize("backwards", [False, True])
def test_another_order_is_no_plan(backwards):
    case = case_of(backwards=backwards)
    plan = case.layers(Array(2, 4))
    other = case_of(backwards=not backwards).layers(Array(2, 4)).tasks
    with pytest.raises(ValueError, match="must do its positions in order"):
        rules.check(unchecked(plan, tasks=other))
    # One after the other, as steps of their own would be: the state is not there.
    apart = tuple(sorted(plan.tasks, key=lambda task: task.step))
    with pytest.raises(Stale):
        interpreter.run(unchecked(plan, tasks=apart), case.features)


def test_a_step_outside_the_loop_does_not_read_what_it_carries():
    plan = case_of().layers(Array(2, 4))
    steps = tuple(replace(step, loop=None) for step in plan.steps)
    with pytest.raises(ValueError, match=r"must read what is there, not n1"):
        rules.read_after_write(unchecked(plan, steps=steps))


@pytest.mark.parametrize("kind", [Lstm, Gru])
@pytest.mark.parametrize("gone", ["weight_input", "weight_hidden"])
def test_weights_of_nothing_are_read_like_others(kind, gone):
    make = Maker(np.random.default_rng(1), windows=3)
    name = make.recurrent(make.begin("direct", 6, 2), 4, backwards=False, kind=kind, gone=gone)
    make.dense(name, 3, last=True)
    plan = make.case.layers(Array(2, 4))
    assert interpreter.run(plan, make.case.features).tolist() == make.case.logits.tolist()


def test_too_many_positions():
    text = r"^n1 must go over at most 128 positions on chip, not 129; put a pooling or a stride bef"
    with pytest.raises(InputError, match=text):
        case_of(129).layers(Array(2, 4))


def test_lanes_divide_the_units():
    case = case_of(units=6)
    with pytest.raises(CannotMeetError, match=r"^n1 needs an array whose lanes divide its 6"):
        case.layers(Array(2, 4))
    best = arrays.best_array(case.model, 8)
    assert 6 % best.lanes == 0
    assert case.layers(best).timing.interval > 0


def test_what_is_behind_it_is_a_step_of_its_own():
    """The value goes round as it is: what follows must not change it."""
    make = Maker(np.random.default_rng(1), windows=3)
    name = make.recurrent(make.begin("direct", 6, 2), 4, backwards=False)
    make.dense(make.max_pool(name, 2), 3, last=True)
    plan = make.case.layers(Array(2, 4))
    assert [step.writes for step in plan.steps][-2:] == ["n2", "n3"]
    assert interpreter.run(plan, make.case.features).tolist() == make.case.logits.tolist()
