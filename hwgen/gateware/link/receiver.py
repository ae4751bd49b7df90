"""The board's end of `hwgen.protocol`: from bytes to samples for the core."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import In, Out

from hwgen import protocol
from hwgen.hardware.contract import sample_layout
from hwgen.protocol import Counter, ErrorCode, Type

REFUSAL = data.StructLayout({"code": 8, "sequence": 16})
"""Payload of an ERROR to send."""

ANSWER = data.StructLayout({"type": Type, "sequence": 16})
"""Which short answer to send."""

_HEADER = data.StructLayout({"version": 8, "type": 8, "sequence": 16, "length": 32})
_ARGUMENT_BYTES = 2
_VALUE_BYTES = 4
_ORDER_BYTES = 12
_PAYLOADS = {Type.HELLO: 0, Type.STATUS: 0, Type.REPLAY: _ARGUMENT_BYTES}
"""Bytes of the host's frames, those apart that not all boards know, or as long."""


class FrameReceiver(wiring.Component):
    """Take frames apart; pass samples on as they come, the last only if the check sum is right.

    Only one window is ever behind its last sample: the next one's last sample waits until the
    result has gone (`done`), so `sequence` always belongs to the result that the core presents.
    After a refusal nothing is taken until the line has been quiet for `timeout_cycles`.

    Parameters
    ----------
    input_samples
        Samples of a window.
    adc_bits
        Width of a sample, at most 16.
    timeout_cycles
        Quiet clock cycles that end a broken frame.
    sensor
        Whether there is a sensor, so that LIVE is understood.
    score_bits
        Of a score, unsigned, so that THRESHOLD and LEARN are understood; None: there is none.

    Members
    -------
    i : In(stream of 8 bits, always ready)
        Bytes; at least eight cycles apart, as any serial line has them.
    broken, low : In(1)
        As of `UartReceiver`.
    samples : Out(stream of value, first)
        To the core.
    abandon : Out(1)
        The samples since the last one marked first are void. High for a cycle, longer while the
        core still has to take a void sample that has been offered.
    store : Out
        Each sample of a window as it comes: ``enable``, ``address``, ``value``.
    stored : Out(1)
        The last window that was stored was good.
    answer : Out(stream of type, sequence)
        HELLO_REPLY, STATUS_REPLY or THRESHOLD_REPLY to send. One more that comes before it is
        taken is dropped.
    refusal : Out(stream of code, sequence)
        An ERROR to send; likewise.
    sequence : Out(16)
        Sequence number of the window or replay that the core is at or was at last.
    busy : Out(1)
        A window's result is still to come.
    done : In(1)
        The core's result has been taken.
    engaged : In(1)
        The core is not free: windows and replays are refused.
    replay : Out(1)
        High for a cycle: replay the stored window `argument` times.
    live : Out(1)
        High for a cycle: give the core to the sensor if `argument` is odd, else take it.
    argument : Out(16)
        Of `replay` and `live`.
    threshold, learn : Out(1)
        With `score_bits`, high for a cycle: the host sets a threshold, or begins a learn phase.
    order : Out(96)
        With `score_bits`: LEARN's payload, or THRESHOLD's in its last 32 bits.
    events : Out(16)
        A bit for each `Counter`, high for a cycle when there is something to count.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(
        self,
        input_samples: int,
        adc_bits: int,
        timeout_cycles: int,
        *,
        sensor: bool = False,
        score_bits: int | None = None,
    ) -> None:
        for name, value, high in (
            ("input_samples", input_samples, 1 << 30),
            ("adc_bits", adc_bits, protocol.MAX_ADC_BITS),
            ("timeout_cycles", timeout_cycles, 1 << 40),
        ):
            if not isinstance(value, int):
                raise TypeError(f"{name} must be an integer, not {value!r}")
            if not 1 <= value <= high:
                raise ValueError(f"{name} must be 1 to {high}, not {value}")
        self._input_samples = input_samples
        self._adc_bits = adc_bits
        self._timeout_cycles = timeout_cycles
        self._payloads = _PAYLOADS | {Type.WINDOW: 2 * input_samples}
        if sensor:
            self._payloads[Type.LIVE] = _ARGUMENT_BYTES
        self._score_bits = score_bits
        orders = {}
        if score_bits is not None:
            self._payloads |= {Type.THRESHOLD: _VALUE_BYTES, Type.LEARN: _ORDER_BYTES}
            orders = {"threshold": Out(1), "learn": Out(1), "order": Out(8 * _ORDER_BYTES)}
        super().__init__(
            {
                "i": In(stream.Signature(8, always_ready=True)),
                "broken": In(1),
                "low": In(1),
                "samples": Out(stream.Signature(sample_layout(adc_bits))),
                "abandon": Out(1),
                "store": Out(store_port(input_samples, adc_bits)),
                "stored": Out(1),
                "answer": Out(stream.Signature(ANSWER)),
                "refusal": Out(stream.Signature(REFUSAL)),
                "sequence": Out(16),
                "busy": Out(1),
                "done": In(1),
                "engaged": In(1),
                "replay": Out(1),
                "live": Out(1),
                "argument": Out(16),
                "events": Out(len(Counter) + 1),
            }
            | orders
        )

    def elaborate(self, platform: Any) -> Module:
        """Wire the parser to the sample register."""
        m = Module()
        self._header = Signal(_HEADER)
        self._fault = Signal()
        self._code = Signal(ErrorCode)
        self._sample = Signal(16)
        self._sample_done = Signal()  # a whole sample has come
        self._frame_good = Signal()  # the check sum was right
        self._index = Signal(range(self._input_samples))  # of the sample that has come
        self._last = Signal()  # it is the window's last
        self._held = Signal()  # the sample register is taken
        self._empty = Signal()  # THRESHOLD asks only
        self._is_order = Signal()  # THRESHOLD or LEARN
        m.d.sync += [
            self._fault.eq(0),
            self._frame_good.eq(0),
            self.replay.eq(0),
            self.live.eq(0),
            self._last.eq(self._index == self._input_samples - 1),
        ]
        self._compare(m)
        self._parse(m, self._quiet_line(m))
        self._hold_sample(m)
        self._keep(m)
        self._ask(m)
        return m

    def _quiet_line(self, m: Module) -> Signal:
        """Return whether no byte has come for the time-out."""
        idle = Signal(range(self._timeout_cycles + 1))
        quiet = Signal()
        with m.If(self.i.valid | self.broken):
            m.d.sync += [idle.eq(0), quiet.eq(0)]
        with m.Elif(~quiet):
            m.d.sync += [idle.eq(idle + 1), quiet.eq(idle == self._timeout_cycles - 1)]
        return quiet

    def _compare(self, m: Module) -> None:
        """Compare header, sample and state with what they should be, one or two cycles late."""
        self._waited = Signal(3)
        self._is = {kind: Signal(name=f"is_{kind.name.lower()}") for kind in self._payloads}
        self._known = Signal()
        self._bad_version = Signal()
        self._bad_length = Signal()
        self._too_wide = Signal()
        self._occupied = Signal()
        self._no_count = Signal()
        header = self._header
        expected = Signal(range(max(self._payloads.values()) + 1))
        for kind, size in self._payloads.items():
            m.d.sync += self._is[kind].eq(header.type == kind)
            with m.If(self._is[kind]):
                m.d.comb += expected.eq(size)
        signs = self._sample[self._adc_bits - 1 :]
        m.d.sync += [
            self._known.eq(Cat(*self._is.values()).any()),
            self._bad_version.eq(header.version != protocol.PROTOCOL_VERSION),
            self._bad_length.eq(header.length != expected),
            self._too_wide.eq(signs.any() & ~signs.all()),
            self._occupied.eq(self.engaged | self.busy | self._held),
            self._no_count.eq(~self._sample.any()),
        ]
        if self._score_bits is not None:
            self._compare_order(m, self._score_bits)

    def _compare_order(self, m: Module, score_bits: int) -> None:
        """Do so with what is only understood where there is a score."""
        self._too_large = Signal()
        self._whole = Signal()  # the byte that comes is the payload's last
        self._place = Signal(range(_ORDER_BYTES))
        m.d.comb += self._is_order.eq(self._is[Type.THRESHOLD] | self._is[Type.LEARN])
        m.d.sync += [
            self._empty.eq(~self._header.length.any()),
            self._too_large.eq(self.order[-8 * _VALUE_BYTES :][score_bits:].any()),
            self._whole.eq(
                self._place == Mux(self._is[Type.LEARN], _ORDER_BYTES - 1, _VALUE_BYTES - 1)
            ),
            self.threshold.eq(0),
            self.learn.eq(0),
        ]
        with m.If(self._is[Type.THRESHOLD] & self._empty):
            m.d.sync += self._bad_length.eq(0)

    def _keep_order(self, m: Module, byte: Value) -> None:
        """Do what PAYLOAD does with an order's byte."""
        with m.Elif(self._is_order):
            m.d.sync += [
                self.order.eq(Cat(self.order[8:], byte)),
                self._place.eq(self._place + 1),
            ]
            with m.If(self._whole):
                m.next = "CRC"

    def _refuse(self, m: Module, code: ErrorCode, then: str = "DEAF") -> None:
        m.d.sync += [self._fault.eq(1), self._code.eq(code)]
        m.next = then

    def _parse(self, m: Module, quiet: Signal) -> None:
        """Follow the frame byte by byte.

        Bytes are many cycles apart, so every wide comparison has cycles of its own before its
        outcome is used (`_settled`): the link must not be what limits the core's clock.
        """
        byte = self.i.payload
        m.submodules.crc = crc = CRC32_ISO_HDLC(8).create()
        count = Signal(range(protocol.HEADER_BYTES))
        high = Signal()
        match = Signal()
        stray = Signal()
        m.d.comb += self.events[Counter.STRAY].eq(stray & self.i.valid)
        m.d.sync += [
            crc.data.eq(byte),
            crc.start.eq(0),
            crc.valid.eq(0),
            match.eq(crc.match_detected),
        ]

        with m.FSM() as self._parser:
            with m.State("HUNT"):
                m.d.comb += stray.eq(byte != protocol.SYNC[0])
                m.d.sync += [crc.start.eq(1), count.eq(0), high.eq(0), self._index.eq(0)]
                if self._score_bits is not None:
                    m.d.sync += self._place.eq(0)
                with m.If(self.i.valid & (byte == protocol.SYNC[0])):
                    m.next = "SYNC"
            with m.State("SYNC"):
                m.d.comb += stray.eq(byte != protocol.SYNC[1])
                with m.If(self.i.valid & (byte == protocol.SYNC[1])):
                    m.next = "HEADER"
                with m.Elif((self.i.valid & (byte != protocol.SYNC[0])) | self.broken | quiet):
                    m.next = "HUNT"
            with m.State("HEADER"), self._next_byte(m, crc, quiet):
                m.d.sync += self._header.eq(Cat(self._header.as_value()[8:], byte))
                self._count(m, count, protocol.HEADER_BYTES, "CHECK")
            with m.State("CHECK"), self._settled(m):
                self._check_header(m)
            with m.State("PAYLOAD"), self._next_byte(m, crc, quiet):
                m.d.sync += [self._sample.eq(Cat(self._sample[8:], byte)), high.eq(~high)]
                with m.If(high & self._is[Type.WINDOW]):
                    m.next = "SAMPLE"
                if self._score_bits is not None:
                    self._keep_order(m, byte)
                with m.Elif(high):
                    m.next = "CRC"
            with m.State("SAMPLE"), self._settled(m):
                self._check_sample(m)
            with m.State("CRC"), self._next_byte(m, crc, quiet):
                self._count(m, count, protocol.CRC_BYTES, "VERIFY")
            with m.State("VERIFY"), self._settled(m):
                self._obey(m, match)
            with m.State("DEAF"):
                m.d.comb += stray.eq(1)
                with m.If(quiet):
                    m.next = "HUNT"

    @contextlib.contextmanager
    def _next_byte(self, m: Module, crc: Any, quiet: Signal) -> Iterator[None]:
        """Do the block for each byte, which goes into the check sum; give up on a broken line.

        A byte in the very cycle of the time-out is in time: what is refused is not obeyed as well.
        """
        m.d.sync += [crc.valid.eq(self.i.valid), self._waited.eq(0)]
        with m.If(self.i.valid):
            yield
        with m.Elif(self.broken):
            self._refuse(m, ErrorCode.FRAMING)
        with m.Elif(quiet):
            self._refuse(m, ErrorCode.TIMEOUT, then="HUNT")

    @contextlib.contextmanager
    def _settled(self, m: Module) -> Iterator[None]:
        """Do the block in the state's fourth cycle."""
        m.d.sync += self._waited.eq(self._waited << 1 | 1)
        with m.If(self._waited[-1]):
            yield

    @staticmethod
    def _count(m: Module, count: Signal, size: int, then: str) -> None:
        """Count a byte; after `size` of them go on."""
        m.d.sync += count.eq(count + 1)
        with m.If(count == size - 1):
            m.d.sync += count.eq(0)
            m.next = then

    def _check_header(self, m: Module) -> None:
        with m.If(self._bad_version):
            self._refuse(m, ErrorCode.BAD_VERSION)
        with m.Elif(~self._known):
            self._refuse(m, ErrorCode.UNKNOWN_TYPE)
        with m.Elif(self._bad_length):
            self._refuse(m, ErrorCode.BAD_LENGTH)
        with m.Elif(self._is[Type.WINDOW] & self.engaged):
            self._refuse(m, ErrorCode.BUSY)
        with m.Elif(self._asks()):
            m.next = "CRC"
        with m.Else():
            m.next = "PAYLOAD"

    def _asks(self) -> Value:
        """Return whether the frame has no payload."""
        asks = self._is[Type.HELLO] | self._is[Type.STATUS]
        return asks if self._score_bits is None else asks | (self._is_order & self._empty)

    def _check_sample(self, m: Module) -> None:
        """Let the sample pass if it fits the converter's width and its register is free."""
        with m.If(self._too_wide):
            self._refuse(m, ErrorCode.BAD_SAMPLE)
        with m.Elif(self._held):
            self._refuse(m, ErrorCode.OVERRUN)
        with m.Else():
            m.d.comb += self._sample_done.eq(1)
            m.d.sync += self._index.eq(self._index + 1)
            m.next = "PAYLOAD"
            with m.If(self._last):
                m.d.sync += self._index.eq(0)
                m.next = "CRC"

    def _obey(self, m: Module, match: Signal) -> None:
        """Do what a whole frame asks for."""
        m.next = "HUNT"
        with m.If(~match):
            self._refuse(m, ErrorCode.BAD_CRC)
        with m.Elif(self._is[Type.REPLAY] & self._occupied):
            self._refuse(m, ErrorCode.BUSY)
        with m.Elif(self._is[Type.REPLAY] & ~self.stored):
            self._refuse(m, ErrorCode.NO_WINDOW)
        with m.Elif(self._is[Type.REPLAY] & self._no_count):
            self._refuse(m, ErrorCode.BAD_LENGTH)
        if self._score_bits is not None:
            self._obey_order(m)
        with m.Else():
            m.d.sync += [
                self._frame_good.eq(1),
                self.replay.eq(self._is[Type.REPLAY]),
                self.live.eq(self._is.get(Type.LIVE, Const(0))),
            ]

    def _obey_order(self, m: Module) -> None:
        """Refuse a threshold that no score has the bits of."""
        sets = self._is[Type.THRESHOLD] & ~self._empty
        with m.Elif(sets & self._too_large):
            self._refuse(m, ErrorCode.BAD_SAMPLE)
        with m.Elif(self._is_order):
            m.d.sync += [
                self._frame_good.eq(1),
                self.threshold.eq(sets),
                self.learn.eq(self._is[Type.LEARN]),
            ]

    def _hold_sample(self, m: Module) -> None:
        """Offer one sample at a time to the core; the last of a window only when it may go."""
        held = self._held
        self._held_last = last = Signal()  # it is the window's last
        self._verified = verified = Signal()
        self._dirty = dirty = Signal()  # samples of the frame being received are in the core
        next_sequence = Signal(16)
        offered = self.samples.valid
        taken = offered & self.samples.ready

        ready = held & (~last | (verified & ~self.busy))
        m.d.sync += offered.eq(Mux(offered, ~self.samples.ready, ready))
        with m.If(taken):
            m.d.sync += held.eq(0)
        self._gone = gone = Signal()  # the window's last sample has been taken
        m.d.sync += gone.eq(taken & last)
        with m.If(gone):
            m.d.sync += [self.busy.eq(1), verified.eq(0), self.sequence.eq(next_sequence)]
        with m.Elif(self.done):
            m.d.sync += self.busy.eq(0)
        with m.If(self.replay):
            m.d.sync += self.sequence.eq(self._header.sequence)
        with m.If(self._sample_done):
            m.d.sync += [
                self.samples.p.value.eq(self._sample[: self._adc_bits].as_signed()),
                self.samples.p.first.eq(self._index == 0),
                held.eq(1),
                last.eq(self._last),
                dirty.eq(1),
            ]
        with m.If(self._frame_good & self._is[Type.WINDOW]):
            m.d.sync += [verified.eq(1), dirty.eq(0), next_sequence.eq(self._header.sequence)]

        with m.If(self._fault & dirty):
            m.d.sync += [self.abandon.eq(1), dirty.eq(0)]
            with m.If(held & ~offered):
                m.d.sync += held.eq(0)  # an unverified last sample: the core has not seen it
        with m.Elif(~held | taken):
            # A sample once offered stays offered until it is taken, and is void until then.
            m.d.sync += self.abandon.eq(0)

    def _keep(self, m: Module) -> None:
        """Store every window's samples; say whether a whole one is there."""
        m.d.comb += [
            self.argument.eq(self._sample),
            self.store.enable.eq(self._sample_done),
            self.store.address.eq(self._index),
            self.store.value.eq(self._sample[: self._adc_bits]),
        ]
        with m.If(self._sample_done):
            m.d.sync += self.stored.eq(0)
        with m.If(self._frame_good & self._is[Type.WINDOW]):
            m.d.sync += self.stored.eq(1)

    def _ask(self, m: Module) -> None:
        """Queue answers for the transmitter; tell what there is to count."""
        hello = self._is[Type.HELLO]
        questions = hello | self._is[Type.STATUS] | self.live
        kind = Mux(hello, Type.HELLO_REPLY, Type.STATUS_REPLY)
        if self._score_bits is not None:
            questions |= self._is_order
            kind = Mux(self._is_order, Type.THRESHOLD_REPLY, kind)
        asked = self._frame_good & questions
        with m.If(self.answer.valid & self.answer.ready):
            m.d.sync += self.answer.valid.eq(0)
        with m.Elif(asked & ~self.answer.valid):
            m.d.sync += [
                self.answer.valid.eq(1),
                self.answer.p.type.eq(kind),
                self.answer.p.sequence.eq(self._header.sequence),
            ]

        with m.If(self.refusal.valid & self.refusal.ready):
            m.d.sync += self.refusal.valid.eq(0)
        with m.Elif(self._fault & ~self.refusal.valid):
            m.d.sync += [
                self.refusal.valid.eq(1),
                self.refusal.p.code.eq(self._code),
                self.refusal.p.sequence.eq(self._header.sequence),
            ]
        m.d.comb += [
            *(
                self.events[code].eq(self._fault & (self._code == code))
                for code in set(ErrorCode) - {ErrorCode.FRAMING}
            ),
            self.events[Counter.FRAMING].eq(self.broken),
            self.events[Counter.BREAK].eq(self.broken & self.low),
            self.events[Counter.DROPPED].eq(
                (asked & self.answer.valid) | (self._fault & self.refusal.valid)
            ),
            self.events[Counter.FRAMES].eq(self._frame_good),
        ]


def store_port(input_samples: int, adc_bits: int) -> wiring.Signature:
    """Return what writes a window's samples into a memory."""
    return wiring.Signature(
        {
            "enable": Out(1),
            "address": Out(range(input_samples)),
            "value": Out(adc_bits),
        }
    )
