"""What a target is: which cells it has, what a part takes of them, and who instantiates them.

The figures here are data, without a hardware language; what needs one comes lazily
(`Target.primitives`). `hwgen.targets.family` adds what only a real chip has.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hwgen.targets.cells import Cells

_REGISTERS = 4
"""Up to this depth flip-flops are smaller than a block RAM."""


def in_registers(depth: int, *, rom: bool = False) -> bool:
    """Return whether a memory is made of registers: flip-flops are smaller when shallow.

    It holds for every target, so that one core's Verilog is the same for all.
    """
    return depth <= _REGISTERS and not rom


@dataclass(frozen=True)
class Turns:
    """What a memory's owner promises, so that memories with a single port may serve.

    Where a word is read and another one written in the same cycle, and what is read matters, these
    two are in different banks.

    Parameters
    ----------
    bit
        The bit of the address that tells the two banks apart; None: there is one, and what is read
        while it is written never matters.
    """

    bit: int | None = None

    @property
    def banks(self) -> int:
        """How many there are."""
        return 1 if self.bit is None else 2


@dataclass(frozen=True)
class Ports:
    """Write port and read port of a memory: Amaranth values; and what is promised of them."""

    write_enable: Any
    write_address: Any
    write_data: Any
    read_address: Any
    read_data: Any
    turns: Turns | None = None


class Primitives(Protocol):
    """What instantiates a target's cells; a module with these functions does.

    Each adds to the Amaranth module `m`, in its domain ``sync``, and drives what it is to drive.
    """

    def memory(self, m: Any, ports: Ports, depth: int, init: Sequence[int]) -> None:
        """Drive ``ports.read_data`` with the word addressed two cycles before.

        Parameters
        ----------
        depth, init
            Words, and the first of them at configuration. With any it is a ROM:
            ``ports.write_enable`` is 0.
        """

    def two_port_rom(
        self, m: Any, enable: Any, ports: Sequence[tuple[Any, Any]], init: Sequence[int]
    ) -> None:
        """Drive the data of both pairs ``(address, data)``.

        They come two cycles with `enable` after the address.
        """

    def multiplier(self, m: Any, a: Any, b: Any, p: Any) -> None:
        """Drive `p` with the signed product ``a * b`` of three cycles before."""

    def add_subtract(self, m: Any, a: Any, b: Any, subtract: Any, total: Any) -> None:
        """Drive `total` with ``a + b``, or ``a - b`` where `subtract` is high, without a register.

        All three have as many bits; what is carried out of them is lost.
        """


class Target(ABC):
    """What a core is made for.

    Attributes
    ----------
    name
        As its folder and, where it is a chip's, as Amaranth's platforms call the family.
    title
        What its maker calls it.
    kinds
        Kinds of cells in the order of reports, each with its words for messages.
    operand_bits
        Widest signed operand of a DSP cell.
    """

    name: str
    title: str
    kinds: Mapping[str, str]
    operand_bits: int

    @property
    @abstractmethod
    def primitives(self) -> Primitives:
        """What instantiates the cells; loads the hardware language."""

    def serves(self, platform: Any) -> bool:
        """Return whether an Amaranth platform (not None) is of this target."""
        return getattr(platform, "family", None) == self.name

    def short(
        self, needed: Cells, available: Cells, tolerated: Mapping[str, float] | None = None
    ) -> list[str]:
        """Return what is needed beyond what there is, a text for each kind: "29 DSP cells of 28".

        Parameters
        ----------
        tolerated
            Of some kinds, how many times as many as there are may be needed.
        """
        times = tolerated or {}
        return [
            f"{needed[kind]} {words} of {available[kind]}"
            for kind, words in self.kinds.items()
            if needed[kind] > times.get(kind, 1) * available[kind]
        ]

    def memory(
        self, width: int, depth: int, *, rom: bool = False, turns: Turns | None = None
    ) -> Cells:
        """Return the block RAMs of a memory with one write and one read port, and logic with them.

        None if it is shallow: it is made of registers, which are not counted here.

        Parameters
        ----------
        width, depth
            Bits of a word, and words.
        rom
            Whether it has initial words.
        turns
            What is promised of its ports; None: nothing.
        """
        if in_registers(depth, rom=rom):
            return Cells()
        if turns is None:
            return self.block_ram(width, depth)
        return self.single_port_ram(width, depth, turns)

    def pin_attributes(self, standard: str) -> dict[str, str]:
        """Return what Amaranth is told of pins of an electrical standard, by the family's words."""
        del standard
        return {}

    @abstractmethod
    def block_ram(self, width: int, depth: int) -> Cells:
        """Return the cells of a memory that is not made of registers."""

    def single_port_ram(self, width: int, depth: int, turns: Turns) -> Cells:
        """Return the cells of such a memory whose reads and writes take turns.

        By default those of any other.
        """
        del turns
        return self.block_ram(width, depth)

    @abstractmethod
    def two_port_rom(self, width: int, depth: int) -> Cells:
        """Return the cells of a ROM that two readers share."""

    @abstractmethod
    def multiplier(self, a: int, b: int, *, logic: bool = False) -> Cells:
        """Return the cells of a multiplier of signed operands of `a` and `b` bits.

        Parameters
        ----------
        logic
            Whether it is made of adders instead of a DSP cell: then an estimate.
        """

    @abstractmethod
    def adder(self, bits: int) -> Cells:
        """Return the cells of an adder, subtractor or comparison by size."""
