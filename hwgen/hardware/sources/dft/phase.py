"""Phases of a word of bins at a time, by adders alone."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Mux, Signal, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive


class DftPhases(wiring.Component):
    """``n * k`` modulo the window, for n = 0, 1, 2 ... and of each a sweep over bins k.

    Parameters
    ----------
    window
        A power of two.
    lanes
        L, bins a word: they go down by one a lane, and by L a word.
    top
        Bin of lane 0 in the first word.
    words
        Of a sweep.

    Members
    -------
    advance
        Go on by a word.
    rewind
        The next word is the first of n = 0.
    o
        Phase of each lane.

    Latency
    -------
    From the cycle after ``rewind`` on, a word comes out with each cycle with ``advance``.

    Raises
    ------
    TypeError, ValueError
        If a number is no integer or too small, or the window no power of two.
    """

    def __init__(self, window: int, lanes: int, top: int, words: int):
        if positive("window", window, 4) & (window - 1):
            raise ValueError(f"window must be a power of two, not {window}")
        self._lanes = positive("lanes", lanes)
        self._top = positive("top", top, 0)
        self._words = positive("words", words)
        self._phase = unsigned(window.bit_length() - 1)
        super().__init__(
            {
                "advance": In(1),
                "rewind": In(1),
                "o": Out(data.ArrayLayout(self._phase, lanes)),
            }
        )

    def elaborate(self, platform):
        """Return lane 0's phase, and of the others' the distance n * l from it."""
        m = Module()
        word = Signal(range(max(2, self._words)), reset_less=True)
        last, onward = Signal(), Signal()
        m.d.comb += [last.eq(word == self._words - 1), onward.eq(self.advance & last)]
        next_top = self._multiple(m, "next_top", self._top, onward, self._top)
        place = self._multiple(m, "place", 1, onward)
        step = self._step(m, place, onward)
        current = Signal(self._phase, reset_less=True)
        with m.If(self.advance):
            m.d.sync += [
                word.eq(Mux(last, 0, word + 1)),
                current.eq(Mux(last, next_top, current - step)),
            ]
        with m.If(self.rewind):
            m.d.sync += [word.eq(0), current.eq(0)]
        distances = [Const(0), place]
        for lane in range(2, self._lanes):
            if lane % 2:
                distances.append(self._multiple(m, f"distance_{lane}", lane, onward))
            else:
                distances.append(distances[lane // 2] << 1)
        for lane in range(self._lanes):
            phase = Signal(self._phase, name=f"phase_{lane}", reset_less=True)
            with m.If(self.advance):
                m.d.sync += phase.eq(current - distances[lane])
            m.d.comb += self.o[lane].eq(phase)
        return m

    def _multiple(self, m: Module, name: str, factor: int, onward, ahead: int = 0):
        """Return `factor` times n, and `ahead` more."""
        value = Signal(self._phase, name=name, reset_less=True)
        with m.If(self.rewind):
            m.d.sync += value.eq(ahead)
        with m.Elif(onward):
            m.d.sync += value.eq(value + factor)
        return value

    def _step(self, m: Module, place, onward):
        """Return L times n."""
        if self._lanes & (self._lanes - 1):
            return self._multiple(m, "step", self._lanes, onward)
        return place << (self._lanes.bit_length() - 1)
