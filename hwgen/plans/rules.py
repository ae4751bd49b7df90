"""What the plan of a MAC array must be: one rule a function, all checked whenever one is made."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hwgen.plans.memory import AGAIN

if TYPE_CHECKING:
    from hwgen.plans.shared import SharedPlan

Rule = Callable[["SharedPlan"], None]
"""Raises `ValueError` if the plan breaks it: plans are made, not given, so it is a mistake here."""


def one_result(plan: SharedPlan) -> None:
    """Check that the last step gives the logits, and no other; and that it is the last task."""
    if [step.exact for step in plan.steps] != [False] * (len(plan.steps) - 1) + [True]:
        raise ValueError("steps must end with the one that gives the logits, and no other may")
    if [n for n, task in enumerate(plan.tasks) if task.step == len(plan.steps) - 1] != [
        len(plan.tasks) - 1
    ]:
        raise ValueError("the last task, and no other, must give the logits")


def one_array(plan: SharedPlan) -> None:
    """Check that all steps are of one array, and words of one width."""
    if len({step.array for step in plan.steps}) != 1:
        raise ValueError("steps must be of one array")
    lanes = {read.source.lanes for step in plan.steps for read in step.reads}
    if lanes != {plan.array.lanes}:
        raise ValueError(f"words must have {plan.array.lanes} lanes, not {sorted(lanes)}")


def leaves_evenly(plan: SharedPlan) -> None:
    """Check that values that leave together fill words and rows evenly."""
    drain = plan.array.drain
    for name, size in (("rows", plan.array.rows), ("lanes", plan.array.lanes)):
        if size % drain:
            raise ValueError(f"{name} must be a multiple of drain ({drain}), not {size}")
    for step in plan.steps:
        region = plan.memory.regions.get(step.writes)
        if region is not None and (step.outputs % drain or region.layout.padding % drain):
            raise ValueError(f"{step.name} must give multiples of {drain} values a position")


def logits_have_time(plan: SharedPlan) -> None:
    """Check that logits are taken away before the next window's first sums come."""
    first, last = plan.steps[0], plan.steps[-1]
    between = last.steps - last.words + AGAIN + first.words
    if last.rest > between:
        raise ValueError(f"{last.name} must have {last.rest} cycles for its logits, not {between}")


def read_after_write(plan: SharedPlan) -> None:
    """Check that a task reads only what is there, the features or what was begun, where it lies."""
    there = {plan.memory.features}
    for task in plan.tasks:
        step = plan.steps[task.step]
        for read in step.reads:
            if read.value not in there:
                raise ValueError(f"{step.name} must read what is there, not {read.value}")
            if read.source != plan.memory.layout_of(read.value) or read.first < 0:
                raise ValueError(f"{step.name} must read {read.value} where it lies")
        there.add(step.writes)


def everything_once(plan: SharedPlan) -> None:
    """Check that tasks do all positions of every step, in their order."""
    done = [0] * len(plan.steps)
    for task in plan.tasks:
        if task.begin != done[task.step] or task.count < 1:
            raise ValueError(f"{plan.steps[task.step].name} must do its positions in order")
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
        first = region.layout.padding + task.begin * plan.steps[task.step].outputs
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
            if region is not None and not region.begin < number <= region.end:
                raise ValueError(f"{read.value} must be there for {step.name}")


def every_weight_once(plan: SharedPlan) -> None:
    """Check that each weight stands in memory once for every phase of the positions."""
    for step in plan.steps:
        mask = step.taps.mask
        wanted = step.phases * np.where(mask, step.taps.weight, 0).sum()
        if step.weight_words.sum() != wanted:
            raise ValueError(f"{step.name} must have each of its weights in memory once a phase")


def values_fit(plan: SharedPlan) -> None:
    """Check that values, weights and sums fit the widths of the array."""
    for step in plan.steps:
        limit = 1 << (plan.weight_width - 1)
        if step.weight_words.min() < -limit or step.weight_words.max() >= limit:
            raise ValueError(f"{step.name} weights must fit {plan.weight_width} bits")
        out = step.post.out
        if out is not None and out.width + (not out.signed) > plan.value_width:
            raise ValueError(f"{step.name} values must fit {plan.value_width} bits")


RULES: tuple[Rule, ...] = (
    one_result,
    one_array,
    leaves_evenly,
    logits_have_time,
    read_after_write,
    everything_once,
    begins_with_a_word,
    nothing_overwritten,
    lives_long_enough,
    every_weight_once,
    values_fit,
)


def check(plan: SharedPlan) -> None:
    """Check each rule; `ValueError` is of the first that is broken."""
    for rule in RULES:
        rule(plan)
