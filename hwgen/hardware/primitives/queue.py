"""A short queue behind a memory: a word's place is claimed before the word comes."""

from __future__ import annotations

from amaranth.hdl import Module, Signal, unsigned
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive


class Queue(wiring.Component):
    """Words in their order; none comes for which there was no room when it was asked for.

    Parameters
    ----------
    width
        Bits of a word.
    depth
        Words.

    Members
    -------
    room
        A place can be claimed.
    claim
        A word is on its way: its place is taken. Never without ``room``.
    put, value
        It comes.
    there, word
        The oldest word.
    take
        It is taken. Never without ``there``.

    Latency
    -------
    1 cycle from ``put`` to ``there``, and from ``take`` to ``room``.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not a positive integer.
    """

    def __init__(self, width: int, depth: int):
        self._width, self._depth = positive("width", width), positive("depth", depth)
        super().__init__(
            {
                "room": Out(1),
                "claim": In(1),
                "put": In(1),
                "value": In(width),
                "there": Out(1),
                "word": Out(width),
                "take": In(1),
            }
        )

    def elaborate(self, platform):
        """Return the words, and what counts them."""
        m = Module()
        m.submodules.words = words = memory.Memory(
            shape=unsigned(self._width), depth=self._depth, init=[]
        )
        store, fetch = words.write_port(), words.read_port(domain="comb")
        free = Signal(range(self._depth + 1), init=self._depth)
        queued = Signal(range(self._depth + 1))
        m.d.sync += [
            free.eq(free - self.claim + self.take),
            queued.eq(queued + self.put - self.take),
        ]
        m.d.comb += [
            self.room.eq(free != 0),
            self.there.eq(queued != 0),
            store.en.eq(self.put),
            store.data.eq(self.value),
            self.word.eq(fetch.data),
        ]
        for moves, place in ((self.put, store.addr), (self.take, fetch.addr)):
            at = Signal.like(place)
            m.d.comb += place.eq(at)
            with m.If(moves):
                m.d.sync += at.eq(at + 1)
                if self._depth & (self._depth - 1):
                    with m.If(at == self._depth - 1):
                        m.d.sync += at.eq(0)
        return m
