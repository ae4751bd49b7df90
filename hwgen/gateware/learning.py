"""The threshold of a score: as the host sets it, or learnt from a healthy machine's scores."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.contract import threshold_signature
from hwgen.hardware.primitives.memory import BlockRam, pulse_delayed
from hwgen.protocol import MARGIN_ONE, MAX_MARGIN, MAX_WINDOWS, OCTAVE_BITS, Origin

COUNT_BITS = MAX_WINDOWS.bit_length()
MARGIN_BITS = MAX_MARGIN.bit_length()
SPACING = 4
"""Cycles from one score to the next, at least."""
_MARGIN_PLACES = MARGIN_ONE.bit_length() - 1
_TOP = OCTAVE_BITS + 1
"""Bits from the leading one on that tell bins apart."""

State = Callable[[str], contextlib.AbstractContextManager[None]]

ORDER = data.StructLayout(
    {"windows": COUNT_BITS, "allowed": COUNT_BITS, "margin": MARGIN_BITS, "none": 16}
)
"""A learn phase, as LEARN's payload has it."""

STATUS = data.StructLayout(
    {
        "value": 32,
        "collected": COUNT_BITS,
        "wanted": COUNT_BITS,
        "origin": 8,
        "learning": 8,
        "kept": 8,
        "none": 8,
    }
)
"""How it stands, as THRESHOLD_REPLY's payload has it."""


class Learning(wiring.Component):
    """Count the scores of a learn phase in a memory, and set the threshold of them.

    ``hwgen.golden.learning`` says which. The phase ends without one when it is given up, when the
    host sets a threshold, at `restart` and at a reset.

    Parameters
    ----------
    bits
        Of a score, unsigned; at most 31.
    threshold
        Where the core's register begins.
    kept
        Whether there is one that is kept over a power cycle.

    Members
    -------
    set, value : In(1), In(bits)
        The host's threshold.
    learn, order : In(1), In(ORDER)
        A learn phase begins, or is given up (0 windows).
    seen, score : In(1), In(bits)
        A window's score, at most one every `SPACING` cycles.
    restart : In(1)
        Another's windows are to come.
    load, kept, kept_origin : In(1), In(bits), In(Origin)
        With `kept`: the one that was kept, and whose it was. It leaves a phase alone.
    threshold : Out
        To the core (`hwgen.hardware.contract.threshold_signature`).
    status : Out(STATUS)
        How it stands.

    Latency
    -------
    A phase begins as many cycles after `learn` as there are bins, and then some; its threshold is
    there 5 cycles a bin, and then some, after the last score. Scores between do not count.
    """

    def __init__(self, bits: int, threshold: int, *, kept: bool = False) -> None:
        if positive("bits", bits) > STATUS["value"].width - 1:
            raise ValueError(f"bits must be at most {STATUS['value'].width - 1}, not {bits}")
        if not 0 <= threshold < 1 << bits:
            raise ValueError(f"threshold must fit {bits} bits, not {threshold}")
        self._bits, self._init, self._kept = bits, threshold, kept
        self._wide = max(bits, _TOP)  # of a score in here
        self._bins = (self._wide - OCTAVE_BITS + 1) << OCTAVE_BITS
        super().__init__(
            {
                "set": In(1),
                "value": In(bits),
                "learn": In(1),
                "order": In(ORDER),
                "seen": In(1),
                "score": In(bits),
                "restart": In(1),
                "threshold": Out(threshold_signature(bits + 1)),
                "status": Out(STATUS),
            }
            | ({"load": In(1), "kept": In(bits), "kept_origin": In(Origin)} if kept else {})
        )

    def elaborate(self, platform: Any) -> Module:
        """Clear, count, walk down to the threshold, scale it."""
        m = Module()
        m.submodules.counts = self._counts = BlockRam(COUNT_BITS, self._bins)
        self._at = Signal(range(self._bins))
        self._collected, self._wanted = Signal(COUNT_BITS), Signal(COUNT_BITS)
        self._allowed = Signal(COUNT_BITS, reset_less=True)
        self._margin = Signal(MARGIN_BITS, reset_less=True)
        self._edge = Signal(self._wide, reset_less=True)
        self._product = Signal(self._wide + MARGIN_BITS, reset_less=True)
        # These outlive a reset, as the register in the core does.
        self._new = Signal(reset_less=True)
        self._value = Signal(self._bits, init=self._init, reset_less=True)
        self._origin = Signal(Origin, init=Origin.MODEL, reset_less=True)
        full, stop, begin = Signal(), Signal(), Signal()
        m.d.sync += [self._new.eq(0), full.eq(self._collected == self._wanted)]
        m.d.comb += [
            begin.eq(self.learn & self.order.windows.any()),
            stop.eq(self.restart | self.set | (self.learn & ~begin)),
        ]

        if self._kept:
            with m.If(self.load):  # first: what somebody sets meanwhile counts
                self._give(m, self.kept, self.kept_origin)
        state = _leaving(m, stop, begin)
        with m.FSM() as states:
            with state("IDLE"):
                pass
            with state("CLEAR"):
                m.d.sync += self._at.eq(self._at - 1)
                with m.If(self._at == 0):
                    m.d.sync += self._at.eq(self._bins - 1)
                    m.next = "COUNT"
            with state("COUNT"), m.If(full):
                m.next = "ASK"
            self._walk(m, state)
            self._scale(m, state)
        self._count(m, states)
        with m.If(self.set):
            self._give(m, self.value, Origin.HOST)
        with m.If(stop | begin):
            windows = Mux(begin & ~stop, self.order.windows, 0)
            m.d.sync += [self._collected.eq(0), self._wanted.eq(windows)]
            m.d.sync += [self._at.eq(self._bins - 1), self._allowed.eq(self.order.allowed)]
            m.d.sync += self._margin.eq(self.order.margin)
        self._tell(m, ~states.ongoing("IDLE"))
        return m

    def _tell(self, m: Module, learning: Value) -> None:
        m.d.comb += [
            self.threshold.set.eq(self._new),
            self.threshold.value.eq(self._value),
            self.status.value.eq(self._value),
            self.status.collected.eq(self._collected),
            self.status.wanted.eq(self._wanted),
            self.status.origin.eq(self._origin),
            self.status.learning.eq(learning),
        ]

    def _give(self, m: Module, value: Any, origin: Any) -> None:
        m.d.sync += [self._new.eq(1), self._value.eq(value), self._origin.eq(origin)]

    def _walk(self, m: Module, state: State) -> None:
        """Go down from the highest bin until more scores than allowed have been passed."""
        above = Signal(COUNT_BITS, reset_less=True)
        over = Signal()
        with state("ASK"):  # the memory's two cycles
            m.next = "WAIT"
            with m.If(self._at == self._bins - 1):
                m.d.sync += above.eq(0)
        with state("WAIT"):
            m.next = "ADD"
        with state("ADD"):
            m.d.sync += above.eq(above + self._counts.read_data)
            m.next = "COMPARE"
        with state("COMPARE"):
            m.d.sync += over.eq((above > self._allowed) | (self._at == 0))
            m.next = "STEP"
        with state("STEP"):
            m.d.sync += self._at.eq(self._at - 1)
            m.next = "ASK"
            with m.If(over):
                m.d.sync += self._at.eq(self._at)
                m.next = "EDGE"

    def _scale(self, m: Module, state: State) -> None:
        """Make the bin's upper edge, and multiply it by the margin, bit by bit."""
        shift = Signal(range(self._wide))
        left = Signal(range(MARGIN_BITS + 1))
        octave, leading = self._at[OCTAVE_BITS:], Cat(self._at[:OCTAVE_BITS], Const(1))
        with state("EDGE"):
            m.next = "WIDEN"
            with m.If(octave == 0):
                m.d.sync += [shift.eq(0), self._edge.eq(self._at)]
            with m.Else():
                m.d.sync += [shift.eq(octave - 1), self._edge.eq(leading)]
        with state("WIDEN"):
            m.d.sync += [shift.eq(shift - 1), self._edge.eq(Cat(Const(1, 1), self._edge))]
            with m.If(shift == 0):
                m.d.sync += [left.eq(MARGIN_BITS), self._product.eq(0)]
                m.d.sync += self._edge.eq(self._limited(self._edge))
                m.next = "MULTIPLY"
        with state("MULTIPLY"):
            part = Mux(self._margin[-1], self._edge, 0)
            m.d.sync += [
                self._product.eq((self._product << 1) + part),
                self._margin.eq(self._margin << 1),
                left.eq(left - 1),
            ]
            with m.If(left == 1):
                m.next = "GIVE"
        with state("GIVE"):
            self._give(m, self._limited(self._product[_MARGIN_PLACES:]), Origin.LEARNT)
            m.next = "IDLE"

    def _limited(self, value: Value) -> Value:
        """Return a value, or the largest score if it is more."""
        most = (1 << self._bits) - 1
        return Mux(value[self._bits :].any(), most, value[: self._bits])

    def _binned(self, m: Module, counting: Value) -> tuple[Signal, Value]:
        """Return a score's bin, and whether it is there: the score is shifted up, step by step."""
        there = pulse_delayed(m, self.seen & counting, 1, "seen")
        scored = Signal(self._wide, reset_less=True)
        m.d.sync += scored.eq(self.score)
        # A low score has no leading one where the lowest bin's is: one is put there for the way.
        small = ~scored[OCTAVE_BITS:].any()
        value: Value = scored | Cat(Const(0, OCTAVE_BITS), small)
        octave: Value = Const(self._wide - _TOP)
        most = self._wide - _TOP
        for place in reversed(range(most.bit_length())):
            step = 1 << place
            shifted = Signal(self._wide, name=f"shifted_{step}", reset_less=True)
            left = Signal(range(most + 1), name=f"octave_{step}", reset_less=True)
            low = Signal(name=f"small_{step}", reset_less=True)
            zero = ~value[-step:].any()
            m.d.sync += [
                shifted.eq(Mux(zero, value << step, value)),
                left.eq(octave - Mux(zero, step, 0)),
                low.eq(small),
            ]
            value, octave, small = shifted, left, low
            there = pulse_delayed(m, there, 1, f"there_{step}")
        number = Signal(range(self._bins), reset_less=True)
        m.d.sync += number.eq((octave << OCTAVE_BITS) + Cat(value[-_TOP:-1], ~small))
        return number, pulse_delayed(m, there, 1, "binned")

    def _count(self, m: Module, states: Any) -> None:
        """Add one to a score's bin; the memory is cleared first, for it holds anything."""
        counts = self._counts
        clearing, counting = states.ongoing("CLEAR"), states.ongoing("COUNT")
        number, due = self._binned(m, counting)
        place, more = Signal.like(number), Signal(COUNT_BITS, reset_less=True)
        written = pulse_delayed(m, due, counts.latency + 1, "written") & counting
        m.d.sync += more.eq(counts.read_data + 1)
        with m.If(due):
            m.d.sync += place.eq(number)
        m.d.comb += [
            counts.read_address.eq(Mux(counting, number, self._at)),
            counts.write_enable.eq(clearing | written),
            counts.write_address.eq(Mux(clearing, self._at, place)),
            counts.write_data.eq(Mux(clearing, 0, more)),
        ]
        with m.If(written):
            m.d.sync += self._collected.eq(self._collected + 1)


def _leaving(m: Module, stop: Signal, begin: Signal) -> State:
    """Return what makes states that are left for what somebody orders."""

    @contextlib.contextmanager
    def state(name: str) -> Iterator[None]:
        with m.State(name):
            with m.If(stop):
                m.next = "IDLE"
            with m.Elif(begin):
                m.next = "CLEAR"
            with m.Else():
                yield

    return state
