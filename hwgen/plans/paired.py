"""Values that meet each other in pairs: how a step that multiplies takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Read
from hwgen.plans.taps import OwnTaps


def paired(
    array: Array, channels: int, factors: Sequence[tuple[Operand, int]]
) -> tuple[tuple[Read, ...], OwnTaps]:
    """Return reads and taps of the factors: words of the first in turns with those of the second.

    Parameters
    ----------
    array
        The MAC array.
    channels
        Of the product.
    factors
        Two operands, and how many positions before its own each is read. One channel or position
        goes with all.
    """
    # What leaves together is followed by what it is multiplied by.
    places = np.arange(channels)
    first = places // array.drain * 2 * array.drain + places % array.drain
    reads: tuple[Read, ...] = ()
    found = []
    for number, (operand, before) in enumerate(factors):
        own = operand.own_channel(np.ones(operand.channels, dtype=np.int64))
        # The one channel of a factor goes with all of the other's.
        which = places if operand.channels == channels else np.zeros_like(places)
        owner = first + number * array.drain
        read, element = own.read[which] + len(reads), own.element[which]
        found.append((read, element, owner, own.value[which]))
        reads += operand.reads(array, stride=int(operand.positions > 1), before=before)
    return reads, OwnTaps.joined(found, 2 * channels)
