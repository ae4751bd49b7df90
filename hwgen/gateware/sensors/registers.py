"""Transfers to and from the registers of a part behind SPI, mode 3."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from hwgen.gateware.sensors.sampling import check_half

ADDRESS_BITS = 8
WORD_BITS = 16


class SpiExchange(wiring.Component):
    """One transfer of an 8-bit address, read or write bit first, and 8 or 16 bits behind it.

    Parameters
    ----------
    half
        Clock cycles of half a period of SCK, at least 3.

    Members
    -------
    start : In(1)
        Begin, when not busy, with `head`, `word` and `long` of this cycle.
    head : In(8)
        Sent first.
    word : In(8)
        Sent behind it; zeros follow in a long transfer.
    long : In(1)
        Whether 16 bits follow the head, not 8.
    busy : Out(1)
        From the cycle after `start` until CS has been high for a period of SCK.
    done : Out(1)
        High in the cycle in which `read` has what came behind the head; it stays.
    read : Out(16)
        The last 16 bits that came.
    cs, sck, copi : Out(1)
        CS is low in a transfer; SCK is high when idle, and `copi` changes as it falls.
    cipo : In(1)
        From the part, which changes it as SCK falls; read just before SCK falls again.

    Raises
    ------
    TypeError, ValueError
        If `half` is wrong.
    """

    def __init__(self, half: int) -> None:
        self._half = check_half("half", half)
        super().__init__(
            {
                "start": In(1),
                "head": In(ADDRESS_BITS),
                "word": In(8),
                "long": In(1),
                "busy": Out(1),
                "done": Out(1),
                "read": Out(WORD_BITS),
                "cs": Out(1, init=1),
                "sck": Out(1, init=1),
                "copi": Out(1),
                "cipo": In(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Count half periods down: one of lead, two a bit, two of rest."""
        m = Module()
        line = Signal()
        m.submodules.sync_cipo = FFSynchronizer(self.cipo, line)
        out = Signal(ADDRESS_BITS + WORD_BITS, reset_less=True)
        slow = Signal(range(self._half))
        most = 2 * (ADDRESS_BITS + WORD_BITS) + 4
        left = Signal(range(most))
        m.d.comb += self.busy.eq(left != 0)
        m.d.sync += self.done.eq(0)
        with m.If(self.busy):
            m.d.sync += slow.eq(slow + 1)
            with m.If(slow == self._half - 1):
                m.d.sync += [slow.eq(0), left.eq(left - 1)]
                self._half_period(m, left, out, line)
        with m.Elif(self.start):
            m.d.sync += [
                out.eq(Cat(Const(0, WORD_BITS - 8), self.word, self.head)),
                slow.eq(0),
                left.eq(Mux(self.long, most - 1, most - 1 - 2 * (WORD_BITS - 8))),
                self.cs.eq(0),
            ]
        return m

    def _half_period(self, m: Module, left: Signal, out: Signal, line: Signal) -> None:
        """End a half period."""
        with m.If(left > 3):
            m.d.sync += self.sck.eq(~left[0])
        with m.If(left[0] & (left > 3)):  # SCK falls
            m.d.sync += [self.copi.eq(out[-1]), out.eq(out << 1)]
        # A bit is read as the next one begins; the last one as CS rises.
        with m.If(left[0] & (left >= 3)):
            m.d.sync += self.read.eq(Cat(line, self.read[:-1]))
        with m.If(left == 3):
            m.d.sync += [self.cs.eq(1), self.done.eq(1)]
