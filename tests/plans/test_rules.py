"""Each rule of a plan, broken once by a plan that breaks no other one before it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.plans import rules
from hwgen.plans.memory import Memory
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Array, Pairs, Step
from hwgen.plans.weights.flash import Pace
from tests.integer_graphs import Maker, random_case, unchecked


@pytest.fixture(scope="module")
def plan() -> SharedPlan:
    """Of four steps: the third adds what the first gave; two values leave at once."""
    make = Maker(np.random.default_rng(2), multiple=2)
    first = make.conv(make.begin("direct", 12, 1), 2, 3, padding=1)
    second = make.conv(first, 4, 3, padding=1)
    third = make.conv(second, 2, 1, first)
    make.dense(third, 3, last=True)
    return make.case.layers(Array(2, 4, 2))


def with_steps(plan: SharedPlan, **changes: Step) -> SharedPlan:
    """Return the plan with other steps in the place of those of these names."""
    return unchecked(plan, steps=tuple(changes.get(step.name, step) for step in plan.steps))


def step(plan: SharedPlan, name: str) -> Step:
    return next(each for each in plan.steps if each.name == name)


def region(plan: SharedPlan, name: str, **changes) -> Memory:
    regions = plan.memory.regions
    return replace(plan.memory, regions={**regions, name: replace(regions[name], **changes)})


def first_read(before: Step, **changes) -> Step:
    return replace(before, reads=(replace(before.reads[0], **changes), *before.reads[1:]))


def logits_twice(plan):
    n1 = step(plan, "n1")
    return with_steps(plan, n1=replace(n1, post=replace(n1.post, out=None)))


def no_logits(plan):
    return unchecked(plan, steps=plan.steps[:-1])


def leaves_twice(plan):
    return unchecked(plan, outputs=(0, 0), number_bits=2)


def logits_as_values(plan):
    return unchecked(plan, outputs=(3,), number_bits=2)


def wide_number(plan):
    return unchecked(plan, outputs=(0,), number_bits=40)


def read_by_nobody(plan):
    regions = {name: each for name, each in plan.memory.regions.items() if name != "n1"}
    return unchecked(plan, memory=replace(plan.memory, regions=regions))


def two_arrays(plan):
    return with_steps(plan, n2=replace(step(plan, "n2"), array=Array(4, 4, 2)))


def other_lanes(plan):
    n2 = step(plan, "n2")
    source = replace(n2.reads[0].source, lanes=8)
    return with_steps(plan, n2=first_read(n2, source=source))


def odd_outputs(plan):
    n1 = step(plan, "n1")
    return with_steps(plan, n1=replace(n1, bias=np.append(n1.bias, 0)))


def odd_padding(plan):
    layout = replace(plan.memory.regions["n1"].layout, padding=1)
    return unchecked(plan, memory=region(plan, "n1", layout=layout))


def uneven(field):
    def spoilt(plan):
        array = replace(plan.array, **{field: 5})
        return unchecked(
            plan, steps=tuple(replace(each, array=array, reads=()) for each in plan.steps)
        )

    return spoilt


def too_early(plan):
    return with_steps(plan, n2=first_read(step(plan, "n2"), value="n3"))


def nobodys(plan):
    return with_steps(plan, n2=first_read(step(plan, "n2"), value="n9"))


def elsewhere(plan):
    n2 = step(plan, "n2")
    source = replace(n2.reads[0].source, length=n2.reads[0].source.length + 8)
    return with_steps(plan, n2=first_read(n2, source=source))


def before_its_zeros(plan):
    return with_steps(plan, n2=first_read(step(plan, "n2"), first=-1))


def overlapping(plan):
    return unchecked(plan, memory=region(plan, "n2", start=plan.memory.regions["n1"].start))


def too_short(plan):
    return unchecked(plan, memory=region(plan, "n1", end=1))


def too_late(plan):
    return unchecked(plan, memory=region(plan, "n1", begin=1))


def weight_lost(plan):
    n2 = step(plan, "n2")
    spoilt = replace(n2)
    words = n2.weight_words.copy()
    words[np.nonzero(words)[0][0]] = 0
    spoilt.__dict__["weight_words"] = words
    return with_steps(plan, n2=spoilt)


def wide_weight(plan):
    n2 = step(plan, "n2")
    weight = n2.taps.weight.copy()
    weight[0, 0] = 1 << plan.weight_width
    return with_steps(plan, n2=replace(n2, taps=replace(n2.taps, weight=weight)))


def low_weight(plan):
    n2 = step(plan, "n2")
    weight = n2.taps.weight.copy()
    weight[0, 0] = -(1 << plan.weight_width - 1) - 1
    return with_steps(plan, n2=replace(n2, taps=replace(n2.taps, weight=weight)))


def wide_value(plan):
    n1 = step(plan, "n1")
    out = Format(False, plan.value_width, 0)
    return with_steps(plan, n1=replace(n1, post=replace(n1.post, out=out)))


def hurried(plan):
    last = plan.steps[-1]
    rows = Array(8, 4, 2)
    steps = [replace(each, array=rows) for each in plan.steps]
    weight = np.resize(last.taps.weight, (8, last.taps.weight.shape[1]))
    steps[-1] = replace(steps[-1], bias=np.zeros(8, dtype=np.int64),
                        taps=replace(last.taps, weight=weight))  # fmt: skip
    return unchecked(plan, steps=tuple(steps))


def half_a_pair(plan):
    n1 = step(plan, "n1")
    return with_steps(plan, n1=replace(n1, post=replace(n1.post, pairs=Pairs(0, n1.post.out))))


def pooled_pairs(plan):
    n2 = step(plan, "n2")
    post = replace(n2.post, pairs=Pairs(0, n2.post.out), pool=2)
    return with_steps(plan, n2=replace(n2, post=post))


def logits_in_pairs(plan):
    n4 = step(plan, "n4")
    post = replace(n4.post, pairs=Pairs(0, Format(True, 4, 0)))
    return with_steps(plan, n4=replace(n4, bias=np.zeros(4, dtype=np.int64), post=post))


def wide_product(plan):
    n2 = step(plan, "n2")
    pairs = Pairs(0, Format(False, plan.value_width, 0))
    return with_steps(plan, n2=replace(n2, post=replace(n2.post, pairs=pairs)))


def nothing_counts(plan):
    n2 = step(plan, "n2")
    return with_steps(plan, n2=replace(n2, post=replace(n2.post, counted=(1, n2.positions))))


def sums_left_out(plan):
    n2 = step(plan, "n2")
    post = replace(n2.post, pool=2, summed=True, counted=(1, n2.positions))
    return with_steps(plan, n2=replace(n2, post=post))


def sums_twice(plan):
    n2 = step(plan, "n2")
    post = replace(n2.post, pool=2, pool_stride=1, summed=True)
    return with_steps(plan, n2=replace(n2, post=post))


def task_twice(plan):
    return unchecked(plan, tasks=(plan.tasks[0], *plan.tasks))


def task_missing(plan):
    first = replace(plan.tasks[0], count=plan.tasks[0].count - 1)
    return unchecked(plan, tasks=(first, *plan.tasks[1:]))


def logits_early(plan):
    *others, last = plan.tasks
    return unchecked(plan, tasks=(last, *others))


def within_a_word(plan):
    first, *others = plan.tasks
    begun = replace(first, count=2), replace(first, begin=2, count=first.count - 2)
    return unchecked(plan, tasks=(*begun, *others))


def no_stream(plan):
    return unchecked(plan, pace=Pace(2))


def no_pace(plan):
    return with_steps(plan, n1=replace(step(plan, "n1"), streamed=True))


def streamed(plan, name):
    return unchecked(
        with_steps(plan, **{name: replace(step(plan, name), streamed=True)}), pace=Pace(2)
    )


def streamed_in_parts(plan):
    first, *others = plan.tasks
    begun = replace(first, count=1), replace(first, begin=1, count=first.count - 1)
    regions = {
        name: replace(each, begin=each.begin + bool(each.begin), end=each.end + 1)
        for name, each in plan.memory.regions.items()
    }
    return unchecked(
        streamed(plan, "n1"),
        tasks=(*begun, *others),
        memory=replace(plan.memory, regions=regions),
    )


def across_words(plan):
    return streamed(plan, "n2")


def across_and_out(plan):
    return unchecked(streamed(plan, "n2"), outputs=(1,), number_bits=2)


BROKEN = [
    (rules.streams_come, no_stream, "^a pace must come with steps whose weights are streamed, an"),
    (rules.streams_come, no_pace, "^a pace must come with steps whose weights are streamed, and t"),
    (rules.streamed_once, streamed_in_parts, "^n1 must do all positions in one task to have stre"),
    (rules.crosswise_in_words, across_words, "^n2 must give whole words of 4 values of whole gro"),
    (rules.crosswise_in_words, across_and_out, "^n2 must give values that are only kept, or not "),
    (rules.one_result, logits_twice, "^only the last step may give the logits$"),
    (
        rules.one_result,
        no_logits,
        "^steps must end with one that gives logits or values that leave",
    ),
    (rules.outputs_once, leaves_twice, r"^values must leave once, not as \(0, 0\)$"),
    (rules.outputs_once, logits_as_values, "^n4 gives logits, which leave as such$"),
    (rules.outputs_once, wide_number, r"^number_bits must be 1 to \d, not 40$"),
    (rules.nothing_in_vain, read_by_nobody, "^n1 must give values that are read or leave$"),
    (rules.one_array, two_arrays, "^steps must be of one array$"),
    (rules.one_array, other_lanes, r"^words must have 4 lanes, not \[4, 8\]$"),
    (rules.leaves_evenly, odd_outputs, "^n1 must give multiples of 2 values a position$"),
    (rules.leaves_evenly, odd_padding, "^n1 must give multiples of 2 values a position$"),
    (rules.one_result, logits_early, "^the last task, and no other, must do the last step$"),
    (rules.result_has_time, hurried, r"^n4 must have 8 cycles for its last sums, not \d$"),
    (rules.everything_once, task_twice, "^n1 must do its positions in order$"),
    (rules.everything_once, task_missing, r"^n1 must do all of its positions, not \d+$"),
    (rules.begins_with_a_word, within_a_word, "^n1 must go on with a new word$"),
    (rules.read_after_write, too_early, "^n2 must read what is there, not n3$"),
    (rules.read_after_write, nobodys, "^n2 must read what is there, not n9$"),
    (rules.read_after_write, elsewhere, "^n2 must read n1 where it lies$"),
    (rules.read_after_write, before_its_zeros, "^n2 must read n1 where it lies$"),
    (rules.nothing_overwritten, overlapping, "^n1 and n2 must not lie in the same words at the s"),
    (rules.lives_long_enough, too_short, "^n1 must be there for n3$"),
    (rules.lives_long_enough, too_late, "^n1 must be there from n1 on$"),
    (rules.every_weight_once, weight_lost, "^n2 must have each of its weights in memory once a p"),
    (rules.pairs_are_whole, half_a_pair, "^n1 must give multiples of 4 values to multiply, each "),
    (rules.pairs_are_whole, pooled_pairs, "^n2 must give multiples of 4 values to multiply, each "),
    (rules.pairs_are_whole, logits_in_pairs, "^n4 must give multiples of 2 values to multiply, ea"),
    (rules.maxima_of_something, nothing_counts, "^n2 must keep the maximum of what counts, not "),
    (rules.sums_count_whole, sums_left_out, "^n2 must add up all of its sums, each once$"),
    (rules.sums_count_whole, sums_twice, "^n2 must add up all of its sums, each once$"),
    (rules.values_fit, wide_product, r"^n2 values must fit \d bits$"),
    (rules.values_fit, wide_weight, "^n2 weights must fit 5 bits$"),
    (rules.values_fit, low_weight, "^n2 weights must fit 5 bits$"),
    (rules.values_fit, wide_value, r"^n1 values must fit \d bits$"),
]


def test_a_plan_that_keeps_them_all(plan):
    assert [each.name for each in plan.steps] == ["n1", "n2", "n3", "n4"]
    assert len(plan.steps[2].reads) == 2
    rules.check(plan)


def test_every_rule_is_broken_here():
    assert {rule for rule, *_ in BROKEN} == set(rules.RULES)


@pytest.mark.parametrize(("rule", "spoil", "text"), BROKEN)
def test_a_broken_rule(plan, rule, spoil, text):
    spoilt = spoil(plan)
    with pytest.raises(ValueError, match=text):
        rule(spoilt)
    with pytest.raises(ValueError, match=text):
        rules.check(spoilt)
    # And nobody can make such a plan.
    given = {
        name: getattr(spoilt, name)
        for name in (
            *("steps", "memory", "tasks", "value_width", "dsp", "outputs", "number_bits", "pace"),
        )
    }
    with pytest.raises(ValueError, match=text):
        SharedPlan(**given, logit_bits=plan.logit_bits)


@pytest.mark.parametrize("field", ["rows", "lanes"])
def test_values_leave_evenly(plan, field):
    with pytest.raises(ValueError, match=rf"^{field} must be a multiple of drain \(2\), not 5$"):
        rules.leaves_evenly(uneven(field)(plan))


@pytest.mark.parametrize("signed", [True, False])
def test_a_width_that_is_just_enough(plan, signed):
    out = Format(signed, plan.value_width - 1, 0)
    n1 = step(plan, "n1")
    rules.check(with_steps(plan, n1=replace(n1, post=replace(n1.post, out=out))))


def test_random_plans_keep_them_all():
    for seed in range(30):
        rules.check(random_case(seed, small=True).layers(Array(3, 4)))
