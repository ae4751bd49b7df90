"""Between a sensor that waits for nobody and a core that may have to be waited for."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.contract import sample_layout
from hwgen.hardware.primitives.memory import BlockRam, pulse_delayed

COUNT_BITS = 32
_QUEUE = 4


class Feed(wiring.Component):
    """Offer each sample until it is taken; one that comes too early is lost, counted, and told.

    Parameters
    ----------
    adc_bits
        Of a sample.
    window
        Samples of a window: so long the loss of one is told.
    every
        Mark the first of every so many samples, too; None: only those after a break.

    Members
    -------
    i : In(stream of samples, always ready)
        From the sensor; ``first`` marks a break before it.
    run : In(1)
        Whether samples are wanted. What comes while it is low is no loss.
    o : Out(stream of samples)
        To the core; stands until taken. ``first`` after a break, a loss or a time without `run`.
    overruns : Out(32)
        Samples lost since reset; stays at the largest.
    lost : Out(1)
        One was lost before the last `window` samples were taken.

    Latency
    -------
    1 cycle.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(self, adc_bits: int, window: int, every: int | None) -> None:
        self._window = positive("window", window, 2)
        self._every = None if every is None else positive("every", every, 2)
        layout = sample_layout(adc_bits)
        super().__init__(
            {
                "i": In(stream.Signature(layout, always_ready=True)),
                "run": In(1),
                "o": Out(stream.Signature(layout)),
                "overruns": Out(COUNT_BITS),
                "lost": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """One register, and the counts."""
        m = Module()
        taken = Signal()
        broken = Signal(init=1)
        loses = Signal()
        m.d.comb += [
            taken.eq(self.o.valid & self.o.ready),
            loses.eq(self.i.valid & self.run & self.o.valid & ~self.o.ready),
        ]
        place = Signal(range(self._every or 1))
        first = self.i.p.first | broken
        with m.If(taken):
            m.d.sync += self.o.valid.eq(0)
        with m.If(self.i.valid & self.run & ~loses):
            again = 0 if self._every is None else place == 0
            m.d.sync += [
                self.o.valid.eq(1),
                self.o.p.value.eq(self.i.p.value),
                self.o.p.first.eq(first | again),
                broken.eq(0),
            ]
            if self._every is not None:
                now = Mux(first, 0, place)
                m.d.sync += place.eq(Mux(now == self._every - 1, 0, now + 1))
        with m.If(loses | ~self.run):
            m.d.sync += broken.eq(1)
        with m.If(loses & ~self.overruns.all()):
            m.d.sync += self.overruns.eq(self.overruns + 1)
        since = Signal(range(self._window))
        with m.If(loses):
            m.d.sync += [self.lost.eq(1), since.eq(0)]
        with m.Elif(taken & self.lost):
            m.d.sync += since.eq(since + 1)
            with m.If(since == self._window - 1):
                m.d.sync += [self.lost.eq(0), since.eq(0)]
        return m


class Overlap(wiring.Component):
    """Keep the last window of samples and give it whole every `hop` samples.

    For a core that takes windows one after the other: the samples of a window leave as fast as
    the core takes them, when its last one has come.

    Parameters
    ----------
    adc_bits
        Of a sample.
    window
        Samples of a window.
    hop
        Samples from one window to the next, 1 to `window`.

    Members
    -------
    i : In(stream of samples)
        ``first`` after a break: the window begins anew. Not ready while a sample would overwrite
        one that has yet to leave.
    o : Out(stream of samples)
        ``first`` marks each window's first.

    Latency
    -------
    4 cycles from a window's last sample to its first one out, then a sample a cycle.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(self, adc_bits: int, window: int, hop: int) -> None:
        self._adc_bits = adc_bits
        self._window = positive("window", window, 2)
        self._hop = positive("hop", hop)
        if hop > window:
            raise ValueError(f"hop must be at most window ({window}), not {hop}")
        layout = sample_layout(adc_bits)
        super().__init__({"i": In(stream.Signature(layout)), "o": Out(stream.Signature(layout))})

    def elaborate(self, platform: Any) -> Module:
        """Write a ring; read it round once for each window, behind a small queue."""
        m = Module()
        window = self._window
        m.submodules.ring = ring = BlockRam(self._adc_bits, window)
        place = Signal(range(window))  # of the next sample, and so the oldest one's
        missing = Signal(range(window + 1), init=window)
        replaying, due = Signal(), Signal()
        free = Signal(range(window + 1))  # places in the ring that may be overwritten
        written, issued = Signal(), Signal()
        m.d.comb += [
            self.i.ready.eq(~due & (~replaying | (free != 0))),
            written.eq(self.i.valid & self.i.ready),
            ring.write_enable.eq(written),
            ring.write_address.eq(place),
            ring.write_data.eq(self.i.p.value),
        ]
        left = Signal.like(missing)
        m.d.comb += left.eq(Mux(self.i.p.first, window, missing))
        with m.If(written):
            m.d.sync += [
                place.eq(Mux(place == window - 1, 0, place + 1)),
                missing.eq(Mux(left == 1, self._hop, left - 1)),
                due.eq(left == 1),
            ]

        unread = Signal(range(window))
        with m.If(issued):
            step = Mux(ring.read_address == window - 1, 0, ring.read_address + 1)
            m.d.sync += [ring.read_address.eq(step), unread.eq(unread - 1)]
            with m.If(unread == 0):
                m.d.sync += replaying.eq(0)
        with m.If(due & ~replaying):
            m.d.sync += [
                replaying.eq(1),
                due.eq(0),
                unread.eq(window - 1),
                ring.read_address.eq(place),
            ]
        with m.If(replaying):
            m.d.sync += free.eq(free + issued - written)
        with m.Else():
            m.d.sync += free.eq(0)
        self._queue(m, ring, replaying, issued, unread == window - 1)
        return m

    def _queue(self, m: Module, ring: BlockRam, replaying: Any, issued: Any, head: Any) -> None:
        """Issue a read only when there is room for what it gives."""
        payload = data.StructLayout({"value": self._adc_bits, "first": 1})
        m.submodules.queue = queue = fifo.SyncFIFO(width=payload.size, depth=_QUEUE)
        # Beside those in the queue, one is issued now and others are on their way.
        m.d.comb += issued.eq(replaying & (queue.level < _QUEUE - BlockRam.latency))
        out = data.View(payload, queue.r_data)
        m.d.comb += [
            queue.w_en.eq(pulse_delayed(m, issued, BlockRam.latency, "comes")),
            queue.w_data.eq(
                Cat(ring.read_data, pulse_delayed(m, issued & head, BlockRam.latency, "heads"))
            ),
            self.o.valid.eq(queue.r_rdy),
            self.o.p.value.eq(out.value.as_signed()),
            self.o.p.first.eq(out.first),
            queue.r_en.eq(self.o.ready),
        ]
