"""The order of work: all of a step at once, or as far as what has come allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwgen.plans import interpreter
from hwgen.plans.interpreter import Stale
from hwgen.plans.step import Array
from tests.integer_graphs import small_residual, unchecked

ARRAYS = [Array(1, 1), Array(2, 4), Array(4, 8, 2), Array(3, 5)]


@pytest.fixture(scope="module")
def case():
    return small_residual(2, 2, 3, 48)


@pytest.mark.parametrize("array", ARRAYS, ids=str)
def test_all_at_once(case, array):
    plan = case.layers(array)
    assert [task.step for task in plan.tasks] == list(range(len(plan.steps)))
    assert [task.begin for task in plan.tasks] == [0] * len(plan.steps)
    assert plan.tasks[0].needs == plan.feature_words
    assert (plan.ahead, sum(task.needs > 0 for task in plan.tasks)) == (0, 1)


@pytest.mark.parametrize("chunks", [2, 3, 4, 7])
@pytest.mark.parametrize("array", ARRAYS, ids=str)
def test_parts_as_they_come(case, array, chunks):
    plan = replace(case, chunks=chunks).layers(array)
    assert (interpreter.run(plan, case.features) == case.logits).all()
    assert plan.ahead
    # What waits for more comes later, and the class comes last.
    needs = [task.needs for task in plan.tasks if task.needs]
    assert needs == sorted(needs)
    assert needs[-1] == plan.feature_words
    assert plan.steps[plan.tasks[-1].step].exact
    # Less is left to do behind the last sample, and samples keep the distance that it takes.
    whole = case.layers(array)
    assert plan.timing.latency < whole.timing.latency
    assert replace(case, chunks=chunks).plan(array).timing.pause > 1


def test_a_task_that_waits_for_too_little_is_noticed(case):
    plan = replace(case, chunks=3).layers(Array(2, 4))
    first = replace(plan.tasks[0], needs=plan.tasks[0].needs - 1)
    hurried = unchecked(plan, tasks=(first, *plan.tasks[1:]))
    with pytest.raises(Stale, match=r"^first is not all there when it is read$"):
        interpreter.run(hurried, case.features)
