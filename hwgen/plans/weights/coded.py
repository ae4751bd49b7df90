"""What the stores of coded weights have in common: words in a memory, a decoder behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.checks import positive
from hwgen.coding import Coded, grouping
from hwgen.fixedpoint import Integers
from hwgen.plans import depths
from hwgen.plans.counting import Counting, cells
from hwgen.targets import Cells, Target


@dataclass(frozen=True, eq=False)
class CodedPlan:
    """Coded weights of `lanes` consecutive rows for each tap, decoded on their way out.

    Address ``block * taps + tap`` names the weights of rows ``block * lanes`` and on at that tap;
    lanes beyond the last row hold anything.

    Parameters
    ----------
    coded
        The weights.
    lanes
        Weights that come at once: a multiple of those of a coded word.

    Raises
    ------
    TypeError
        If `coded` is of another code.
    ValueError
        If the lanes are none or end within a word.
    """

    kind: ClassVar[str]
    of: ClassVar[type[Coded]]
    """The code."""
    stages: ClassVar[int]
    """Registers of the decoder."""

    coded: Coded
    lanes: int

    def __post_init__(self) -> None:
        if not isinstance(self.coded, self.of):
            raise TypeError(f"coded must be {self.of.__name__}, not {type(self.coded).__name__}")
        if positive("lanes", self.lanes) % self.group:
            raise ValueError(f"lanes must be a multiple of {self.group}, not {self.lanes}")

    @property
    def group(self) -> int:
        """Weights of a coded word."""
        raise NotImplementedError

    @property
    def bits(self) -> int:
        """Bits of a decoded weight, signed."""
        raise NotImplementedError

    def decoder(self, count: Counting) -> int:
        """Return the LUT4 that decode one word, about."""
        raise NotImplementedError

    @property
    def latency(self) -> int:
        """Cycles from an address to its weights."""
        return depths.MEMORY + self.stages

    @property
    def width(self) -> int:
        """Bits of all the weights that come at once."""
        return self.lanes * self.bits

    @property
    def depth(self) -> int:
        """Addresses."""
        return -(-self.coded.shape[0] // self.lanes) * self.coded.shape[1]

    @property
    def stored_width(self) -> int:
        """Bits of a word of the memory."""
        return self.lanes // self.group * self.coded.word_bits

    @property
    def codes(self) -> Integers:
        """Coded words ``(addresses, words at once)``; 0 beyond the last row."""
        rows = self.coded.words.reshape(-1, self.coded.shape[1])
        return grouping.grouped(rows, self.lanes // self.group)

    @property
    def words(self) -> tuple[int, ...]:
        """What the memory holds: the first coded word has the lowest bits."""
        places = [place * self.coded.word_bits for place in range(self.lanes // self.group)]
        return tuple(
            sum(int(word) << place for word, place in zip(each, places, strict=True))
            for each in self.codes
        )

    @property
    def weights(self) -> Integers:
        """The weights ``(addresses, lanes)`` of the rows that there are, 0 for others."""
        return grouping.grouped(self.coded.decode(), self.lanes)

    def cells(self, target: Target) -> Cells:
        """Return its block RAMs, what chooses among rows of them, and the decoders, about."""
        count, of = Counting(target), (self.stored_width, self.depth)
        decoders = self.lanes // self.group * self.decoder(count)
        lut4 = count.selection(*of, rom=True) + decoders
        return cells(lut4, 0, count.memory(*of, rom=True))
