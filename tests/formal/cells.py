"""Proofs that memories are what their model says, on the chip's cells and elsewhere."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Signal

from hwgen.hardware.primitives.memory import BlockRam, TwoPortRom
from tests.formal.proof import Proof
from tests.formal.prover import Bench


def ram(width: int, depth: int, make: Any = BlockRam) -> Bench:
    """A read gives what was last written there, two cycles after its address.

    One word, any one, is followed; a read of a word that is written in the same cycle may give
    either value.
    """
    b = Bench()
    b.m.submodules.dut = dut = make(width, depth)
    for name in ("read_address", "write_enable", "write_address", "write_data"):
        b.drive(getattr(dut, name), name)
    b.assume((dut.read_address < depth) & (dut.write_address < depth))
    which = b.constant(range(depth), "which")
    b.assume(which < depth)
    word, known = Signal(width), Signal()
    writes = dut.write_enable & (dut.write_address == which)
    with b.m.If(writes):
        b.m.d.sync += [word.eq(dut.write_data), known.eq(1)]
    reads = (dut.read_address == which) & known & ~writes
    b.claim(
        "what was written is read",
        ~((b.age(2) == 2) & b.before(reads, 2)) | (dut.read_data == b.before(word, 2)),
    )
    return b


def rom(width: int, words: list[int]) -> Bench:
    """Each word of a ROM is read two cycles after its address."""
    b = Bench()
    b.m.submodules.dut = dut = BlockRam(width, len(words), words)
    b.drive(dut.read_address, "read_address")
    b.assume(dut.read_address < len(words))
    named = Array(words)[b.before(dut.read_address, 2)]
    b.claim("the word that was named", (b.age(2) != 2) | (dut.read_data == named))
    return b


def two_ports(width: int, words: list[int]) -> Bench:
    """Both readers get their words, and stand still without enable."""
    b = Bench()
    b.m.submodules.dut = dut = TwoPortRom(width, words)
    b.drive(dut.enable, "enable")
    age = Signal(range(3))
    with b.m.If(dut.enable & (age != 2)):
        b.m.d.sync += age.eq(age + 1)
    for port in "ab":
        address = b.drive(getattr(dut, f"{port}_address"), f"{port}_address")
        b.assume(address < len(words))
        older, newer = Signal.like(address), Signal.like(address)
        with b.m.If(dut.enable):
            b.m.d.sync += [newer.eq(address), older.eq(newer)]
        named = Array(words)[older]
        b.claim(
            f"{port}: the word that was named", (age != 2) | (getattr(dut, f"{port}_data") == named)
        )
    return b


def _words(count: int, width: int) -> list[int]:
    return [(0x9E3779B1 * (n + 1) >> 7) & ((1 << width) - 1) for n in range(count)]


PROOFS = (
    Proof("memory: registers", ("BlockRam",), "a read gives what was last written to its word, two "
          "cycles after the address", "3 bits x 4", lambda: ram(3, 4), 12),
    Proof("memory: inferred", ("BlockRam",), "the same", "3 bits x 8", lambda: ram(3, 8), 12),
    Proof("memory: DP16KD", ("BlockRam",), "the same of DP16KD, words of 9 bits", "9 bits x 2,048",
          lambda: ram(9, 2048), 5, ecp5=True, arrays=True),
    Proof("memory: DP16KD, 1 bit", ("BlockRam",), "the same, words of 1 bit", "1 bit x 16,384",
          lambda: ram(1, 16384), 5, ecp5=True, arrays=True),
    Proof("memory: DP16KD, 4 bits", ("BlockRam",), "the same, words of 4 bits", "4 bits x 4,096",
          lambda: ram(4, 4096), 5, ecp5=True, arrays=True),
    Proof("memory: DP16KD, 18 bits", ("BlockRam",), "the same, words of 18 bits", "18 bits x 1,024",
          lambda: ram(18, 1024), 5, ecp5=True, arrays=True),
    Proof("memory: DP16KD, 36 bits", ("BlockRam",),
          "the same, words of 36 bits over both ports' pins",
          "36 bits x 512", lambda: ram(36, 512), 5, ecp5=True, arrays=True),
    Proof("memory: DP16KD, rows", ("BlockRam",), "the same of blocks behind and beside one another",
          "20 bits x 1,600", lambda: ram(20, 1600), 5, ecp5=True, arrays=True),
    Proof("memory: table", ("BlockRam",), "each word of a table, two cycles after its address",
          "7 bits x 12", lambda: rom(7, _words(12, 7)), 8),
    Proof("memory: table in DP16KD", ("BlockRam",), "the same of DP16KD", "20 bits x 24",
          lambda: rom(20, _words(24, 20)), 8, ecp5=True, arrays=True),
    Proof("memory: two readers", ("TwoPortRom",), "each reader gets its words; both stand still "
          "without enable", "7 bits x 12", lambda: two_ports(7, _words(12, 7)), 8),
    Proof("memory: two readers of DP16KD", ("TwoPortRom",), "the same of DP16KD", "20 bits x 24",
          lambda: two_ports(20, _words(24, 20)), 8, ecp5=True, arrays=True),
)  # fmt: skip
