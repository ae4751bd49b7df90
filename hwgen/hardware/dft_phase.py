"""Phases of a word of bins at a time, by adders alone."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.checks import positive


class DftPhases(wiring.Component):
    """``n * k`` modulo the window for sample n, and L bins k that go down by L a word.

    Parameters
    ----------
    window
        A power of two.
    lanes
        L, bins a word: lane l has bin ``top - l`` in the first word.
    top
        Bin of lane 0 in the first word.

    Members
    -------
    taken, first
        High in the cycle that takes a sample; whether it begins the stream.
    place
        The sample's place n, modulo the window, from the next cycle to the next sample's.
    o
        Phase of each lane: of the first word two cycles after ``taken``, then of one a cycle.

    Raises
    ------
    TypeError, ValueError
        If a number is no positive integer, or the window no power of two.
    """

    latency = 1

    def __init__(self, window: int, lanes: int, top: int):
        if positive("window", window, 4) & (window - 1):
            raise ValueError(f"window must be a power of two, not {window}")
        self._lanes = positive("lanes", lanes)
        self._top = positive("top", top, 0)
        phase = unsigned(window.bit_length() - 1)
        super().__init__(
            {
                "taken": In(1),
                "first": In(1),
                "place": In(phase),
                "o": Out(data.ArrayLayout(phase, lanes)),
            }
        )

    def elaborate(self, platform):
        """Return lane 0's phase, and of the others' the distance n * l from it."""
        m = Module()
        top = self._multiple(m, "top", self._top, self._top)
        current = Signal.like(self.place, reset_less=True)
        m.d.sync += current.eq(current - self._step(m))
        with m.If(self.taken):
            m.d.sync += current.eq(Mux(self.first, 0, top))
        distances = [0]
        for lane in range(self._lanes):
            if lane == 1:
                distances.append(self.place)
            elif lane % 2:
                distances.append(self._multiple(m, f"distance_{lane}", lane))
            elif lane:
                distances.append(distances[lane // 2] << 1)
            phase = Signal.like(self.place, name=f"phase_{lane}", reset_less=True)
            m.d.sync += phase.eq(current - distances[lane])
            m.d.comb += self.o[lane].eq(phase)
        return m

    def _multiple(self, m: Module, name: str, factor: int, ahead: int = 0):
        """Return `factor` times the place, as it stands with it, and `ahead` more."""
        value = Signal.like(self.place, name=name, reset_less=True)
        with m.If(self.taken):
            m.d.sync += value.eq(Mux(self.first, ahead, value + factor))
        return value

    def _step(self, m: Module):
        """Return L times the place."""
        if self._lanes & (self._lanes - 1):
            return self._multiple(m, "step", self._lanes)
        return self.place << (self._lanes.bit_length() - 1)
