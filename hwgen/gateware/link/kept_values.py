"""The values of a result that is being sent, while the core goes on."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Signal, signed
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.primitives.memory import BlockRam


class KeptValues(wiring.Component):
    """Takes a window's values as fast as they come, and gives them away as they are asked for.

    Parameters
    ----------
    count
        Values of a window.
    bits
        Of a value, signed.

    Members
    -------
    restart : In(1)
        What was kept is not wanted any more: another window's values come.
    write : In(1), value : In(bits)
        One of them.
    o : Out(stream of bits)
        They, in their order.

    Latency
    -------
    From one value to the next as many cycles as a memory takes, and 1.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not a positive integer.
    """

    def __init__(self, count: int, bits: int) -> None:
        self._count, self._bits = positive("count", count), positive("bits", bits)
        super().__init__(
            {
                "restart": In(1),
                "write": In(1),
                "value": In(signed(bits)),
                "o": Out(stream.Signature(signed(bits))),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Return the memory, and how far it is written and read."""
        m = Module()
        m.submodules.ram = ram = BlockRam(self._bits, self._count)
        written, read = Signal(range(self._count + 1)), Signal(range(self._count + 1))
        arriving = Signal(BlockRam.latency - 1)  # what is addressed is on its way for so long
        moved = self.o.valid & self.o.ready
        m.d.comb += [
            ram.write_enable.eq(self.write),
            ram.write_address.eq(written),
            ram.write_data.eq(self.value),
            ram.read_address.eq(read),
            self.o.payload.eq(ram.read_data.as_signed()),
        ]
        there = (read != written) & ~moved
        m.d.sync += [
            written.eq(written + self.write),
            read.eq(read + moved),
            arriving.eq((arriving << 1 | Const(1)) & there.replicate(len(arriving))),
            self.o.valid.eq(arriving[-1] & there),
        ]
        with m.If(self.restart):
            m.d.sync += [written.eq(0), read.eq(0), arriving.eq(0), self.o.valid.eq(0)]
        return m
