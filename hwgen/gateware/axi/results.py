"""Results as packets of 32-bit words on an AXI4-Stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Array, Module, Shape, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.gateware.axi.names import RESULT_BITS
from hwgen.hardware.contract import result_layout
from hwgen.plans.facts import AnswerFacts


@dataclass(frozen=True)
class Number:
    """A number of a result, as it lies in a packet.

    Parameters
    ----------
    field
        Of the core's result.
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
    found: list[Number] = []
    for name, field in result_layout(plan):
        many = isinstance(field.shape, data.ArrayLayout)
        shape = Shape.cast(field.shape.elem_shape if many else field.shape)
        for index in range(field.shape.length) if many else (None,):
            first = found[-1].first + found[-1].words if found else 0
            found.append(Number(name, index, shape, first))
    return found


def result_words(plan: AnswerFacts) -> int:
    """Return the words of a packet."""
    last = packet(plan)[-1]
    return last.first + last.words


class ResultPackets(wiring.Component):
    """Send each result as a packet, a number a word, sign- or zero-extended.

    Parameters
    ----------
    plan
        What results look like.

    Members
    -------
    result
        The core's. It is taken when its last word goes into the output register.
    m_axis_...
        The output stream; TLAST with a packet's last word.
    sent : Out(1)
        High when a result is taken.

    Latency
    -------
    A cycle from a result to its first word, then a word every cycle.
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
        )

    def elaborate(self, platform: Any) -> Module:
        """Choose a word of the result, which stands until it is taken."""
        m = Module()
        words = self._words(m)
        place = Signal(range(len(words)))
        last = place == len(words) - 1
        free = ~self.m_axis_tvalid | self.m_axis_tready
        m.d.comb += [
            self.result.ready.eq(free & last),
            self.sent.eq(self.result.valid & self.result.ready),
        ]
        with m.If(free):
            m.d.sync += self.m_axis_tvalid.eq(self.result.valid)
            with m.If(self.result.valid):
                m.d.sync += [
                    self.m_axis_tdata.eq(Array(words)[place]),
                    self.m_axis_tlast.eq(last),
                    place.eq(place + 1),
                ]
                with m.If(last):
                    m.d.sync += place.eq(0)
        return m

    def _words(self, m: Module) -> list[Value]:
        """Return all words of a packet."""
        found: list[Value] = []
        for number in packet(self._plan):
            value = getattr(self.result.p, number.field)
            value = value if number.index is None else value[number.index]
            bits = number.words * RESULT_BITS
            extended = Signal(Shape(bits, signed=number.shape.signed))
            m.d.comb += extended.eq(value)
            found += [extended[low : low + RESULT_BITS] for low in range(0, bits, RESULT_BITS)]
        return found
