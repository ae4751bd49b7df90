"""A score is the end of the step that gives what it squares: these values go nowhere else."""

from __future__ import annotations

from dataclasses import replace

from hwgen.plans.copied import copied
from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Squares, Step
from hwgen.quantized.ops.score import QuantizedScore


def fuse(before: Step, op: QuantizedScore) -> Step | None:
    """Return `before` with its values squared; None where they are not what the score reads."""
    return _squared(before, op) if before.post.given == op.source else None


def lower(op: QuantizedScore, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return a step that takes every number as it is, to be squared."""
    (source,) = operands
    return _squared(copied(op.name, op.name, op.source, source, array), op)


def _squared(step: Step, op: QuantizedScore) -> Step:
    squares = Squares(op.drop, op.threshold)
    return replace(step, writes=op.name, post=replace(step.post, squares=squares))
