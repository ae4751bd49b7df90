"""The board's end of `hwgen.protocol`: from results and answers to bytes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import In, Out

from hwgen import protocol
from hwgen.boards.receiver import REFUSAL
from hwgen.protocol import Hello, Type

MAX_LOGIT_BITS = 32
MAX_CLASS_BITS = 16


def result_layout(classes: int, class_bits: int, logit_bits: int) -> data.StructLayout:
    """Return the core's output payload: class, one logit a class, and its latency in cycles."""
    return data.StructLayout(
        {
            "class_": unsigned(class_bits),
            "logits": data.ArrayLayout(signed(logit_bits), classes),
            "cycles": unsigned(32),
        }
    )


class FrameTransmitter(wiring.Component):
    """Send results, hellos and refusals as frames; refusals first, results last.

    Parameters
    ----------
    hello
        What the board says about itself.
    class_bits, logit_bits
        Widths in the core's result; at most 16 and 32.

    Members
    -------
    result : In(stream of class_, logits, cycles)
        From the core; taken when it has been sent.
    sequence : In(16)
        The result's sequence number.
    hello : In(stream of 16 bits)
        Sequence number of a HELLO to answer.
    refusal : In(stream of code, sequence)
        An ERROR to send.
    o : Out(stream of 8 bits)
        To the serial line.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(self, hello: Hello, class_bits: int, logit_bits: int) -> None:
        if not isinstance(hello, Hello):
            raise TypeError(f"hello must be a Hello, not {hello!r}")
        for name, value, high in (
            ("class_bits", class_bits, MAX_CLASS_BITS),
            ("logit_bits", logit_bits, MAX_LOGIT_BITS),
        ):
            if not isinstance(value, int):
                raise TypeError(f"{name} must be an integer, not {value!r}")
            if not 1 <= value <= high:
                raise ValueError(f"{name} must be 1 to {high}, not {value}")
        self._hello = protocol.hello_payload(hello)
        layout = result_layout(hello.classes, class_bits, logit_bits)
        super().__init__(
            {
                "result": In(stream.Signature(layout)),
                "sequence": In(16),
                "hello": In(stream.Signature(16)),
                "refusal": In(stream.Signature(REFUSAL)),
                "o": Out(stream.Signature(8)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Choose an answer, then send sync, body and check sum byte by byte."""
        m = Module()
        m.submodules.crc = crc = CRC32_ISO_HDLC(8).create()
        self._kind = Signal(Type)
        self._sequence = Signal(16)
        self._code = Signal(8)
        self._length = Signal(range(self._longest() + 1))
        body = self._body(m)
        index = Signal(range(len(body) // 8))
        word = Signal(32)
        byte = Signal(8)
        last = Signal()
        m.d.comb += crc.data.eq(byte)

        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += crc.start.eq(1)
                m.d.sync += index.eq(0)
                self._choose(m)
            with m.State("SYNC"):
                sync = Mux(index == 0, protocol.SYNC[0], protocol.SYNC[1])
                with self._send(m, sync, index), m.If(index == len(protocol.SYNC) - 1):
                    m.d.sync += index.eq(0)
                    m.next = "FETCH"
            with m.State("FETCH"):
                # The wide choice has two cycles: it must not be what limits the core's clock.
                m.d.sync += word.eq(body.word_select(index[2:], 32))
                m.next = "PICK"
            with m.State("PICK"):
                end = self._length + (protocol.HEADER_BYTES - 1)
                m.d.sync += [byte.eq(word.word_select(index[:2], 8)), last.eq(index == end)]
                m.next = "BODY"
            with m.State("BODY"), self._send(m, byte, index):
                m.d.comb += crc.valid.eq(1)
                m.next = "FETCH"
                with m.If(last):
                    m.d.sync += index.eq(0)
                    m.d.comb += self.result.ready.eq(self._kind == Type.RESULT)
                    m.next = "CRC"
            with m.State("CRC"):
                part = crc.crc.word_select(index[:2], 8)
                with self._send(m, part, index), m.If(index == protocol.CRC_BYTES - 1):
                    m.next = "IDLE"
        return m

    def _choose(self, m: Module) -> None:
        """Begin the most urgent answer."""
        with m.If(self.refusal.valid):
            m.d.comb += self.refusal.ready.eq(1)
            m.d.sync += self._code.eq(self.refusal.p.code)
            self._begin(m, Type.ERROR, self.refusal.p.sequence, 1)
        with m.Elif(self.hello.valid):
            m.d.comb += self.hello.ready.eq(1)
            self._begin(m, Type.HELLO_REPLY, self.hello.payload, len(self._hello))
        with m.Elif(self.result.valid):
            self._begin(m, Type.RESULT, self.sequence, len(self._result_payload()) // 8)

    def _begin(self, m: Module, kind: Type, sequence: Any, length: int) -> None:
        m.d.sync += [self._kind.eq(kind), self._sequence.eq(sequence), self._length.eq(length)]
        m.next = "SYNC"

    @contextlib.contextmanager
    def _send(self, m: Module, byte: Any, index: Signal) -> Iterator[None]:
        """Offer a byte; do the block and count it when it is taken."""
        m.d.comb += [self.o.payload.eq(byte), self.o.valid.eq(1)]
        with m.If(self.o.ready):
            m.d.sync += index.eq(index + 1)
            yield

    def _longest(self) -> int:
        return max(len(self._result_payload()) // 8, len(self._hello))

    def _body(self, m: Module) -> Value:
        """Return version to payload of the answer."""
        payload = Signal(8 * self._longest())
        with m.Switch(self._kind):
            with m.Case(Type.RESULT):
                m.d.comb += payload.eq(self._result_payload())
            with m.Case(Type.HELLO_REPLY):
                m.d.comb += payload.eq(int.from_bytes(self._hello, "little"))
            with m.Default():
                m.d.comb += payload.eq(self._code)
        version = Const(protocol.PROTOCOL_VERSION, 8)
        padding = Const(0, 32 - len(self._length))
        return Cat(version, self._kind, self._sequence, self._length, padding, payload)

    def _result_payload(self) -> Value:
        """Return class (16 bits), cycles and logits (32 bits each)."""
        result = self.result.p
        logits = [Value.cast(logit) for logit in result.logits]
        extended = [Cat(logit, logit[-1].replicate(32 - len(logit))) for logit in logits]
        padding = Const(0, 16 - len(result.class_))
        return Cat(result.class_, padding, result.cycles, *extended)
