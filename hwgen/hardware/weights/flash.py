"""Weights that come of a stream into a ring, beside those that stay on chip."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import crc, stream, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed
from hwgen.plans import depths
from hwgen.plans.weights.flash import CRC_BYTES, FlashPlan


class Flash(wiring.Component):
    """A ring that a stream of bytes fills, and a block RAM of what stays.

    A stream is taken as far as there is room, and the next one behind it. The last word of each
    counts only when the check sum behind it is right: without it no window is ever done. Once it is
    wrong nothing more is taken.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    read_address, read_data
        As of every store (`hwgen.hardware.weights.store.Store`).
    streamed
        With ``read_address``: whether it is of the ring.
    index_address, index_data
        Only where an index comes with the words: that of the word in the ring.
    filled, release
        Words that are there, and how many of the oldest are done with: they may still be read for
        `hwgen.plans.depths.RING_READ` cycles.
    i
        The stream's bytes.
    wrong
        A check sum was.

    Latency
    -------
    The plan's: cycles from address to data. 2 cycles from a word's last byte to ``filled``.
    """

    def __init__(self, plan: FlashPlan):
        self.plan = plan
        ring = range(plan.ring)
        super().__init__(
            {
                "read_address": In(range(max(2, plan.depth))),
                "read_data": Out(plan.width),
                "streamed": In(1),
                "filled": Out(range(plan.ring + 1)),
                "release": In(range(max(plan.blocks) + 1)),
                "i": In(stream.Signature(8)),
                "wrong": Out(1),
            }
            | (
                {"index_address": In(ring), "index_data": Out(plan.index_bits)}
                if plan.index_bits
                else {}
            )
        )

    def elaborate(self, platform):
        """Return what makes words of bytes, the ring, and what stays."""
        m = Module()
        word, put = self._words(m)
        place = Signal(range(self.plan.ring))
        m.d.sync += [place.eq(place + put), self.filled.eq(self.filled + put - self.release)]
        width = self.plan.width
        ring = self._memory(m, "ring", word[:width], put, place)
        m.d.comb += ring.read_address.eq(self.read_address)
        data = ring.read_data
        if self.plan.rom is not None:
            rom = self.plan.rom
            m.submodules.rom = kept = BlockRam(rom.width, rom.depth, rom.words)
            m.d.comb += kept.read_address.eq(self.read_address)
            data = Mux(
                delayed(m, self.streamed, BlockRam.latency, "streamed"), data, kept.read_data
            )
        m.d.comb += self.read_data.eq(data)
        if self.plan.index_bits:
            of = word[width : width + self.plan.index_bits]
            index = self._memory(m, "index", of, put, place)
            m.d.comb += [
                index.read_address.eq(self.index_address),
                self.index_data.eq(index.read_data),
            ]
        return m

    def _memory(self, m: Module, name: str, data, put, place) -> BlockRam:
        """Return a ring of a word's bits."""
        m.submodules[name] = ram = BlockRam(len(data), self.plan.ring)
        m.d.comb += [
            ram.write_enable.eq(put),
            ram.write_address.eq(place),
            ram.write_data.eq(data),
        ]
        return ram

    def _words(self, m: Module):
        """Make words of bytes, and check them; return the word and whether it goes to the ring."""
        plan = self.plan
        word = Signal(8 * plan.word_bytes, reset_less=True)
        byte = Signal(range(max(2, plan.word_bytes)))
        number = Signal(range(max(2, len(plan.stream))))
        put, room = Signal(), Signal()
        m.submodules.crc = check = crc.Processor(CRC32_ISO_HDLC(8))
        taken = self.i.valid & self.i.ready
        m.d.comb += [
            room.eq(self._free(m, put)),
            check.valid.eq(taken),
            check.data.eq(self.i.payload),
        ]
        final = number == len(plan.stream) - 1
        checked = Signal(range(max(2, CRC_BYTES)))
        with m.FSM():
            with m.State("WORD"):
                m.d.comb += self.i.ready.eq(1)
                with m.If(taken):
                    m.d.sync += [
                        word.eq(_shifted(word, self.i.payload)),
                        byte.eq(byte + 1),
                    ]
                    with m.If(byte == plan.word_bytes - 1):
                        m.d.sync += byte.eq(0)
                        m.next = "PUT"
                        with m.If(final):
                            m.next = "SUM"
            with m.State("SUM"):
                m.d.comb += self.i.ready.eq(1)
                with m.If(taken):
                    m.d.sync += checked.eq(checked + 1)
                    with m.If(checked == CRC_BYTES - 1):
                        m.d.sync += checked.eq(0)
                        m.next = "CHECK"
            with m.State("CHECK"):
                m.d.comb += check.start.eq(1)
                m.next = "PUT"
                with m.If(~check.match_detected):
                    m.next = "WRONG"
            with m.State("PUT"), m.If(room):
                m.d.comb += put.eq(1)
                m.d.sync += number.eq(Mux(final, 0, number + 1))
                m.next = "WORD"
            with m.State("WRONG"):
                m.d.comb += self.wrong.eq(1)
        return word, put

    def _free(self, m: Module, put):
        """Return whether a place is free: nothing there, and what was there has been read.

        What is done with in a while is free a while after it.
        """
        plan = self.plan
        used, left = Signal(range(plan.ring + 1)), Signal(range(depths.RING_READ))
        newer, older = Signal.like(used), Signal.like(used)
        freed = Signal.like(used)
        with m.If(left == 0):
            m.d.comb += freed.eq(older)
            m.d.sync += [left.eq(depths.RING_READ - 1), older.eq(newer), newer.eq(self.release)]
        with m.Else():
            m.d.sync += [left.eq(left - 1), newer.eq(newer + self.release)]
        m.d.sync += used.eq(used + put - freed)
        return used != plan.ring


def _shifted(word, byte):
    """Return a word's bytes, a further one behind them: the first ends in the lowest bits."""
    return (word >> 8) | (byte << len(word) - 8) if len(word) > 8 else byte


STORE = Flash
