"""The board's end of `hwgen.protocol`: from bytes to samples for the core."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import In, Out

from hwgen import protocol
from hwgen.protocol import ErrorCode, Type


def sample_layout(adc_bits: int) -> data.StructLayout:
    """Return the core's input payload: the sample, and whether it begins a window."""
    return data.StructLayout({"value": signed(adc_bits), "first": 1})


REFUSAL = data.StructLayout({"code": 8, "sequence": 16})
"""Payload of an ERROR to send."""

_HEADER = data.StructLayout({"version": 8, "type": 8, "sequence": 16, "length": 32})


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

    Members
    -------
    i : In(stream of 8 bits, always ready)
        Bytes; at least four cycles apart, as any serial line has them.
    samples : Out(stream of value, first)
        To the core.
    abandon : Out(1)
        The samples since the last one marked first are void. High for a cycle, longer while the
        core still has to take a void sample that has been offered.
    hello : Out(stream of 16 bits)
        Sequence number of a HELLO to answer. One more that comes before it is taken is dropped.
    refusal : Out(stream of code, sequence)
        An ERROR to send; likewise.
    sequence : Out(16)
        Sequence number of the window that the core is at or was at last.
    done : In(1)
        The core's result has been taken.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(self, input_samples: int, adc_bits: int, timeout_cycles: int) -> None:
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
        super().__init__(
            {
                "i": In(stream.Signature(8, always_ready=True)),
                "samples": Out(stream.Signature(sample_layout(adc_bits))),
                "abandon": Out(1),
                "hello": Out(stream.Signature(16)),
                "refusal": Out(stream.Signature(REFUSAL)),
                "sequence": Out(16),
                "done": In(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Wire the parser to the sample register."""
        m = Module()
        self._header = Signal(_HEADER)
        self._fault = Signal()
        self._code = Signal(ErrorCode)
        self._sample = Signal(16)
        self._sample_done = Signal()  # a whole sample has come
        self._frame_good = Signal()  # a window's check sum was right
        self._index = Signal(range(self._input_samples))  # of the sample that has come
        self._last = Signal()  # it is the window's last
        self._overrun = Signal()
        m.d.sync += [
            self._fault.eq(0),
            self._last.eq(self._index == self._input_samples - 1),
        ]
        self._compare(m)
        self._parse(m, self._quiet_line(m))
        self._hold_sample(m)
        self._ask(m)
        return m

    def _quiet_line(self, m: Module) -> Signal:
        """Return whether no byte has come for the time-out."""
        idle = Signal(range(self._timeout_cycles + 1))
        quiet = Signal()
        with m.If(self.i.valid):
            m.d.sync += [idle.eq(0), quiet.eq(0)]
        with m.Elif(~quiet):
            m.d.sync += [idle.eq(idle + 1), quiet.eq(idle == self._timeout_cycles - 1)]
        return quiet

    def _compare(self, m: Module) -> None:
        """Compare header and sample with what they should be, one cycle late."""
        self._waited = Signal()
        self._is_hello = Signal()
        self._is_window = Signal()
        self._bad_version = Signal()
        self._bad_length = Signal()
        self._too_wide = Signal()
        header = self._header
        bad_hello = Signal()
        bad_window = Signal()
        m.d.comb += self._bad_length.eq(Mux(self._is_window, bad_window, bad_hello))
        signs = self._sample[self._adc_bits - 1 :]
        m.d.sync += [
            self._is_hello.eq(header.type == Type.HELLO),
            self._is_window.eq(header.type == Type.WINDOW),
            self._bad_version.eq(header.version != protocol.PROTOCOL_VERSION),
            bad_hello.eq(header.length != 0),
            bad_window.eq(header.length != 2 * self._input_samples),
            self._too_wide.eq(signs.any() & ~signs.all()),
        ]

    def _refuse(self, m: Module, code: ErrorCode, then: str = "DEAF") -> None:
        m.d.sync += [self._fault.eq(1), self._code.eq(code)]
        m.next = then

    def _parse(self, m: Module, quiet: Signal) -> None:
        """Follow the frame byte by byte.

        Bytes are many cycles apart, so every wide comparison has a cycle of its own before its
        outcome is used (`_settled`): the link must not be what limits the core's clock.
        """
        byte = self.i.payload
        m.submodules.crc = crc = CRC32_ISO_HDLC(8).create()
        count = Signal(range(protocol.HEADER_BYTES))
        high = Signal()
        match = Signal()
        m.d.comb += crc.data.eq(byte)
        m.d.sync += match.eq(crc.match_detected)

        with m.FSM():
            with m.State("HUNT"):
                m.d.comb += crc.start.eq(1)
                m.d.sync += [count.eq(0), high.eq(0), self._index.eq(0)]
                with m.If(self.i.valid & (byte == protocol.SYNC[0])):
                    m.next = "SYNC"
            with m.State("SYNC"):
                with m.If(self.i.valid & (byte == protocol.SYNC[1])):
                    m.next = "HEADER"
                with m.Elif((self.i.valid & (byte != protocol.SYNC[0])) | quiet):
                    m.next = "HUNT"
            with m.State("HEADER"), self._next_byte(m, crc, quiet):
                m.d.sync += self._header.eq(Cat(self._header.as_value()[8:], byte))
                self._count(m, count, protocol.HEADER_BYTES, "CHECK")
            with m.State("CHECK"), self._settled(m):
                self._check_header(m)
            with m.State("SAMPLES"), self._next_byte(m, crc, quiet):
                m.d.sync += [self._sample.eq(Cat(self._sample[8:], byte)), high.eq(~high)]
                with m.If(high):
                    m.next = "SAMPLE"
            with m.State("SAMPLE"), self._settled(m):
                self._check_sample(m)
            with m.State("CRC"), self._next_byte(m, crc, quiet):
                self._count(m, count, protocol.CRC_BYTES, "VERIFY")
            with m.State("VERIFY"), self._settled(m):
                with m.If(match):
                    m.d.comb += self._frame_good.eq(1)
                    m.next = "HUNT"
                with m.Else():
                    self._refuse(m, ErrorCode.BAD_CRC)
            with m.State("DEAF"), m.If(quiet):
                m.next = "HUNT"

    @contextlib.contextmanager
    def _next_byte(self, m: Module, crc: Any, quiet: Signal) -> Iterator[None]:
        """Do the block for each byte, which goes into the check sum; give up on a quiet line."""
        m.d.comb += crc.valid.eq(self.i.valid)
        m.d.sync += self._waited.eq(0)
        with m.If(quiet):
            self._refuse(m, ErrorCode.TIMEOUT, then="HUNT")
        with m.If(self.i.valid):
            yield

    @contextlib.contextmanager
    def _settled(self, m: Module) -> Iterator[None]:
        """Do the block in the state's second cycle."""
        m.d.sync += self._waited.eq(1)
        with m.If(self._waited):
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
        with m.Elif(~self._is_hello & ~self._is_window):
            self._refuse(m, ErrorCode.UNKNOWN_TYPE)
        with m.Elif(self._bad_length):
            self._refuse(m, ErrorCode.BAD_LENGTH)
        with m.Elif(self._is_window):
            m.next = "SAMPLES"
        with m.Else():
            m.next = "CRC"

    def _check_sample(self, m: Module) -> None:
        """Let the sample pass if it fits the converter's width and its register is free."""
        with m.If(self._too_wide):
            self._refuse(m, ErrorCode.BAD_SAMPLE)
        with m.Elif(self._overrun):
            self._refuse(m, ErrorCode.OVERRUN)
        with m.Else():
            m.d.comb += self._sample_done.eq(1)
            m.d.sync += self._index.eq(self._index + 1)
            m.next = "SAMPLES"
            with m.If(self._last):
                m.d.sync += self._index.eq(0)
                m.next = "CRC"

    def _hold_sample(self, m: Module) -> None:
        """Offer one sample at a time to the core; the last of a window only when it may go."""
        held = Signal()
        last = Signal()
        verified = Signal()
        dirty = Signal()  # samples of the frame being received are in the core
        busy = Signal()  # the core is at work behind a last sample
        next_sequence = Signal(16)
        offered = self.samples.valid
        taken = offered & self.samples.ready

        m.d.comb += [
            offered.eq(held & (~last | (verified & ~busy))),
            self._overrun.eq(held),
        ]
        with m.If(taken):
            m.d.sync += held.eq(0)
        with m.If(taken & last):
            m.d.sync += [busy.eq(1), verified.eq(0), self.sequence.eq(next_sequence)]
        with m.Elif(self.done):
            m.d.sync += busy.eq(0)
        with m.If(self._sample_done):
            m.d.sync += [
                self.samples.p.value.eq(self._sample[: self._adc_bits].as_signed()),
                self.samples.p.first.eq(self._index == 0),
                held.eq(1),
                last.eq(self._last),
                dirty.eq(1),
            ]
        with m.If(self._frame_good & self._is_window):
            m.d.sync += [verified.eq(1), dirty.eq(0), next_sequence.eq(self._header.sequence)]

        with m.If(self._fault & dirty):
            m.d.sync += [self.abandon.eq(1), dirty.eq(0)]
            with m.If(held & ~offered):
                m.d.sync += held.eq(0)  # an unverified last sample: the core has not seen it
        with m.Elif(~held | taken):
            # A sample once offered stays offered until it is taken, and is void until then.
            m.d.sync += self.abandon.eq(0)

    def _ask(self, m: Module) -> None:
        """Queue answers for the transmitter."""
        with m.If(self.hello.valid & self.hello.ready):
            m.d.sync += self.hello.valid.eq(0)
        with m.Elif(self._frame_good & self._is_hello & ~self.hello.valid):
            m.d.sync += [self.hello.valid.eq(1), self.hello.payload.eq(self._header.sequence)]

        with m.If(self.refusal.valid & self.refusal.ready):
            m.d.sync += self.refusal.valid.eq(0)
        with m.Elif(self._fault & ~self.refusal.valid):
            m.d.sync += [
                self.refusal.valid.eq(1),
                self.refusal.p.code.eq(self._code),
                self.refusal.p.sequence.eq(self._header.sequence),
            ]
