"""Sums that meet the same weights again and again are made piece by piece, of the same few words.

An average over all positions meets a weight of one at each. Instead of a word of weights for each
word of values it has the words of a piece, and as many pieces follow each other as make a sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.plans.step import Step
from hwgen.plans.taps import OwnTaps

_FEWEST = 2
"""Words of a piece: with one the sequencer would have a cycle less for what follows from a count,
in every step."""


def folded(step: Step) -> Step:
    """Return the step with the fewest words of weights that do the same in as many cycles.

    Parameters
    ----------
    step
        In its place (`hwgen.plans.memory.settled`): where values lie decides how pieces meet words.

    A step whose sums do not fall into equal pieces is returned as it is.
    """
    single = step.pool == 1 and step.loop is None and step.post.pairs is None
    if not single or step.tail or not isinstance(step.taps, OwnTaps) or step.words < 2 * _FEWEST:
        return step
    for pieces in _divisors(step.taps):
        made = _in_pieces(step, step.taps, pieces)
        if made is None or made.words < _FEWEST or made.weight_depth >= step.weight_depth:
            continue
        if made.cycles <= step.cycles:
            return made
    return step


def _divisors(taps: OwnTaps) -> Iterator[int]:
    """Yield in how many pieces of as many taps the taps of every read fall, the most first."""
    each = np.bincount(taps.read)
    common = int(np.gcd.reduce(each))
    yield from (count for count in range(common, 1, -1) if common % count == 0)


def _in_pieces(step: Step, taps: OwnTaps, pieces: int) -> Step | None:
    """Return the step whose sums are made of so many equal pieces; None where they are not."""
    first, strides = [], []
    for number, read in enumerate(step.reads):
        found = np.flatnonzero(taps.read == number)
        found = found[np.lexsort((taps.owner[found], taps.element[found]))]
        mine = found.reshape(pieces, -1)
        stride = _stride(taps.element[mine])
        if stride is None or (step.positions > 1 and read.stride != pieces * stride):
            return None
        for alike in (taps.owner[mine], taps.value[mine]):
            if (alike != alike[0]).any():
                return None
        first.append(mine[0])
        strides.append(stride)
    some = np.sort(np.concatenate(first))
    return replace(
        step,
        reads=tuple(replace(r, stride=s) for r, s in zip(step.reads, strides, strict=True)),
        taps=OwnTaps(
            taps.read[some], taps.element[some], taps.owner[some], taps.value[some], taps.outputs
        ),
        positions=step.positions * pieces,
        post=replace(step.post, pool=pieces, summed=True),
    )


def _stride(element: Integers) -> int | None:
    """Return by how much each row is behind the one before; None where that differs."""
    apart = np.diff(element, axis=0)
    return int(apart[0, 0]) if apart.size and (apart == apart[0, 0]).all() else None
