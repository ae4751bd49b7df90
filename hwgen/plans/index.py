"""Which word of values meets each word of weights, where they do not simply follow each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.plans.step import Fetch, Step


def index_of(steps: Sequence[Step], shifts: tuple[int, ...]) -> list[Integers]:
    """Return an entry for every word of weights of each step, in their order.

    From the lowest bit on: number of the read, which of `shifts` its products count, words from
    where the position begins.
    """
    # As long as the ports that give them out: a bit at least.
    reads = (max(2, *(len(step.reads) for step in steps)) - 1).bit_length()
    kinds = (max(2, len(shifts)) - 1).bit_length()
    return [
        np.array(
            [
                f.read | shifts.index(step.reads[f.read].shift) << reads | f.word << reads + kinds
                for f in fetched(step)
            ],
            dtype=np.int64,
        )
        for step in steps
    ]


def fetched(step: Step) -> list[Fetch]:
    """Return the fetch of every word of weights, in their order.

    Where a sum takes fewer words than others its last one is read again, with weights of zero.
    """
    return [
        each[min(word, len(each) - 1)] if each else Fetch(0, 0)
        for phase in step.fetches
        for each in phase
        for word in range(step.words)
    ]
