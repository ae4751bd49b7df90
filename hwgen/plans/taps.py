"""What an output of a step sums up: which places of what it reads meet which weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import Integers

Bools = npt.NDArray[np.bool_]

Entries = tuple[Integers, Integers, Integers]
"""Row (from the first that is asked for), number of the tap, and weight of each product."""


@dataclass(frozen=True, eq=False)
class Taps:
    """What an output sums up: a weight for every tap, and where the tap lies.

    Parameters
    ----------
    read, element
        ``(taps,)``: number of the read, and elements from where a position begins in it.
    weight
        ``(outputs, taps)``.
    met
        ``(outputs, taps)``: which outputs have a tap at all, whatever its weight; None for all.
    """

    read: Integers
    element: Integers
    weight: Integers
    met: Bools | None = None

    @classmethod
    def row(cls, weight: Integers) -> Taps:
        """Return the taps that lie side by side in the first read, ``(outputs, length)``."""
        length = weight.shape[1]
        return cls(np.zeros(length, dtype=np.int64), np.arange(length), weight)

    def beside(self, other: Taps | OwnTaps) -> Taps | OwnTaps:
        """Return these taps and those of `other`, whose reads are counted on from these."""
        return Taps(
            *_places(self, other),
            np.concatenate([self.weight, other.weight], axis=1),
            np.concatenate([self.mask, other.mask], axis=1),
        )

    @property
    def mask(self) -> Bools:
        """``(outputs, taps)``."""
        return np.ones(self.weight.shape, dtype=bool) if self.met is None else self.met

    @property
    def alike(self) -> bool:
        """Whether all outputs have the same taps."""
        return self.met is None

    @property
    def total(self) -> int:
        """Sum of all weights that are met."""
        return int(np.where(self.mask, self.weight, 0).sum())

    def of_rows(self, first: int, count: int) -> Integers:
        """Return the numbers of the taps that some outputs have, from one output on."""
        if self.met is None:
            return np.arange(len(self.read))
        return np.flatnonzero(self.met[first : first + count].any(axis=0))

    def entries(self, first: int, count: int) -> Entries:
        """Return the products of some outputs, from one output on."""
        weight = self.weight[first : first + count]
        if self.met is None:
            row, tap = np.indices(weight.shape).reshape(2, -1)
            return row, tap, weight.reshape(-1)
        row, tap = np.nonzero(self.met[first : first + count])
        return row, tap, weight[row, tap]


@dataclass(frozen=True, eq=False)
class OwnTaps:
    """Taps that one output each has: averages, sums of values, depthwise work.

    Where channels are many and positions long, a weight for every output and tap is too much.

    Parameters
    ----------
    read, element
        As of `Taps`.
    owner, value
        ``(taps,)``: the output that has the tap, and its weight.
    outputs
        Of a position.
    """

    read: Integers
    element: Integers
    owner: Integers
    value: Integers
    outputs: int

    @classmethod
    def joined(
        cls, parts: Sequence[tuple[Integers, Integers, Integers, Integers]], outputs: int
    ) -> OwnTaps:
        """Return the taps of all parts, each with the first four fields."""
        read, element, owner, value = (np.concatenate(each) for each in zip(*parts, strict=True))
        return cls(read, element, owner, value, outputs)

    def beside(self, other: Taps | OwnTaps) -> Taps | OwnTaps:
        """Return these taps and those of `other`, whose reads are counted on from these."""
        if isinstance(other, Taps):
            return Taps(self.read, self.element, self.weight, self.met).beside(other)
        return OwnTaps(
            *_places(self, other),
            np.concatenate([self.owner, other.owner]),
            np.concatenate([self.value, other.value]),
            self.outputs,
        )

    @cached_property
    def met(self) -> Bools:
        """As of `Taps`."""
        return self.owner == np.arange(self.outputs)[:, np.newaxis]

    @property
    def mask(self) -> Bools:
        """As of `Taps`."""
        return self.met

    @property
    def alike(self) -> bool:
        """As of `Taps`."""
        return self.outputs == 1

    @property
    def weight(self) -> Integers:
        """As of `Taps`, zero where an output has no tap."""
        return self.met * self.value

    @property
    def total(self) -> int:
        """As of `Taps`."""
        return int(self.value.sum())

    @cached_property
    def _by_owner(self) -> tuple[Integers, Integers]:
        """Numbers of the taps, those of an output side by side; and where each output's begin."""
        order = np.argsort(self.owner, kind="stable")
        return order, np.searchsorted(self.owner[order], np.arange(self.outputs + 1))

    def of_rows(self, first: int, count: int) -> Integers:
        """As of `Taps`."""
        order, begins = self._by_owner
        last = min(first + count, self.outputs)
        return order[begins[min(first, last)] : begins[last]]

    def entries(self, first: int, count: int) -> Entries:
        """As of `Taps`."""
        tap = self.of_rows(first, count)
        return self.owner[tap] - first, tap, self.value[tap]


def _places(one: Taps | OwnTaps, other: Taps | OwnTaps) -> tuple[Integers, Integers]:
    reads = int(one.read.max(initial=-1)) + 1
    read = np.concatenate([one.read, other.read + reads])
    return read, np.concatenate([one.element, other.element])
