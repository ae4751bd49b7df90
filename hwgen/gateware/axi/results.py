"""Results as packets of 32-bit words on an AXI4-Stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Array, Const, Module, Mux, Shape, Signal, Value, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.gateware.axi.names import RESULT_BITS
from hwgen.hardware.contract import result_layout, value_member
from hwgen.plans.facts import AnswerFacts

VALUES = "values"
"""In the place of a field: what the core's stream of values brings."""


@dataclass(frozen=True)
class Number:
    """A number of a result, as it lies in a packet.

    Parameters
    ----------
    field
        Of the core's result, or `VALUES`.
    index
        Its place, in a field of many; None: the field is one number.
    shape
        Its bits, and whether they are signed.
    first
        Word of the packet that holds its lowest 32 bits.
    """

    field: str
    index: int | None
    shape: Shape
    first: int

    @property
    def words(self) -> int:
        """How many words it takes."""
        return int(-(-self.shape.width // RESULT_BITS))


def packet(plan: AnswerFacts) -> list[Number]:
    """Return the numbers of a packet in their order; none shares a word with another."""
    fields = {name: field.shape for name, field in result_layout(plan)}
    last = fields.popitem()  # the cycles, behind the values
    if plan.numbers:
        fields[VALUES] = data.ArrayLayout(signed(plan.number_bits), plan.numbers)
    found: list[Number] = []
    for name, field in (*fields.items(), last):
        many = isinstance(field, data.ArrayLayout)
        shape = Shape.cast(field.elem_shape if many else field)
        for index in range(field.length) if many else (None,):
            first = found[-1].first + found[-1].words if found else 0
            found.append(Number(name, index, shape, first))
    return found


def result_words(plan: AnswerFacts) -> int:
    """Return the words of a packet."""
    last = packet(plan)[-1]
    return last.first + last.words


class ResultPackets(wiring.Component):
    """Send each result as a packet, a number a word, sign- or zero-extended.

    The values of a window, where there are some, go in before its cycles.

    Parameters
    ----------
    plan
        What results look like.

    Members
    -------
    result
        The core's. It is taken when its last word goes into the output register.
    values
        The core's, of a network that has some.
    m_axis_...
        The output stream; TLAST with a packet's last word.
    sent : Out(1)
        High when a result is taken.

    Latency
    -------
    A cycle from a result to its first word, then a word every cycle if values come as fast.
    """

    def __init__(self, plan: AnswerFacts) -> None:
        self._plan = plan
        super().__init__(
            {
                "result": In(stream.Signature(result_layout(plan))),
                "m_axis_tdata": Out(RESULT_BITS),
                "m_axis_tlast": Out(1),
                "m_axis_tvalid": Out(1),
                "m_axis_tready": In(1),
                "sent": Out(1),
            }
            | {name: member.flip() for name, member in value_member(plan).items()}
        )

    def elaborate(self, platform: Any) -> Module:
        """Choose a word of the result, which stands until it is taken, or of a value."""
        m = Module()
        own = [number for number in packet(self._plan) if number.field != VALUES]
        words = [word for number in own for word in self._words(m, number)]
        place = Signal(range(len(words)))
        last = place == len(words) - 1
        free = ~self.m_axis_tvalid | self.m_axis_tready
        due, there, word = self._value(m, free & self.result.valid, place == len(words) - 1)
        valid = Signal()
        m.d.comb += [
            valid.eq(self.result.valid & (~due | there)),
            self.result.ready.eq(free & last & ~due),
            self.sent.eq(self.result.valid & self.result.ready),
        ]
        with m.If(free):
            m.d.sync += self.m_axis_tvalid.eq(valid)
            with m.If(valid):
                m.d.sync += [
                    self.m_axis_tdata.eq(Mux(due, word, Array(words)[place])),
                    self.m_axis_tlast.eq(last & ~due),
                ]
                with m.If(~due):
                    m.d.sync += place.eq(Mux(last, 0, place + 1))
        return m

    def _value(self, m: Module, free: Value, before_last: Value) -> tuple[Value, Value, Value]:
        """Return whether a value's word is due, whether it is there, and it.

        Parameters
        ----------
        free
            Whether it is taken if it is due and there.
        before_last
            Whether all words of the result but the last, its cycles, are sent.
        """
        numbers = [number for number in packet(self._plan) if number.field == VALUES]
        if not numbers:
            return Const(0), Const(0), Const(0, RESULT_BITS)
        words = self._words(m, numbers[0])
        at, passed, due = Signal(range(len(words))), Signal(), Signal()
        whole = at == len(words) - 1
        m.d.comb += [due.eq(before_last & ~passed), self.values.ready.eq(free & due & whole)]
        with m.If(free & due & self.values.valid):
            m.d.sync += at.eq(Mux(whole, 0, at + 1))
            with m.If(whole & self.values.p.last):
                m.d.sync += passed.eq(1)
        with m.If(self.sent):
            m.d.sync += passed.eq(0)
        return due, self.values.valid, Array(words)[at]

    def _words(self, m: Module, number: Number) -> list[Value]:
        """Return the words of a number; of values, of the one that stands there."""
        if number.field == VALUES:
            value = self.values.p.value
        else:
            value = getattr(self.result.p, number.field)
            value = value if number.index is None else value[number.index]
        bits = number.words * RESULT_BITS
        extended = Signal(Shape(bits, signed=number.shape.signed))
        m.d.comb += extended.eq(value)
        return [extended[low : low + RESULT_BITS] for low in range(0, bits, RESULT_BITS)]
