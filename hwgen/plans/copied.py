"""Values as they are: a step that does nothing to them but take them out."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Format
from hwgen.plans.operand import WEIGHT_OF_ONE, Operand, at_once
from hwgen.plans.step import Array, Post, Step


def copied(name: str, writes: str, fmt: Format, source: Operand, array: Array) -> Step:
    """Return a step that gives every number of a value once more.

    Parameters
    ----------
    name, writes
        Of the step, and of what it gives.
    fmt
        Of the numbers.
    """
    if source.whole:
        source = source.cut(at_once(source.channels, source.positions, array))
    zeros = np.zeros(source.channels, dtype=np.int64)
    return Step(
        name=name,
        writes=writes,
        array=array,
        reads=source.reads(array, stride=1 if source.positions > 1 else 0),
        taps=source.own_channel(zeros + 1),
        bias=zeros,
        positions=source.positions,
        post=Post(0, fmt, zeros),
        accumulator=(min(fmt.min, 0), fmt.max),
        weight_bits=WEIGHT_OF_ONE,
    )
