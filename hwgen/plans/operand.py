"""Values as steps find them in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import Integers
from hwgen.plans.layout import Layout
from hwgen.plans.step import Array, Read
from hwgen.plans.taps import Bools, OwnTaps, Taps

WEIGHT_OF_ONE = 2
"""Bits of a weight of 1, signed."""


@dataclass(frozen=True)
class Part:
    """Channels of a value in memory: position by position, those of one side by side.

    Parameters
    ----------
    value
        Its name.
    channels
        Of each position, those that are read.
    first
        Which of the value's is the first of them.
    of
        Channels that the value has; None: no others.
    """

    value: str
    channels: int
    first: int = 0
    of: int | None = None

    @property
    def width(self) -> int:
        """Elements from a position to the next."""
        return self.channels if self.of is None else self.of

    def some(self, begin: int, end: int) -> Part:
        """Return some of its channels, by their numbers among these."""
        whole = (begin, end) == (0, self.channels)
        return self if whole else Part(self.value, end - begin, self.first + begin, self.width)


@dataclass(frozen=True)
class Operand:
    """What a layer reads: one value, or several whose channels follow each other.

    Parameters
    ----------
    parts
        The values.
    positions
        Of each; 1 of a flat value, whose numbers are its channels.
    """

    parts: tuple[Part, ...]
    positions: int

    @property
    def channels(self) -> int:
        """Of all parts."""
        return sum(part.channels for part in self.parts)

    @property
    def whole(self) -> bool:
        """Whether it is all of one value, as it lies in memory."""
        part, *others = self.parts
        return not others and part.channels == part.width

    def cut(self, channels: int) -> Operand:
        """Return the same numbers as other channels; as many as they are may be of any value."""
        if channels == self.channels:
            return self
        (part,) = self.parts
        return Operand((Part(part.value, channels),), self.positions * part.channels // channels)

    def channels_from(self, begin: int, count: int) -> Operand:
        """Return some of the channels, from one on."""
        found, start = [], 0
        for part in self.parts:
            low, high = max(begin - start, 0), min(begin + count - start, part.channels)
            if low < high:
                found.append(part.some(low, high))
            start += part.channels
        return Operand(tuple(found), self.positions)

    def reads(
        self, array: Array, *, stride: int = 0, before: int = 0, shift: int = 0
    ) -> tuple[Read, ...]:
        """Return the reads of a layer that goes over positions.

        Parameters
        ----------
        stride
            Positions from one of the layer's to its next; 0 for a layer of one position.
        before
            Positions of zeros in front of the first; negative: positions that are passed over.
        shift
            Products count ``2**shift``.
        """
        return tuple(
            Read(
                part.value,
                Layout(array.lanes, 0, self.positions * part.width),
                -before * part.width,
                stride * part.width,
                shift,
            )
            for part in self.parts
        )

    def taps(
        self, weight: Integers, offsets: Integers, met: npt.NDArray[np.bool_] | None = None
    ) -> Taps:
        """Return the taps of a layer whose outputs see the same places of every channel.

        Parameters
        ----------
        weight
            ``(outputs, channels, places)``.
        offsets
            ``(places,)``: positions from where the layer's position begins.
        met
            ``(outputs, channels)``: which channels an output sees; None for all.
        """
        outputs, _, places = weight.shape
        found, start = [], 0
        for number, part in enumerate(self.parts):
            end = start + part.channels
            shape = (places, part.channels)
            element = offsets[:, np.newaxis] * part.width + part.first + np.arange(part.channels)
            taps = weight[:, start:end].transpose(0, 2, 1).reshape(outputs, -1)
            mask = None
            if met is not None:
                seen = np.broadcast_to(met[:, np.newaxis, start:end], (outputs, *shape))
                mask = seen.reshape(outputs, -1)
            read = np.full(element.size, number, dtype=np.int64)
            found.append(Taps(read, element.reshape(-1), taps, mask))
            start = end
        return _joined(found)

    def own_channel(self, factor: Integers, offsets: Integers | None = None) -> OwnTaps:
        """Return the taps of a layer each of whose outputs sees one channel, its own.

        Parameters
        ----------
        factor
            ``(channels,)`` weights.
        offsets
            ``(places,)``: positions from where the layer's position begins; None for that alone.
        """
        places = np.zeros(1, dtype=np.int64) if offsets is None else offsets
        found, start = [], 0
        for number, part in enumerate(self.parts):
            channels = np.arange(part.channels)
            element = places[:, np.newaxis] * part.width + part.first + channels
            owner = np.broadcast_to(start + channels, element.shape).reshape(-1)
            read = np.full(element.size, number, dtype=np.int64)
            found.append((read, element.reshape(-1), owner, factor[owner]))
            start += part.channels
        return OwnTaps.joined(found, len(factor))

    def added(
        self, array: Array, up: Integers, counts: Bools | None = None
    ) -> tuple[tuple[Read, ...], OwnTaps, int]:
        """Return how each output takes its own channel's value at its own position, shifted up.

        One position goes with all of the layer's.

        Parameters
        ----------
        array
            The MAC array.
        up
            ``(channels,)``: by how many bits each is shifted up.
        counts
            ``(channels,)``: which are added at all; None: every one.

        Returns
        -------
        reads, taps, bits
            The bits are what the taps' weights take, signed.
        """
        if counts is not None and not counts.all():
            up = np.where(counts, up, up[counts].min(initial=up.max()))
            factor, shift, bits = scaled(up)
            factor = factor * counts
        else:
            factor, shift, bits = scaled(up)
        reads = self.reads(array, stride=int(self.positions > 1), shift=shift)
        return reads, self.own_channel(factor), bits


def at_once(channels: int, positions: int, array: Array, rows: int = 1) -> int:
    """Return how many numbers are done at once, where each is done like all others.

    Rows that few channels leave free do those of other positions; of many channels some follow the
    others as positions do, and meet the same word of weights. Where the numbers lie in memory is
    the same.

    Parameters
    ----------
    channels, positions
        Of the values.
    array
        The MAC array.
    rows
        That a value takes.
    """
    most = max(array.rows // rows, array.drain)
    if channels > most:
        # A pooling behind several positions is the end of this step, if it has all their channels.
        return _some(channels, most, array) if positions == 1 else channels
    found = [count for count in range(1, most // channels + 1) if positions % count == 0]
    # What leaves together is whole.
    whole = [each for each in found if each * channels % array.drain == 0]
    return channels * max(whole, default=1)


def _some(channels: int, most: int, array: Array) -> int:
    """Return how many of many channels are done at once, in no more cycles than all of them."""
    for count in range(most, 0, -1):
        if channels % count == 0 and count % array.drain == 0:
            return count if channels // count <= -(-channels // most) else channels
    return channels


def scaled(up: Integers) -> tuple[Integers, int, int]:
    """Return powers of two as weights of an own channel.

    Parameters
    ----------
    up
        ``(channels,)``: by how many bits each is shifted up.

    Returns
    -------
    weights, shift, bits
        ``(channels,)`` small weights, by how much all of them count more, and the bits that the
        weights take, signed.
    """
    shift = int(up.min())
    return 1 << (up - shift), shift, int((up - shift).max()) + 2


def _joined(found: list[Taps]) -> Taps:
    return Taps(
        np.concatenate([each.read for each in found]),
        np.concatenate([each.element for each in found]),
        np.concatenate([each.weight for each in found], axis=1),
        None
        if all(each.met is None for each in found)
        else np.concatenate([each.mask for each in found], axis=1),
    )
