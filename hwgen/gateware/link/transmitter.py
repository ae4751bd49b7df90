"""The board's end of `hwgen.protocol`: from results and answers to bytes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import In, Out

from hwgen import protocol
from hwgen.gateware.learning import STATUS
from hwgen.gateware.link.receiver import ANSWER, REFUSAL
from hwgen.hardware.contract import result_layout
from hwgen.plans.facts import AnswerFacts
from hwgen.protocol import Counter, Feature, Hello, State, Type

MAX_NUMBER_BITS = 32
"""Of a logit or another number."""
MAX_CLASS_BITS = 16
STATE = tuple(State)


def state_bits(features: Feature) -> int:
    """Return the bits of a board's state: only where weights come from a flash some are theirs."""
    return len(STATE) if features & Feature.WEIGHTS else STATE.index(State.ABSENT)


_STATUS_WORDS = 1 + len(Counter)
_HEADER_WORDS = protocol.HEADER_BYTES // 4


_TAIL_BYTES = {Type.RESULT: 0, Type.REPLAYED: 16, Type.DIAGNOSIS: 8}
"""Of the frames with a result, behind it."""
_AT_ONCE = 8
"""Words among which a choice may be made in a cycle."""

TAIL_BITS = 8 * max(_TAIL_BYTES.values())


def _words(value: Value) -> Array:
    """Return a value cut into words: a choice among them is smaller than a shift."""
    return Array(value[at : at + 32] for at in range(0, len(value), 32))


def _choices(words: int) -> list[int]:
    """Return among how many words each registered choice is made; at most 8 are then left."""
    sizes = [4]
    left = -(-words // 4)
    while left > _AT_ONCE:
        sizes.append(_AT_ONCE)
        left = -(-left // _AT_ONCE)
    return sizes


def outgoing_layout(result: data.Layout) -> data.StructLayout:
    """Return what a frame with a result is made of."""
    return data.StructLayout(
        {
            "result": result,
            "type": Type,
            "sequence": 16,
            "flags": 8,
            "faults": 8,
            "tail": TAIL_BITS,
        }
    )


class FrameTransmitter(wiring.Component):
    """Send results and answers as frames; refusals first, results last.

    Parameters
    ----------
    hello
        What the board says about itself.
    answer
        What the core says of a window: a class of at most 16 bits, numbers of at most 32.

    Members
    -------
    result : In(stream of result, type, sequence, flags, faults, tail)
        A RESULT, REPLAYED or DIAGNOSIS to send, `tail` being what is behind all numbers, as far
        as the type has that. Taken when it has been sent.
    values : In(stream of one value)
        Only of a core with such: a frame waits for each. They are a result's, each of which brings
        as many; `tail` may change until the last of them is taken.
    answer : In(stream of type, sequence)
        HELLO_REPLY, STATUS_REPLY or THRESHOLD_REPLY to send.
    refusal : In(stream of code, sequence)
        An ERROR to send.
    threshold : In(STATUS)
        With a score: what THRESHOLD_REPLY says (`hwgen.gateware.learning.STATUS`).
    state : In
        First word of STATUS_REPLY (`hwgen.protocol.State`).
    read : Out(1), counter : Out(4), count : In(32)
        Reads a counter, which must be there in the same cycle.
    o : Out(stream of 8 bits)
        To the serial line.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(self, hello: Hello, answer: AnswerFacts) -> None:
        if not isinstance(hello, Hello):
            raise TypeError(f"hello must be a Hello, not {hello!r}")
        for name, value, high in (
            ("classes", answer.classes, 1 << MAX_CLASS_BITS),
            ("logit_bits", answer.logit_bits, MAX_NUMBER_BITS),
            ("number_bits", answer.number_bits, MAX_NUMBER_BITS),
        ):
            if not 0 <= value <= high:
                raise ValueError(f"{name} must be 0 to {high}, not {value}")
        self._hello = protocol.hello_payload(hello)
        self._numbers = answer.numbers
        self._scored = answer.threshold is not None
        self._told = Signal(STATUS.size, reset_less=True)
        layout = outgoing_layout(result_layout(answer))
        super().__init__(
            {
                "result": In(stream.Signature(layout)),
                "answer": In(stream.Signature(ANSWER)),
                "refusal": In(stream.Signature(REFUSAL)),
                "state": In(state_bits(hello.features)),
                "read": Out(1),
                "counter": Out(range(_STATUS_WORDS)),
                "count": In(32),
                "o": Out(stream.Signature(8)),
            }
            | ({"threshold": In(STATUS)} if self._scored else {})
            | (
                {"values": In(stream.Signature(signed(answer.number_bits)))}
                if answer.numbers
                else {}
            )
        )

    def elaborate(self, platform: Any) -> Module:
        """Choose an answer, then send sync, body and check sum byte by byte."""
        m = Module()
        m.submodules.crc = crc = CRC32_ISO_HDLC(8).create()
        self._kind = Signal(Type)
        self._sequence = Signal(16)
        self._code = Signal(8)
        self._length = Signal(range(self._longest() + 1))
        self._with_result = Signal()
        place = Signal(range(self._longest() // 4 + 1))
        self._of_values = Signal()  # the word is one of the stream's
        self._index = index = Signal(range(protocol.HEADER_BYTES + self._longest()))
        word, byte, last = self._fetched = Signal(32), Signal(8), Signal()
        end = Signal.like(index)
        m.d.comb += crc.data.eq(byte)
        # The wide choice has cycles of its own: it must not limit the core's clock.
        m.d.sync += [
            place.eq(index[2:] - _HEADER_WORDS),
            end.eq(self._length + (protocol.HEADER_BYTES - 1)),
            self.read.eq(0),
        ]
        chosen = self._word(m, index[2:], place)

        with m.FSM() as self._sender:
            with m.State("IDLE"):
                m.d.comb += crc.start.eq(1)
                m.d.sync += [index.eq(0), self._with_result.eq(0)]
                self._choose(m)
            with m.State("SYNC"):
                sync = Mux(index[0], protocol.SYNC[1], protocol.SYNC[0])
                with self._send(m, sync, index), m.If(index[0]):
                    m.d.sync += index.eq(0)
                    m.next = "FETCH"
            self._fetch(m, chosen, word)
            with m.State("PICK"):
                m.d.sync += [byte.eq(word.word_select(index[:2], 8)), last.eq(index == end)]
                m.next = "BODY"
            with m.State("BODY"), self._send(m, byte, index):
                m.d.comb += crc.valid.eq(1)
                if self._numbers:
                    m.d.comb += self.values.ready.eq(self._of_values & index[:2].all())
                m.next = "FETCH"
                with m.If(last):
                    m.d.sync += index.eq(0)
                    m.d.comb += self.result.ready.eq(self._with_result)
                    m.next = "CRC"
            with m.State("CRC"):
                m.d.sync += byte.eq(crc.crc.word_select(index[:2], 8))
                m.next = "SUM"
            with m.State("SUM"), self._send(m, byte, index):
                m.next = "CRC"
                with m.If(index[:2].all()):  # its four bytes
                    m.next = "IDLE"
        return m

    def _fetch(self, m: Module, chosen: Value, word: Signal) -> None:
        """Wait until the word is chosen, and there."""
        for wait in range(self._waits):
            with m.State("FETCH" if not wait else f"FETCH_{wait}"):
                m.next = f"FETCH_{wait + 1}" if wait < self._waits - 1 else "ASK"
        with m.State("ASK"):
            m.d.sync += self.read.eq(self._kind == Type.STATUS_REPLY)
            m.next = "READ"
        there = self.values.valid | ~self._of_values if self._numbers else Const(1)
        with m.State("READ"):
            m.d.sync += word.eq(chosen)
            with m.If(there):
                m.next = "PICK"

    def _choose(self, m: Module) -> None:
        """Begin the most urgent answer."""
        with m.If(self.refusal.valid):
            m.d.comb += self.refusal.ready.eq(1)
            m.d.sync += self._code.eq(self.refusal.p.code)
            self._begin(m, Type.ERROR, self.refusal.p.sequence, 1)
        with m.Elif(self.answer.valid):
            m.d.comb += self.answer.ready.eq(1)
            hello = self.answer.p.type == Type.HELLO_REPLY
            length = Mux(hello, len(self._hello), 4 * _STATUS_WORDS)
            if self._scored:
                # As a whole: it may change while it is sent.
                m.d.sync += self._told.eq(self.threshold)
                threshold = self.answer.p.type == Type.THRESHOLD_REPLY
                length = Mux(threshold, len(self._told) // 8, length)
            self._begin(m, self.answer.p.type, self.answer.p.sequence, length)
        with m.Elif(self.result.valid):
            length = Signal.like(self._length)
            with m.Switch(self.result.p.type):
                for kind, size in _TAIL_BYTES.items():
                    with m.Case(kind):
                        m.d.comb += length.eq(self._result_bytes() + size)
            m.d.sync += self._with_result.eq(1)
            self._begin(m, self.result.p.type, self.result.p.sequence, length)

    def _begin(self, m: Module, kind: Any, sequence: Any, length: Any) -> None:
        m.d.sync += [self._kind.eq(kind), self._sequence.eq(sequence), self._length.eq(length)]
        m.next = "SYNC"

    @contextlib.contextmanager
    def _send(self, m: Module, byte: Any, index: Signal) -> Iterator[None]:
        """Offer a byte; do the block and count it when it is taken."""
        m.d.comb += [self.o.payload.eq(byte), self.o.valid.eq(1)]
        with m.If(self.o.ready):
            m.d.sync += index.eq(index + 1)
            yield

    @property
    def _waits(self) -> int:
        """Cycles until what is chosen of a result may be asked for: one a level of choices."""
        kept = self._result_bytes() - 4 * self._numbers
        return len(_choices(-(-(8 * kept + TAIL_BITS) // 32))) + bool(self._numbers)

    def _longest(self) -> int:
        """Return the bytes of the longest payload."""
        tail = max(_TAIL_BYTES.values())
        return max(self._result_bytes() + tail, len(self._hello), 4 * _STATUS_WORDS)

    def _result_bytes(self) -> int:
        return len(self._result_payload()) // 8 + 4 * self._numbers

    def _word(self, m: Module, number: Value, place: Signal) -> Value:
        """Return a word of version to payload; the payload's is at `place` since a cycle."""
        # A signal, not a concatenation: each word of that would have the whole of it written out.
        payload = self._result_payload()
        result = Signal(len(payload) + TAIL_BITS)
        m.d.comb += result.eq(Cat(payload, self.result.p.tail))
        row = self._row(m, place, len(payload) // 32)
        hello = Const(int.from_bytes(self._hello, "little"), 8 * len(self._hello))
        # Counter 0 does not exist: the state has its place.
        counter = self._kind == Type.STATUS_REPLY
        first = place == 0
        word, value = Signal(32, name="chosen_word"), Signal(32)
        rows = [result[at : at + 32] for at in range(0, len(result), 32)]
        low = 0
        for level, size in enumerate(_choices(len(rows))):
            choice = row[low : low + (size - 1).bit_length()]
            rows = self._chosen(m, rows, choice, size, f"row_{level}" if level else "row")
            low += len(choice)
        m.d.comb += [self.counter.eq(place), value.eq(Array(rows)[row[low:]])]
        with m.If(number == 0):
            m.d.comb += word.eq(
                Cat(Const(protocol.PROTOCOL_VERSION, 8), self._kind, self._sequence)
            )
        with m.Elif(number == 1):
            m.d.comb += word.eq(self._length)
        if self._numbers:
            with m.Elif(self._of_values):
                m.d.comb += word.eq(self.values.payload)
        with m.Elif(self._with_result):
            m.d.comb += word.eq(value)
        with m.Elif(counter):
            m.d.comb += word.eq(Mux(first, self.state, self.count))
        with m.Elif(self._kind == Type.HELLO_REPLY):
            m.d.comb += word.eq(_words(hello)[place])
        if self._scored:
            with m.Elif(self._kind == Type.THRESHOLD_REPLY):
                m.d.comb += word.eq(_words(self._told)[place])
        with m.Else():
            m.d.comb += word.eq(self._code)
        return word

    def _row(self, m: Module, place: Signal, before: int) -> Value:
        """Return which word of a result it is, and tell those of the stream of values.

        The stream's are behind so many of the result's own, and its tail behind them.
        """
        if not self._numbers:
            return place
        behind = before + self._numbers
        row = Signal.like(place, name="row_of_result")
        m.d.sync += [
            row.eq(Mux(place < before, place, place - self._numbers)),
            self._of_values.eq(self._with_result & (place >= before) & (place < behind)),
        ]
        return row

    def _chosen(
        self, m: Module, words: list[Value], place: Value, size: int, name: str
    ) -> list[Value]:
        """Return of each `size` words the one at a place, a cycle later."""
        rows = []
        for number in range(0, len(words), size):
            row = Signal(32, name=f"{name}_{number // size}", reset_less=True)
            m.d.sync += row.eq(Array(words[number : number + size])[place])
            rows.append(row)
        return rows

    def _result_payload(self) -> Value:
        """Return class (16 bits), flags and faults (8 each), cycles and logits (32 bits each)."""
        result = self.result.p.result
        there = dict(result.shape())
        numbers = [Value.cast(number) for number in result.logits] if "logits" in there else []
        extended = [Cat(number, number[-1].replicate(32 - len(number))) for number in numbers]
        class_: Value = Const(protocol.NO_CLASS, 16)
        if "class_" in there:
            class_ = Cat(result.class_, Const(0, 16 - len(result.class_)))
        head = Cat(class_, self.result.p.flags, self.result.p.faults)
        return Cat(head, result.cycles, *extended)
