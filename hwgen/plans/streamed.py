"""What a window takes where weights are streamed: waiting for blocks, and for the stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwgen.plans import depths
from hwgen.plans.weights.flash import FlashPlan
from hwgen.plans.weights.ring import Ring

if TYPE_CHECKING:
    from hwgen.plans.shared import SharedPlan

_SETTLED = 3
"""Windows one behind the other, of which the last two are as far apart as all that follow."""


@dataclass(frozen=True)
class Streaming:
    """Cycles that streamed weights cost.

    Parameters
    ----------
    waits
        Of each task, where the ring is full when the window begins: it waits so long in all.
    interval
        From one window to the next, where they follow each other as closely as they can.
    """

    waits: tuple[int, ...]
    interval: int


def streaming(plan: SharedPlan, flash: FlashPlan) -> Streaming:
    """Return what streamed weights cost a plan."""
    ring, begins, waits = Ring(flash), [0], []
    for _ in range(_SETTLED):
        now = begins[-1]
        for number in range(len(plan.tasks)):
            wait = _waited(plan, number, now, ring)
            now += wait + plan.lasts(number)
            waits.append(wait)
        begins.append(now - plan.behind(plan.steps[-1]) + 1)
    return Streaming(tuple(waits[: len(plan.tasks)]), begins[-1] - begins[-2])


def _waited(plan: SharedPlan, number: int, now: int, ring: Ring) -> int:
    """Return the cycles that a task waits for blocks which begins `now`."""
    task = plan.tasks[number]
    step = plan.steps[task.step]
    if not step.streamed:
        return 0
    work = task.cycles(step) // step.groups
    at = now + depths.TASK
    for _ in range(step.groups):
        at = ring.met(at, work)
    return at - now - depths.TASK - task.cycles(step)
