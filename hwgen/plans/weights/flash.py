"""Weights that come from a flash, a group's after the other: a ring ahead of the array, its cells.

A stream is all of them once, in the order in which they are met, and a check sum. It begins anew
with every window. What else is needed of a word, where words of values do not simply follow each
other, comes with it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from hwgen.checks import positive
from hwgen.fixedpoint import Integers
from hwgen.plans import depths
from hwgen.plans.counting import Counting, cells
from hwgen.plans.weights.rom import RomPlan
from hwgen.targets import Cells, Target

CRC_BYTES = 4
"""Behind a stream: CRC-32 of all before (as of zlib), its lowest byte first."""

_LUT4, _A_BYTE = 330, 2
"""Of the check sum, the ring's counts and addresses; and of each byte of a word."""


@dataclass(frozen=True)
class Pace:
    """How fast a stream comes.

    Parameters
    ----------
    byte
        Cycles from one byte to the next, at least 2: in between a word goes into the ring.
    again
        Cycles more from a stream's last byte to the next one's first, at least 1.
    """

    byte: int
    again: int = 1

    def __post_init__(self) -> None:
        positive("byte", self.byte, 2)
        positive("again", self.again)


@dataclass(frozen=True, eq=False)
class FlashPlan:
    """A ring of words that a stream fills, and words that stay on chip.

    Parameters
    ----------
    resident
        ``(words, weights a word)``: what stays; its addresses are their places. May be empty.
    stream
        ``(words, weights a word)``: what comes, in this order.
    blocks
        Words that are met together, in the stream's order.
    bits
        Of a weight, signed.
    index
        What comes with each word of the stream.
    index_bits
        Of it; 0 for nothing.
    pace
        How fast the stream comes.

    Raises
    ------
    ValueError
        If something does not fit its bits, or blocks are not the stream.
    """

    kind: ClassVar[str] = "flash"

    latency: ClassVar[int] = depths.MEMORY

    resident: Integers
    stream: Integers
    blocks: tuple[int, ...]
    bits: int
    index: Integers
    index_bits: int
    pace: Pace

    def __post_init__(self) -> None:
        if sum(self.blocks) != len(self.stream) or min(self.blocks, default=0) < 1:
            raise ValueError(f"blocks must be the {len(self.stream)} words of the stream")
        if self.index_bits and len(self.index) != len(self.stream):
            raise ValueError(f"index must have {len(self.stream)} entries, not {len(self.index)}")
        if self.index_bits and int(self.index.max()) >> self.index_bits:
            raise ValueError(f"index must fit {self.index_bits} bits")
        for words in (self.stream, self.resident):
            if len(words):
                RomPlan(words, self.bits)

    @property
    def width(self) -> int:
        """Bits of a word of weights."""
        return self.stream.shape[1] * self.bits

    @property
    def ring(self) -> int:
        """Words of the ring: a power of two, of two blocks each, so that one comes beside one."""
        return 1 << (2 * max(self.blocks) - 1).bit_length()

    @property
    def depth(self) -> int:
        """Words that an address tells apart."""
        return max(len(self.resident), self.ring)

    @property
    def rom(self) -> RomPlan | None:
        """What stays on chip, if anything does."""
        return RomPlan(self.resident, self.bits) if len(self.resident) else None

    @property
    def word_bytes(self) -> int:
        """Bytes of a word in the stream: weights, the first in the lowest bits, then its index."""
        return -(-(self.width + self.index_bits) // 8)

    @property
    def stream_bytes(self) -> int:
        """Bytes of a stream with its check sum."""
        return len(self.stream) * self.word_bytes + CRC_BYTES

    @property
    def stream_cycles(self) -> int:
        """Cycles that a stream takes at least, from one to the next."""
        return self.stream_bytes * self.pace.byte + self.pace.again

    @cached_property
    def content(self) -> bytes:
        """The stream: its words, and their check sum."""
        weights = self.stream & ((1 << self.bits) - 1)
        planes = [weights >> bit & 1 for bit in range(self.bits)]
        bits = np.stack(planes, axis=-1).reshape(len(weights), -1)
        if self.index_bits:
            index = self.index[:, np.newaxis] >> np.arange(self.index_bits) & 1
            bits = np.concatenate([bits, index], axis=1)
        body = np.packbits(bits.astype(np.uint8), axis=1, bitorder="little").tobytes()
        return body + zlib.crc32(body).to_bytes(CRC_BYTES, "little")

    def cells(self, target: Target) -> Cells:
        """Return its block RAMs, what chooses among them, and what fills the ring."""
        count = Counting(target)
        lut4 = _LUT4 + _A_BYTE * self.word_bytes + count.selection(self.width, self.ring)
        ebr = count.memory(self.width, self.ring)
        if self.index_bits:
            ebr += count.memory(self.index_bits, self.ring)
            lut4 += self.index_bits
        found = cells(lut4, 0, ebr)
        if self.rom is None:
            return found
        return found + cells(self.width, 0, 0) + self.rom.cells(target)
