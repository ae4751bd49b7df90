"""Counts what happens on the link, in a small memory instead of a register each."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, unsigned
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

BITS = 24
_STEPS = 4


class EventCounters(wiring.Component):
    """Count events of several kinds; one counter at a time is brought up to date.

    Parameters
    ----------
    kinds
        How many there are; a power of two.

    Members
    -------
    events : In(kinds)
        A bit for each, high for a cycle; of one kind at most every ``4 * kinds + 4`` cycles.
    read : In(1)
        `address` is to be read, which holds counting up for this cycle.
    address : In
        A kind.
    data : Out(24)
        Its count, in the cycle of `address`; wraps.

    Latency
    -------
    An event is counted within ``4 * kinds + 5`` cycles, `read` apart. After a reset counters are
    zero as soon as they have all had their turn once; what happens before is counted then.

    Raises
    ------
    ValueError
        If `kinds` is wrong.
    """

    def __init__(self, kinds: int) -> None:
        if kinds < 2 or kinds & (kinds - 1):
            raise ValueError(f"kinds must be a power of two, not {kinds}")
        self._kinds = kinds
        super().__init__(
            {
                "events": In(kinds),
                "read": In(1),
                "address": In(range(kinds)),
                "data": Out(BITS),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Go round: fetch, add, write, next."""
        m = Module()
        m.submodules.words = words = memory.Memory(shape=unsigned(BITS), depth=self._kinds, init=[])
        fetch, store = words.read_port(domain="comb"), words.write_port()
        turn = Signal(range(self._kinds))
        step = Signal(range(_STEPS))
        waiting = Signal(self._kinds)
        cleared = Signal()
        due = Signal()
        value = Signal(BITS, reset_less=True)
        m.d.comb += [
            fetch.addr.eq(Mux(self.read, self.address, turn)),
            self.data.eq(fetch.data),
            store.addr.eq(turn),
            store.data.eq(value),
            store.en.eq((step == 3) & (due | ~cleared)),
        ]
        events = Signal.like(self.events)
        m.d.sync += [events.eq(self.events), waiting.eq(waiting | events)]
        with m.If(~((step == 0) & self.read)):
            m.d.sync += step.eq(step + 1)
        with m.Switch(step):
            with m.Case(0), m.If(~self.read):
                # Memories hold anything after a reset.
                m.d.sync += [
                    value.eq(Mux(cleared, fetch.data, 0)),
                    due.eq(waiting.bit_select(turn, 1) & cleared),
                ]
            with m.Case(1):
                m.d.sync += value.eq(value + due)
                with m.If(due):
                    m.d.sync += waiting.bit_select(turn, 1).eq(events.bit_select(turn, 1))
            with m.Case(3):
                m.d.sync += turn.eq(turn + 1)
                with m.If(turn == self._kinds - 1):
                    m.d.sync += cleared.eq(1)
        return m
