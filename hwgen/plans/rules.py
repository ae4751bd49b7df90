"""What the plan of a MAC array must be: one rule a function, all checked whenever one is made."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from hwgen.plans.memory import AGAIN

if TYPE_CHECKING:
    from hwgen.plans.shared import SharedPlan
    from hwgen.plans.step import Step

Rule = Callable[["SharedPlan"], None]
"""Raises `ValueError` if the plan breaks it: plans are made, not given, so it is a mistake here."""


def one_result(plan: SharedPlan) -> None:
    """Check that the last step's values leave, alone give the logits if any, in the last task."""
    last = len(plan.steps) - 1
    if any(step.answers for step in plan.steps[:-1]):
        raise ValueError("only the last step may give the logits")
    if not plan.steps[-1].answers and last not in plan.outputs:
        raise ValueError("steps must end with one that gives logits or values that leave")
    if [n for n, task in enumerate(plan.tasks) if task.step == last] != [len(plan.tasks) - 1]:
        raise ValueError("the last task, and no other, must do the last step")


def outputs_once(plan: SharedPlan) -> None:
    """Check that what leaves is rounded values, each once, that fit their width."""
    if len(set(plan.outputs)) != len(plan.outputs):
        raise ValueError(f"values must leave once, not as {plan.outputs}")
    for number in plan.outputs:
        if plan.steps[number].answers:
            raise ValueError(f"{plan.steps[number].name} gives logits, which leave as such")
    if plan.outputs and not 1 <= plan.number_bits <= plan.value_width:
        raise ValueError(f"number_bits must be 1 to {plan.value_width}, not {plan.number_bits}")


def nothing_in_vain(plan: SharedPlan) -> None:
    """Check that every step's values are read or leave."""
    for number, step in enumerate(plan.steps):
        leaves = step.answers or number in plan.outputs
        if not leaves and step.writes not in plan.memory.regions:
            raise ValueError(f"{step.name} must give values that are read or leave")


def one_array(plan: SharedPlan) -> None:
    """Check that all steps are of one array, and words of one width."""
    if len({step.array for step in plan.steps}) != 1:
        raise ValueError("steps must be of one array")
    lanes = {read.source.lanes for step in plan.steps for read in step.reads}
    if lanes != {plan.array.lanes}:
        raise ValueError(f"words must have {plan.array.lanes} lanes, not {sorted(lanes)}")


def pairs_are_whole(plan: SharedPlan) -> None:
    """Check that what is multiplied is rounded values of one position, word by word in twos."""
    for step in plan.steps:
        if step.post.pairs is None:
            continue
        if step.exact or step.pool != 1 or step.outputs % (2 * step.drain):
            raise ValueError(
                f"{step.name} must give multiples of {2 * step.drain} values to multiply, each "
                f"position's for itself, not {step.outputs}"
            )


def maxima_of_something(plan: SharedPlan) -> None:
    """Check that each group whose maximum is kept has a position that counts."""
    for step in plan.steps:
        if step.beyond.reshape(-1, step.pool).all(axis=1).any():
            raise ValueError(f"{step.name} must keep the maximum of what counts, not of nothing")


def sums_count_whole(plan: SharedPlan) -> None:
    """Check that every position counts where sums add up, for one sum and no other."""
    for step in plan.steps:
        if step.post.summed and (step.post.counted is not None or step.hop != step.pool):
            raise ValueError(f"{step.name} must add up all of its sums, each once")


def leaves_evenly(plan: SharedPlan) -> None:
    """Check that values that leave together fill words and rows evenly."""
    drain = plan.array.drain
    for name, size in (("rows", plan.array.rows), ("lanes", plan.array.lanes)):
        if size % drain:
            raise ValueError(f"{name} must be a multiple of drain ({drain}), not {size}")
    for number, step in enumerate(plan.steps):
        region = plan.memory.regions.get(step.writes)
        padding = 0 if region is None else region.layout.padding
        used = region is not None or number in plan.outputs or bool(step.post.squares)
        if used and (step.width % drain or padding % drain):
            raise ValueError(f"{step.name} must give multiples of {drain} values a position")


def result_has_time(plan: SharedPlan) -> None:
    """Check that the last sums are taken away before the next window's first sums come."""
    first, last = plan.steps[0], plan.steps[-1]
    between = last.steps - last.words + AGAIN + first.words * first.pieces
    if last.rest_turns > between:
        raise ValueError(
            f"{last.name} must have {last.rest_turns} cycles for its last sums, not {between}"
        )


def read_after_write(plan: SharedPlan) -> None:
    """Check that a task reads only what is there, the features or what was begun, where it lies."""
    there = {plan.memory.features}
    for task in plan.tasks:
        step = plan.steps[task.step]
        for read in step.reads:
            if read.value not in there and not _carried(plan, step, read.value):
                raise ValueError(f"{step.name} must read what is there, not {read.value}")
            if read.source != plan.memory.layout_of(read.value) or read.first < 0:
                raise ValueError(f"{step.name} must read {read.value} where it lies")
        there.add(step.writes)


def _carried(plan: SharedPlan, reader: Step, value: str) -> bool:
    """Return whether a value is what a loop carries from one position to the next."""
    return reader.loop is not None and any(
        step.loop == reader.loop and step.writes == value for step in plan.steps
    )


def everything_once(plan: SharedPlan) -> None:
    """Check that tasks do all positions of every step, in their order."""
    done = [0] * len(plan.steps)
    for task in plan.tasks:
        step = plan.steps[task.step]
        begin = done[task.step]
        if step.loop is not None and step.loop.backwards:
            begin = step.positions - begin - task.count
        if task.begin != begin or task.count < 1:
            raise ValueError(f"{step.name} must do its positions in order")
        done[task.step] += task.count
    for step, count in zip(plan.steps, done, strict=True):
        if count * step.pool != step.positions:
            raise ValueError(f"{step.name} must do all of its positions, not {count}")


def begins_with_a_word(plan: SharedPlan) -> None:
    """Check that what a task writes begins in a word that no other has begun."""
    for task in plan.tasks:
        region = plan.memory.regions.get(plan.steps[task.step].writes)
        if region is None or not task.begin:
            continue
        first = region.layout.padding + task.begin * plan.steps[task.step].width
        if first % plan.array.lanes:
            raise ValueError(f"{plan.steps[task.step].name} must go on with a new word")


def nothing_overwritten(plan: SharedPlan) -> None:
    """Check that no two values take the same word at the same time."""
    for (name, one), (other, two) in itertools.combinations(plan.memory.regions.items(), 2):
        if one.meets(two):
            raise ValueError(f"{name} and {other} must not lie in the same words at the same time")


def lives_long_enough(plan: SharedPlan) -> None:
    """Check that a value is there from the first task that writes it to the last that reads it."""
    first: dict[str, int] = {}
    for number, task in enumerate(plan.tasks):
        step = plan.steps[task.step]
        begun = first.setdefault(step.writes, number)
        written = plan.memory.regions.get(step.writes)
        if written is not None and written.begin != begun:
            raise ValueError(f"{step.writes} must be there from {step.name} on")
        for read in step.reads:
            region = plan.memory.regions.get(read.value)
            begun = region is not None and region.begin < number
            if region is not None and number > region.end:
                begun = False
            elif region is not None and not begun:
                # The first position reads the zeros in front of what the loop gives.
                begun = _carried(plan, step, read.value)
            if region is not None and not begun:
                raise ValueError(f"{read.value} must be there for {step.name}")


def every_weight_once(plan: SharedPlan) -> None:
    """Check that each weight stands in memory once for every phase of the positions."""
    for step in plan.steps:
        if step.weight_words.sum() != step.phases * step.taps.total:
            raise ValueError(f"{step.name} must have each of its weights in memory once a phase")


def values_fit(plan: SharedPlan) -> None:
    """Check that values, weights and sums fit the widths of the array."""
    for step in plan.steps:
        limit = 1 << (plan.weight_width - 1)
        if step.weight_words.min() < -limit or step.weight_words.max() >= limit:
            raise ValueError(f"{step.name} weights must fit {plan.weight_width} bits")
        ends = (step.post.out, plan.rounded_width), (step.post.given, plan.value_width)
        for out, width in ends if step.post.pairs else ends[1:]:
            if out is not None and out.width + (not out.signed) > width:
                raise ValueError(f"{step.name} values must fit {width} bits")


def streams_come(plan: SharedPlan) -> None:
    """Check that there is a stream where weights are streamed, and that windows begin whole."""
    if any(step.streamed for step in plan.steps) != (plan.pace is not None):
        raise ValueError("a pace must come with steps whose weights are streamed, and they with it")
    if plan.pace is not None and plan.ahead:
        raise ValueError("streamed weights must wait for all of a window's features")


def streamed_once(plan: SharedPlan) -> None:
    """Check that every block is met by all positions at once: in one task, and in no loop."""
    for number, step in enumerate(plan.steps):
        if step.streamed and [task.step for task in plan.tasks].count(number) != 1:
            raise ValueError(
                f"{step.name} must do all positions in one task to have streamed weights"
            )


def crosswise_in_words(plan: SharedPlan) -> None:
    """Check that a group's values fill words where they leave before another's of a position."""
    lanes, rows = plan.array.lanes, plan.array.rows
    for number, step in enumerate(plan.steps):
        if not step.crosswise:
            continue
        if step.exact or step.post.pairs or number in plan.outputs:
            raise ValueError(f"{step.name} must give values that are only kept, or not by group")
        region = plan.memory.regions.get(step.writes)
        padding = 0 if region is None else region.layout.padding
        if rows % lanes or step.outputs % rows or padding % lanes:
            raise ValueError(
                f"{step.name} must give whole words of {lanes} values of whole groups of {rows}, "
                f"not {step.outputs} behind {padding}"
            )


RULES: tuple[Rule, ...] = (
    one_result,
    outputs_once,
    nothing_in_vain,
    one_array,
    pairs_are_whole,
    maxima_of_something,
    sums_count_whole,
    leaves_evenly,
    result_has_time,
    read_after_write,
    everything_once,
    begins_with_a_word,
    nothing_overwritten,
    lives_long_enough,
    every_weight_once,
    values_fit,
    streams_come,
    streamed_once,
    crosswise_in_words,
)


def check(plan: SharedPlan) -> None:
    """Check each rule; `ValueError` is of the first that is broken."""
    for rule in RULES:
        rule(plan)
