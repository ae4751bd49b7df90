"""The account of windows: how many are on their way, which are given up, how long each takes."""

from __future__ import annotations

from amaranth.hdl import Array as Choice
from amaranth.hdl import Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.contract import COUNTER_BITS
from hwgen.hardware.primitives.memory import delayed, pulse_delayed


class Account(wiring.Component):
    """Knows each window from its last sample to where its result is taken.

    Parameters
    ----------
    in_flight
        Windows that may be complete without being done with.
    overlapping
        Whether windows share samples: then they are given up together.

    Members
    -------
    started, complete
        A sample is taken that begins a window; that is a window's last. `complete` never comes in
        a cycle of `abandon`.
    abandon
        The window whose samples came last is given up, in progress or complete.
    known
        The oldest window's answer is known.
    ready
        Whoever takes results is ready.
    permit
        Whether another window may be taken.
    valid
        The oldest window's result is there; stands until it is taken.
    cycles
        With `valid`: from the edge that took the window's last sample to the one that presented
        its result.
    leave
        The oldest window's result is taken, or is dropped.

    Latency
    -------
    What happens at the samples is late in its cycle, and counts a cycle later. `valid` comes a
    cycle after `known`; `permit` is low in the cycle after the last window that there is room for.
    """

    def __init__(self, in_flight: int, *, overlapping: bool):
        self._in_flight, self._overlapping = in_flight, overlapping
        super().__init__(
            {
                "started": In(1),
                "complete": In(1),
                "abandon": In(1),
                "known": In(1),
                "ready": In(1),
                "permit": Out(1),
                "valid": Out(1),
                "cycles": Out(COUNTER_BITS),
                "leave": Out(1),
            }
        )

    def elaborate(self, platform):
        """Return the count of windows and, for each, its time and whether it is given up."""
        m = Module()
        flying = Signal(range(self._in_flight + 1))
        complete = pulse_delayed(m, self.complete, 1, "complete")
        newest, oldest = self._place("newest"), self._place("oldest")
        dropped = self._dropped(m, flying, complete, newest, oldest)
        m.d.comb += [
            self.permit.eq((flying + complete) < self._in_flight),
            self.leave.eq((self.valid & self.ready) | (self.known & dropped)),
        ]
        m.d.sync += [
            flying.eq(flying + complete - self.leave),
            self.valid.eq((self.known & ~dropped) | (self.valid & ~self.ready)),
        ]
        self._clock(m, complete, newest, oldest)
        if self._in_flight > 1:
            with m.If(complete):
                m.d.sync += newest.eq(newest + 1)
            with m.If(self.leave):
                m.d.sync += oldest.eq(oldest + 1)
        return m

    def _place(self, name: str):
        """Return the number of a window's place."""
        bits = (self._in_flight - 1).bit_length()
        return Signal(bits, name=name) if bits else Const(0, 1)

    def _places(self, shape, name: str, **named) -> Choice:
        count = 1 << (self._in_flight - 1).bit_length()
        return Choice(Signal(shape, name=f"{name}_{i}", **named) for i in range(count))

    def _dropped(self, m: Module, flying, complete, newest, oldest):
        """Return whether the oldest window is given up."""
        given_up = self._places(1, "given_up")
        abandon = pulse_delayed(m, self.abandon, 1, "abandon")
        last = (newest - 1)[: len(newest)] if self._in_flight > 1 else newest
        # The newest complete window is the last one whose samples came unless one is in progress.
        give_up = abandon & ~self._partial(m, complete)
        with m.If(complete):
            m.d.sync += given_up[newest].eq(0)
        with m.If(give_up & (flying != 0)):
            if self._overlapping:
                m.d.sync += [each.eq(1) for each in given_up]
            else:
                m.d.sync += given_up[last].eq(1)
        only = (flying != 0) if self._overlapping else (flying == 1)
        return given_up[oldest] | (give_up & only)

    def _partial(self, m: Module, complete):
        """Return whether a window is in progress.

        One that is abandoned stays the last that came, however long or often it is abandoned.
        """
        partial = Signal()
        started = pulse_delayed(m, self.started, 1, "started")
        with m.If(complete):
            m.d.sync += partial.eq(0)
        with m.Elif(started):
            m.d.sync += partial.eq(1)
        return partial

    def _clock(self, m: Module, complete, newest, oldest) -> None:
        """Note when each window was complete, and how long ago that is when its class is known."""
        now = Signal(COUNTER_BITS)
        began = Signal(COUNTER_BITS, reset_less=True)
        completed = self._places(COUNTER_BITS, "completed", reset_less=True)
        # Two less than now makes up for the cycle that `complete` is late, and for the edge that
        # presents the result.
        earlier = delayed(m, now, 2, "now")
        m.d.sync += now.eq(now + 1)
        if self._in_flight > 1:
            m.d.sync += began.eq(completed[delayed(m, oldest, 1, "oldest")])
        else:
            m.d.comb += began.eq(completed[0])
        with m.If(complete):
            m.d.sync += completed[newest].eq(earlier)
        with m.If(self.known):
            m.d.sync += self.cycles.eq(now - began)
