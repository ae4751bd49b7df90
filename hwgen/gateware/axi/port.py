"""AXI4-Lite's five channels as one write and one read at a time."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, ResetSignal, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.gateware.axi.names import lite_members
from hwgen.gateware.axi.registers import ADDRESS_BITS, WORD_BITS

OKAY, SLVERR = 0b00, 0b10
_WORD_ADDRESS = slice(2, ADDRESS_BITS)


class LitePort(wiring.Component):
    """Turn AXI4-Lite into a strobe a register access.

    Address and data of a write may come in any order; a read and a write may be under way at the
    same time.

    Members
    -------
    s_axi_...
        AXI4-Lite (`hwgen.gateware.axi.names.lite_members`).
    write : Out(1)
        High for a cycle, with `write_word`, `data` and `lanes`.
    write_word, read_word : Out(6)
        Which register.
    data : Out(32)
        What is written.
    lanes : Out(4)
        Which of its bytes.
    writable : In(1)
        Whether `write_word` may be written; else the answer is an error, and nothing happens.
    value : In(32)
        What `read_word` holds.
    readable : In(1)
        Whether there is such a register; else the answer is an error.

    Latency
    -------
    An answer stands a cycle after address (and data) were taken; an access every two cycles.
    """

    def __init__(self) -> None:
        word = ADDRESS_BITS - 2
        super().__init__(
            lite_members()
            | {
                "write": Out(1),
                "write_word": Out(word),
                "data": Out(WORD_BITS),
                "lanes": Out(WORD_BITS // 8),
                "writable": In(1),
                "read_word": Out(word),
                "value": In(WORD_BITS),
                "readable": In(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Take both channels of a write; answer writes and reads."""
        m = Module()
        self._write(m)
        self._read(m)
        return m

    def _write(self, m: Module) -> None:
        """Hold what came first of address and data until the other is there."""
        addressed, given = Signal(), Signal()
        both = addressed & given
        done = Signal()
        m.d.comb += [
            self.s_axi_awready.eq(~addressed),
            self.s_axi_wready.eq(~given),
            done.eq(both & ~self.s_axi_bvalid),
            # What outlives a reset must not be written before one.
            self.write.eq(done & self.writable & ~ResetSignal()),
        ]
        with m.If(self.s_axi_awvalid & self.s_axi_awready):
            m.d.sync += [addressed.eq(1), self.write_word.eq(self.s_axi_awaddr[_WORD_ADDRESS])]
        with m.If(self.s_axi_wvalid & self.s_axi_wready):
            m.d.sync += [
                given.eq(1),
                self.data.eq(self.s_axi_wdata),
                self.lanes.eq(self.s_axi_wstrb),
            ]
        with m.If(self.s_axi_bready):
            m.d.sync += self.s_axi_bvalid.eq(0)
        with m.If(done):
            m.d.sync += [
                addressed.eq(0),
                given.eq(0),
                self.s_axi_bvalid.eq(1),
                self.s_axi_bresp.eq(_answer(self.writable)),
            ]

    def _read(self, m: Module) -> None:
        """Hold an address for a cycle, then its value until it is taken."""
        addressed = Signal()
        m.d.comb += self.s_axi_arready.eq(~addressed & ~self.s_axi_rvalid)
        m.d.sync += addressed.eq(self.s_axi_arvalid & self.s_axi_arready)
        with m.If(self.s_axi_arvalid & self.s_axi_arready):
            m.d.sync += self.read_word.eq(self.s_axi_araddr[_WORD_ADDRESS])
        with m.If(self.s_axi_rready):
            m.d.sync += self.s_axi_rvalid.eq(0)
        with m.If(addressed):
            m.d.sync += [
                self.s_axi_rvalid.eq(1),
                self.s_axi_rdata.eq(self.value),
                self.s_axi_rresp.eq(_answer(self.readable)),
            ]


def _answer(well: Any) -> Any:
    """Return RESP: 00, or 10 where there is no such register."""
    return (~well) << 1
