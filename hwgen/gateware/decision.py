"""What a board does with its diagnoses when nobody listens: known or not, a vote, an alarm."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from amaranth.hdl import Array, Cat, Const, Module, Mux, ResetInserter, Signal, Value, signed
from amaranth.lib import data, io, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.boards.board import OUTPUTS, Board
from hwgen.boards.platforms import request
from hwgen.checks import positive
from hwgen.errors import UsageError
from hwgen.hardware.contract import result_layout
from hwgen.plans.facts import CoreFacts
from hwgen.protocol import NO_CLASS, DiagnosisFlag

NONE = NO_CLASS
"""Confirmed class when there is none."""

LONGEST_VOTE = 32


@dataclass(frozen=True)
class Vote:
    """How often among how many.

    Parameters
    ----------
    needed, last
        `needed` of the `last` windows.

    Raises
    ------
    UsageError
        If that makes no sense.
    """

    needed: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.needed <= self.last <= LONGEST_VOTE:
            raise UsageError(
                f"--vote must be K/N with 1 <= K <= N <= {LONGEST_VOTE}, not "
                f"{self.needed}/{self.last}"
            )

    @classmethod
    def parse(cls, text: str) -> Vote:
        """Return the vote that a text like ``3/5`` means."""
        needed, slash, last = text.partition("/")
        if not (slash and needed.isdecimal() and last.isdecimal()):
            raise UsageError(f"--vote must be K/N, such as 3/5, not {text!r}")
        return cls(int(needed), int(last))

    def __str__(self) -> str:
        return f"{self.needed}/{self.last}"


class Decision(wiring.Component):
    """Judge every result: is the class known, which class is confirmed, is there an alarm.

    A window is *unknown* when its largest logit is less than `margin` above the next one, or when
    something is wrong with the sensor. A class is *confirmed* when at least `vote.needed` of the
    last `vote.last` windows were of it (the first such class). The *alarm* is on while so many of
    them were of any of the `faulty` classes, the same or not. Unknown windows have a place among
    the last ones and count for no class.

    Parameters
    ----------
    core
        The plan of what gives the results.
    faulty
        Indices of the classes that raise the alarm.
    vote
        Of the last windows.
    margin
        In units of a logit's integer; 0: no window is unknown.
    board
        Whose lights and pins `attach` joins; None for none.

    Members
    -------
    result : In(stream of class_, logits, cycles)
        From the core; taken when it has been judged.
    faults : In(8)
        What is wrong with the sensor; 0 for nothing.
    restart : In(1)
        Forget the windows before.
    class_ : Out(16)
        Confirmed class, or `NONE`; as all outputs, it holds when a result is taken, and after.
    flags : Out(8)
        `hwgen.protocol.DiagnosisFlag`.
    alarm : Out(1)
        As above.
    pins
        ``alarm``; ``fault``: something is wrong with the sensor; ``unknown``: of the last window;
        ``heartbeat``: changes with every result; ``shown``: the confirmed class, 0 if none.

    Latency
    -------
    `cycles` clock cycles from a result to its being taken.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(
        self,
        core: CoreFacts,
        *,
        faulty: tuple[int, ...],
        vote: Vote,
        margin: int = 0,
        board: Board | None = None,
    ) -> None:
        if not isinstance(vote, Vote):
            raise TypeError(f"vote must be a Vote, not {vote!r}")
        self._classes = positive("classes", core.classes, 2)
        if not all(0 <= number < self._classes for number in faulty):
            raise ValueError(f"faulty must be classes below {self._classes}, not {faulty}")
        self._faulty = frozenset(faulty)
        self._vote = vote
        self._margin = positive("margin", margin, 0)
        self._board = board
        self._logit_bits = core.logit_bits
        bits = (self._classes - 1).bit_length()
        super().__init__(
            {
                "result": In(stream.Signature(result_layout(core))),
                "faults": In(8),
                "restart": In(1),
                "class_": Out(16, init=NONE),
                "flags": Out(8),
                "alarm": Out(1),
                "pins": Out(
                    wiring.Signature(
                        {
                            "alarm": Out(1),
                            "fault": Out(1),
                            "unknown": Out(1),
                            "heartbeat": Out(1),
                            "shown": Out(bits),
                        }
                    )
                ),
            }
        )

    @property
    def cycles(self) -> int:
        """Clock cycles from a result to its being taken."""
        return self._classes + 6

    def elaborate(self, platform: Any) -> Any:
        """Go through the logits for the margin; then enter the window and decide."""
        m = Module()
        index = Signal(range(self._classes + 1))
        with m.FSM() as states:
            with m.State("IDLE"):
                m.d.sync += index.eq(0)
                with m.If(self.result.valid):
                    m.next = "MARGIN"
            with m.State("MARGIN"):
                m.d.sync += index.eq(index + 1)
                with m.If(index == self._classes):
                    m.next = "JUDGE"
            for name, following in (
                ("JUDGE", "KNOW"), ("KNOW", "ENTER"), ("ENTER", "DECIDE"), ("DECIDE", "GIVE"),
            ):  # fmt: skip
                with m.State(name):
                    m.next = following
            with m.State("GIVE"):
                m.d.comb += self.result.ready.eq(1)
                m.d.sync += self.pins.heartbeat.eq(~self.pins.heartbeat)
                m.next = "IDLE"
        known = self._know(m, states, index)
        with m.If(states.ongoing("ENTER")):
            counts, faulty = self._enter(m, known)
        with m.If(states.ongoing("DECIDE")):
            self._decide(m, known, counts, faulty)
        m.d.comb += [
            self.pins.alarm.eq(self.alarm),
            self.pins.fault.eq(self.faults.any()),
            self.pins.shown.eq(Mux(self.class_ == NONE, 0, self.class_)),
        ]
        return ResetInserter(self.restart)(m)

    def _know(self, m: Module, states: Any, index: Signal) -> Signal:
        """Return whether the window's class is known, from state ENTER on."""
        low = -(1 << (self._logit_bits - 1))
        shape = signed(self._logit_bits)
        best, second, picked = Signal(shape), Signal(shape), Signal(shape, reset_less=True)
        gap = Signal(self._logit_bits + 1, reset_less=True)
        known = Signal()
        with m.If(states.ongoing("IDLE")):
            m.d.sync += [best.eq(low), second.eq(low)]
        with m.If(states.ongoing("MARGIN")):
            m.d.sync += picked.eq(Array(self.result.p.logits)[index])
            with m.If(index != 0):
                with m.If(picked > best):
                    m.d.sync += [best.eq(picked), second.eq(best)]
                with m.Elif(picked > second):
                    m.d.sync += second.eq(picked)
        m.d.sync += gap.eq(best - second)
        wide: Any = gap >= self._margin if self._margin else 1  # simulators warn of "gap >= 0"
        with m.If(states.ongoing("KNOW")):
            m.d.sync += known.eq(wide & ~self.faults.any())
        return known

    def _enter(self, m: Module, known: Signal) -> tuple[list[Signal], Signal]:
        """Push the window into the history; return counts of each class and of faulty ones."""
        class_ = self.result.p.class_
        entry = data.StructLayout({"known": 1, "class_": len(class_)})
        history = [Signal(entry, name=f"window_{n}") for n in range(self._vote.last)]
        oldest = history[-1]
        counts = []
        for number in range(self._classes):
            count = Signal(range(self._vote.last + 1), name=f"count_{number}")
            comes = known & (class_ == number)
            goes = oldest.known & (oldest.class_ == number)
            m.d.sync += count.eq(count + comes - goes)
            counts.append(count)
        faulty = Signal(range(self._vote.last + 1))
        comes = known & self._is_faulty(class_)
        goes = oldest.known & self._is_faulty(oldest.class_)
        m.d.sync += faulty.eq(faulty + comes - goes)
        for newer, older in pairwise(history):
            m.d.sync += older.eq(newer)
        m.d.sync += [history[0].known.eq(known), history[0].class_.eq(class_)]
        return counts, faulty

    def _is_faulty(self, class_: Value) -> Value:
        mask = Const(sum(1 << number for number in self._faulty), 1 << len(class_))
        return mask.bit_select(class_, 1)

    def _decide(self, m: Module, known: Signal, counts: list[Signal], faulty: Signal) -> None:
        needed = self._vote.needed
        confirmed: Any = Const(NONE, 16)
        for number in reversed(range(self._classes)):
            confirmed = Mux(counts[number] >= needed, number, confirmed)
        unknown, alarm = DiagnosisFlag.UNKNOWN, DiagnosisFlag.ALARM
        m.d.sync += [
            self.class_.eq(confirmed),
            self.alarm.eq(faulty >= needed),
            self.pins.unknown.eq(~known),
            self.flags.eq(Mux(known, 0, unknown.value) | Mux(faulty >= needed, alarm.value, 0)),
        ]

    def attach(self, m: Module, platform: Any, pins: Any) -> None:
        """Join `pins` to those of the board's pins and lights that it has."""
        if self._board is None:
            return
        parts = {name: getattr(pins, name) for name in OUTPUTS}
        if self._board.outputs is not None:
            ports = request(platform, self._board.outputs)
            for name, _ in self._board.outputs.pins:
                m.submodules[f"{name}_buffer"] = buffer = io.Buffer("o", getattr(ports, name))
                m.d.comb += buffer.o.eq(parts[name])
        if self._board.lights is not None:
            lights = request(platform, self._board.lights)
            shown = Cat(pins.alarm, pins.fault, pins.unknown, pins.shown)
            for number, (name, _) in enumerate(self._board.lights.pins):
                m.submodules[f"{name}_buffer"] = buffer = io.Buffer("o", getattr(lights, name))
                m.d.comb += buffer.o.eq(shown[number] if number < len(shown) else 0)
