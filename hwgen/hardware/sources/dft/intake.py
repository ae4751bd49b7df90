"""Samples in, and the sweep over all bins that each of them causes."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.contract import sample_layout
from hwgen.hardware.primitives.memory import BlockRam, pulse_delayed
from hwgen.plans import depths

_FILL = 3
"""Words that are on their way to the multipliers, their twiddles included, ahead of a sample."""


class DftIntake(wiring.Component):
    """Takes samples at a steady pace; each is swept over all words of bins.

    Twiddles are fetched before the sample is there, for the place behind the one before. A stream
    that begins out of turn waits until those of place 0 have been fetched instead.

    Parameters
    ----------
    window
        Samples a window, a power of two.
    adc_bits
        Bits of a sample, signed.
    hop
        Samples from one window to the next. Below `window` windows overlap: what is swept is the
        difference to the sample that leaves the window, which a memory of one window gives back.
    words
        Words of bins.
    pause
        Cycles from one sample to the next possible one, at least `words` and `depths.DFT_SHORTEST`.

    Members
    -------
    i
        Samples. One marked ``first`` begins the stream anew; before the first such one they are
        taken and dropped, and so they are behind a window where windows do not overlap.
    abandon
        While high, the windows in progress are given up.
    permit
        Whether a sample may be taken that completes a window. ``i.ready`` is low for it
        otherwise, for any sample in the pause, and for a few cycles for one that begins a stream
        other than behind a window.
    complete
        High in the cycle that takes such a sample.
    rewind, advance
        Fetch from place 0 on; fetch a word.
    start, valid, word, last
        Words of the sweep, one a cycle from the one after the sample was taken; ``start`` with
        the first, ``last`` with the last.
    final
        Whether the sweep's sample completes a window; with the words.
    operand
        What is swept; with the words.
    clear
        Whether the sums begin anew, 2 cycles after the words.

    Raises
    ------
    TypeError, ValueError
        If a number is none, or out of its range.
    """

    def __init__(self, window: int, adc_bits: int, hop: int, words: int, pause: int):
        if positive("window", window, 4) & (window - 1):
            raise ValueError(f"window must be a power of two, not {window}")
        positive("adc_bits", adc_bits, 2)
        if positive("hop", hop) > window:
            raise ValueError(f"hop must be at most {window}, the window, not {hop}")
        self._window = window
        self._hop = hop
        self._words = positive("words", words)
        self._pause = positive("pause", pause, max(words, depths.DFT_SHORTEST))
        super().__init__(
            {
                "i": In(stream.Signature(sample_layout(adc_bits))),
                "abandon": In(1),
                "permit": In(1),
                "complete": Out(1),
                "rewind": Out(1),
                "advance": Out(1),
                "start": Out(1),
                "valid": Out(1),
                "word": Out(range(max(2, words))),
                "last": Out(1),
                "final": Out(1),
                "operand": Out(signed(adc_bits + (hop < window))),
                "clear": Out(1),
            }
        )

    def elaborate(self, platform):
        """Return the account of samples, the words of a sweep, and what is held for it."""
        m = Module()
        taken, waiting, active, fresh = (
            Signal(name=name) for name in ("taken", "waiting", "active", "fresh")
        )
        self._samples(m, taken, waiting, active, fresh)
        self._sweep(m, taken, waiting)
        self._fetch(m, taken, waiting, active, fresh)
        self._held(m, taken)
        return m

    def _samples(self, m: Module, taken, waiting, active, fresh) -> None:
        """Take samples; know which completes a window."""
        due = Signal()
        left = Signal(range(self._window), reset_less=True)
        first = self.i.p.first
        m.d.comb += [
            self.i.ready.eq(~waiting & Mux(first, fresh, self.permit | ~due)),
            taken.eq(self.i.valid & self.i.ready & (active | first) & ~self.abandon),
            self.complete.eq(taken & due & ~first),
        ]
        # The sample behind these completes a window.
        m.d.sync += due.eq(active & (left == 0))
        with m.If(taken):
            m.d.sync += left.eq(left - 1)
            with m.If(due):
                m.d.sync += left.eq(self._hop - 1)
                if self._hop == self._window:
                    m.d.sync += active.eq(0)
            with m.If(first):
                m.d.sync += [left.eq(self._window - 2), active.eq(1)]
        with m.If(self.abandon | self.rewind):
            m.d.sync += active.eq(0)

    def _sweep(self, m: Module, taken, waiting) -> None:
        """Count words, and with them the pause; give them their flags."""
        count = Signal(range(self._pause), reset_less=True)
        m.d.comb += [
            self.word.eq(count),
            self.last.eq(self.valid & (self.word == self._words - 1)),
        ]
        m.d.sync += [
            count.eq(count + 1),
            self.start.eq(taken),
            self.valid.eq(taken | (self.valid & ~self.last)),
        ]
        with m.If(taken):
            m.d.sync += [count.eq(0), waiting.eq(1), self.final.eq(self.complete)]
        with m.Elif(count == self._pause - 2):
            m.d.sync += waiting.eq(0)

    def _fetch(self, m: Module, taken, waiting, active, fresh) -> None:
        """Fetch a word for each that is swept; anew where the next sample's place is not 0."""
        filling = Signal(_FILL)
        wanted = ~active | (self.i.valid & self.i.p.first)
        m.d.comb += self.rewind.eq(wanted & ~fresh & ~waiting & ~filling.any())
        m.d.sync += [
            filling.eq(Cat(self.rewind, filling)),
            self.advance.eq(taken | (self.valid & ~self.last) | self.rewind | filling[:-1].any()),
        ]
        with m.If(taken):
            # Behind a whole window from place 0 the next place is 0.
            m.d.sync += fresh.eq(self.complete if self._hop == self._window else 0)
        with m.Elif(filling[-1]):
            m.d.sync += fresh.eq(1)

    def _held(self, m: Module, taken) -> None:
        """Hold operand and clear for the whole sweep."""
        first = self.i.p.first
        operand = Signal.like(self.operand, reset_less=True)
        begins, clear = Signal(reset_less=True), Signal(reset_less=True)
        m.d.comb += [self.operand.eq(operand), self.clear.eq(clear)]
        old = self._old(m, taken) if self._hop < self._window else 0
        with m.If(taken):
            m.d.sync += [operand.eq(self.i.p.value - Mux(first, 0, old)), begins.eq(first)]
        with m.If(pulse_delayed(m, self.start, depths.DFT_CLEAR - 1, "before_clear")):
            m.d.sync += clear.eq(begins)

    def _old(self, m: Module, taken):
        """Return the sample that leaves the window, zero where none does; store the new one."""
        sample = Signal.like(self.i.p.value, reset_less=True)
        m.submodules.history = ram = BlockRam(len(sample), self._window)
        place = Signal(range(self._window), reset_less=True)
        full = Signal()
        old = Signal.like(sample, reset_less=True)
        m.d.comb += [
            # Of the place that comes next, for which there is time enough.
            ram.read_address.eq(place + 1),
            ram.write_address.eq(place),
            ram.write_data.eq(sample),
            ram.write_enable.eq(self.start),
        ]
        m.d.sync += old.eq(Mux(full, ram.read_data, 0))
        with m.If(taken):
            m.d.sync += [
                sample.eq(self.i.p.value),
                place.eq(Mux(self.i.p.first, 0, place + 1)),
                full.eq(~self.i.p.first & (full | self.complete)),
            ]
        return old
