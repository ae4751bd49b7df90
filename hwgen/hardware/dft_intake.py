"""Samples in, and the sweep over all bins that each of them causes."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, signed, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.checks import positive
from hwgen.hardware.intake import sample_layout
from hwgen.hardware.memory import BlockRam, pulse_delayed

OPERAND = 3
"""Cycles from a word to its products' operand."""

CLEAR = 5
"""Cycles from a word to whether its sums begin anew."""

SHORTEST = 5
"""Least pause: what is held for a sample is used before the next one replaces it."""


class DftIntake(wiring.Component):
    """Takes samples at a steady pace; each is swept over all words of bins.

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
        Cycles from one sample to the next possible one, at least `words` and `SHORTEST`.

    Members
    -------
    i
        Samples. One marked ``first`` begins the stream anew; before the first such one they are
        taken and dropped, and so they are behind a window where windows do not overlap.
    abandon
        While high, the windows in progress are given up.
    permit
        Whether a sample may be taken that completes a window. ``i.ready`` is low for it
        otherwise, and for any sample in the pause.
    complete
        High in the cycle that takes such a sample.
    taken, first
        High in the cycle that takes a sample for a sweep; whether it begins the stream.
    place
        The sample's place in the stream modulo `window`, from the next cycle to the next sample's.
    start, valid, word, last
        Words of the sweep, one a cycle from the one after ``taken``; ``start`` with the first,
        ``last`` with the last.
    final
        Whether the sweep's sample completes a window; with the words.
    operand
        What is swept, 3 cycles after the words.
    clear
        Whether the sums begin anew, 5 cycles after the words.

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
        self._pause = positive("pause", pause, max(words, SHORTEST))
        super().__init__(
            {
                "i": In(stream.Signature(sample_layout(adc_bits))),
                "abandon": In(1),
                "permit": In(1),
                "complete": Out(1),
                "taken": Out(1),
                "first": Out(1),
                "place": Out(unsigned(window.bit_length() - 1)),
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
        """Return the account of samples, the word counter, and what is held for the sweep."""
        m = Module()
        sample = Signal.like(self.i.p.value, reset_less=True)
        begins = Signal(reset_less=True)
        place = Signal.like(self.place, reset_less=True)
        self._samples(m)
        m.d.comb += self.place.eq(place)
        with m.If(self.taken):
            m.d.sync += [
                sample.eq(self.i.p.value),
                begins.eq(self.first),
                place.eq(Mux(self.first, 0, place + 1)),
            ]
        self._sweep(m)
        self._held(m, sample, begins)
        return m

    def _samples(self, m: Module) -> None:
        """Take samples; know which completes a window."""
        active, waiting, due = Signal(), Signal(), Signal()
        left = Signal(range(self._window), reset_less=True)
        m.d.comb += [
            self.first.eq(self.i.p.first),
            self.i.ready.eq(~waiting & (self.permit | self.first | ~due)),
            self.taken.eq(self.i.valid & self.i.ready & (active | self.first) & ~self.abandon),
            self.complete.eq(self.taken & due & ~self.first),
        ]
        # The sample behind these completes a window.
        m.d.sync += due.eq(active & (left == 0))
        with m.If(self.taken):
            m.d.sync += left.eq(left - 1)
            with m.If(due):
                m.d.sync += left.eq(self._hop - 1)
                if self._hop == self._window:
                    m.d.sync += active.eq(0)
            with m.If(self.first):
                m.d.sync += [left.eq(self._window - 2), active.eq(1)]
        with m.If(self.abandon):
            m.d.sync += active.eq(0)

        count = Signal(range(self._pause), reset_less=True)
        m.d.comb += self.word.eq(count)
        m.d.sync += [count.eq(count + 1), self.start.eq(self.taken)]
        with m.If(self.taken):
            m.d.sync += [count.eq(0), waiting.eq(1)]
        with m.Elif(count == self._pause - 2):
            m.d.sync += waiting.eq(0)

    def _sweep(self, m: Module) -> None:
        """Give the words their flags."""
        m.d.comb += self.last.eq(self.valid & (self.word == self._words - 1))
        with m.If(self.taken):
            m.d.sync += [self.valid.eq(1), self.final.eq(self.complete)]
        with m.Elif(self.last):
            m.d.sync += self.valid.eq(0)

    def _held(self, m: Module, sample, begins) -> None:
        """Hold operand and clear for the whole sweep, each as late as it is used."""
        operand = Signal.like(self.operand, reset_less=True)
        clear = Signal(reset_less=True)
        m.d.comb += [self.operand.eq(operand), self.clear.eq(clear)]
        before_operand = pulse_delayed(m, self.start, OPERAND - 1, "before_operand")
        before_clear = pulse_delayed(m, before_operand, CLEAR - OPERAND, "before_clear")
        old = self._old(m, sample) if self._hop < self._window else 0
        with m.If(before_operand):
            m.d.sync += operand.eq(sample - old)
        with m.If(before_clear):
            m.d.sync += clear.eq(begins)

    def _old(self, m: Module, sample):
        """Return the sample that leaves the window, zero where none does; store the new one."""
        m.submodules.history = ram = BlockRam(len(sample), self._window)
        full = Signal()
        old = Signal.like(sample, reset_less=True)
        m.d.comb += [
            # Of the place that comes next, for which there is time enough.
            ram.read_address.eq(self.place + 1),
            ram.write_address.eq(self.place),
            ram.write_data.eq(sample),
            ram.write_enable.eq(self.start),
        ]
        with m.If(self.taken):
            m.d.sync += old.eq(Mux(full & ~self.first, ram.read_data, 0))
            with m.If(self.first):
                m.d.sync += full.eq(0)
            with m.Elif(self.complete):
                m.d.sync += full.eq(1)
        return old
