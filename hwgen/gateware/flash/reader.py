"""Reads the weights' image from the board's flash: checks it at start, then streams it for ever."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal
from amaranth.lib import crc, stream, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.gateware.flash.plan import ADDRESS_BITS
from hwgen.plans.weights.flash import Pace
from hwgen.plans.weights.image import HEADER_BYTES, MARK_BYTES, base, header

READS = {1: 0x0B, 2: 0x3B, 4: 0x6B}
"""Commands by data lines: fast read, dual and quad output; 8 clocks between address and data."""
WAKE = 0xAB
DUMMY_BITS = 8
_COMMAND_BITS = 8
_SYNCHRONISER = 2
"""Cycles from a pin to where its level is looked at."""
_QUEUE = 4
"""Bytes that wait for whoever takes them; two more may be on their way."""

READER_PINS = wiring.Signature({"cs": Out(1), "sck": Out(1), "o": Out(4), "oe": Out(4), "i": In(4)})
"""``cs`` is high while the flash is selected; bit 0 of the data is what a single line sends, bit 1
what it takes."""


class ImageState(enum.IntEnum):
    """What has become of the image."""

    CHECKING = 0
    SOUND = 1
    ABSENT = 2
    """No image is there at all: no flash, or an empty one."""
    FOREIGN = 3
    """It is another build's, or of another version."""
    CORRUPT = 4
    """Its check sum is wrong."""


@dataclass(frozen=True)
class ReaderPlan:
    """How an image is read.

    Parameters
    ----------
    base
        Its address.
    lines
        Data lines: 1, 2 or 4.
    half
        Clock cycles for which the flash's clock is high, and low.
    settle
        Cycles that it takes to wake.
    """

    base: int
    lines: int
    half: int
    settle: int = 2000

    def __post_init__(self) -> None:
        if not 0 <= self.base < 1 << ADDRESS_BITS:
            raise ValueError(f"base must be below {1 << ADDRESS_BITS}, not {self.base}")
        if self.lines not in READS:
            raise ValueError(f"lines must be 1, 2 or 4, not {self.lines}")
        positive("half", self.half)
        positive("settle", self.settle)

    @property
    def gap(self) -> int:
        """Cycles for which the flash is not selected between two reads."""
        return 4 * self.half + _SYNCHRONISER

    @property
    def pace(self) -> Pace:
        """Of the stream, where nothing waits."""
        head = _COMMAND_BITS + ADDRESS_BITS + DUMMY_BITS
        return Pace(8 // self.lines * 2 * self.half, head * 2 * self.half + self.gap + 8)


MOST_MHZ = 25.0
"""Of the flash's clock: from its edge to where its bit is looked at goes a period, of which the way
through the chip's pads takes up to half."""
_SETTLE_S = 40e-6
"""W25Q128JV 3 us, AT25SF081 5 us, MX25L6433F 10 us."""


def plan_reader(size: int, clock_mhz: float, lines: int = 1) -> ReaderPlan:
    """Return how an image in a flash of `size` bytes is read with a clock."""
    half = max(1, math.ceil(clock_mhz / (2 * MOST_MHZ)))
    return ReaderPlan(base(size), lines, half, max(1, round(_SETTLE_S * clock_mhz * 1e6)))


class FlashReader(wiring.Component):
    """Checks an image, then gives its stream again and again.

    Nothing leaves until header and check sum have been found right; after that whoever takes the
    stream checks each. While nobody takes bytes the flash's clock stands.

    Parameters
    ----------
    content
        The stream that is to be there.
    plan
        How it is read.

    Members
    -------
    o
        Its bytes.
    state
        Of the image.
    pins
        The flash's.
    """

    def __init__(self, content: bytes, plan: ReaderPlan) -> None:
        self._content, self.plan = content, plan
        super().__init__(
            {
                "o": Out(stream.Signature(8)),
                "state": Out(ImageState),
                "pins": Out(READER_PINS),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Return the clock, what is sent and taken, and what is made of it."""
        m = Module()
        self._started, self._flows = Signal(), Signal()
        self._byte, self._came = Signal(8), Signal()
        taken = Signal()
        m.d.comb += taken.eq(self.o.valid & self.o.ready)
        streaming = self._judge(m)
        self._clock(m, self._queue(m, streaming, taken))
        return m

    def _queue(self, m: Module, streaming: Any, taken: Any) -> Any:
        """Keep bytes until they are taken; return whether there is room for those on their way."""
        words = [Signal(8, name=f"queued_{n}", reset_less=True) for n in range(2 * _QUEUE)]
        count = Signal(range(2 * _QUEUE + 1))
        put = self._came & streaming
        m.d.sync += count.eq(count + put - taken)
        with m.If(put):
            m.d.sync += Cat(*words).eq(Cat(self._byte, *words[:-1]))
        m.d.comb += [
            self.o.valid.eq(count != 0),
            self.o.payload.eq(Array(words)[(count - 1)[: count.shape().width - 1]]),
        ]
        return count < _QUEUE

    def _judge(self, m: Module) -> Any:
        """Compare the header, check the stream; return whether bytes are the stream's for good."""
        expected = header(self._content)
        length = HEADER_BYTES + len(self._content)
        at = Signal(range(length + 1))
        wanted = Array(Const(byte, 8) for byte in expected)
        strange = self._byte != wanted[at[: (HEADER_BYTES - 1).bit_length()]]
        m.submodules.crc = check = crc.Processor(CRC32_ISO_HDLC(8))
        judged, checking = Signal(), Signal()
        m.d.comb += [
            checking.eq(self.state == ImageState.CHECKING),
            check.valid.eq(self._came & checking & (at >= HEADER_BYTES)),
            check.data.eq(self._byte),
            self._flows.eq(checking | (self.state == ImageState.SOUND)),
        ]
        m.d.sync += judged.eq(self._came & checking & (at == length - 1))
        with m.If(self._came):
            m.d.sync += at.eq(Mux(at == length - 1, HEADER_BYTES, at + 1))
            with m.If(checking & (at < HEADER_BYTES) & strange):
                m.d.sync += self.state.eq(
                    Mux(at < MARK_BYTES, ImageState.ABSENT, ImageState.FOREIGN)
                )
        with m.If(judged & checking):
            m.d.sync += self.state.eq(
                Mux(check.match_detected, ImageState.SOUND, ImageState.CORRUPT)
            )
        self._last = Signal()
        m.d.comb += self._last.eq(at == length - 1)
        return self.state == ImageState.SOUND

    def _clock(self, m: Module, room: Any) -> None:
        """Send commands and addresses, and clock as many bytes as there are."""
        plan, pins = self.plan, self.pins
        lines = plan.lines
        timer, due = Signal(range(max(2, plan.half))), Signal()
        m.d.comb += due.eq(timer == 0)
        m.d.sync += timer.eq(Mux(due, plan.half - 1, timer - 1))
        head = Signal(_COMMAND_BITS + ADDRESS_BITS + DUMMY_BITS)
        left = Signal(range(max(len(head), plan.gap, plan.settle) + 1))
        total = HEADER_BYTES + len(self._content)
        bytes_left = Signal(range(total + 1))
        steps = Signal(range(8 // lines)) if lines < 8 else Signal()
        step = Signal()  # a bit of each line has been there for a period
        woken, first = Signal(), Signal(init=1)
        m.d.comb += [pins.o.eq(Cat(head[-1], Const(0, 3))), pins.oe[0].eq(~self._started)]
        with m.FSM():
            with m.State("IDLE"):
                # The first clocks behind a configuration may be swallowed: the first command wakes.
                m.d.sync += [timer.eq(plan.half - 1), self._started.eq(0)]
                m.d.sync += [
                    head.eq(self._command(woken, first)),
                    left.eq(Mux(woken, len(head) - 1, _COMMAND_BITS - 1)),
                    bytes_left.eq(Mux(first, total, len(self._content))),
                    steps.eq(0),
                ]
                with m.If(self._flows):
                    m.d.sync += pins.cs.eq(1)
                    m.next = "LOW"
            with m.State("LOW"), m.If(due & (~self._started | (steps != 0) | room)):
                m.d.sync += pins.sck.eq(1)
                m.next = "HIGH"
            with m.State("HIGH"), m.If(due):
                m.d.sync += [pins.sck.eq(0), head.eq(head << 1)]
                m.next = "LOW"
                with m.If(self._started):
                    m.d.comb += step.eq(1)
                    m.d.sync += steps.eq(steps + 1)
                    with m.If(steps == 8 // lines - 1):
                        m.d.sync += [steps.eq(0), bytes_left.eq(bytes_left - 1)]
                        with m.If(bytes_left == 1):
                            m.d.sync += first.eq(0)
                            m.next = "END"
                with m.Else():
                    m.d.sync += left.eq(left - 1)
                    with m.If(left == 0):
                        m.d.sync += self._started.eq(woken)
                        with m.If(~woken):
                            m.next = "END"
            with m.State("END"), m.If(due):
                m.d.sync += [pins.cs.eq(0), left.eq(Mux(woken, plan.gap, plan.settle) - 1)]
                m.next = "GAP"
            with m.State("GAP"):
                m.d.sync += [left.eq(left - 1), woken.eq(1), timer.eq(plan.half - 1)]
                with m.If(left == 0):
                    m.next = "IDLE"
        self._take(m, step, steps)

    def _command(self, woken: Any, first: Any) -> Any:
        """Return what is sent: a read of the image, or of its stream, or at first what wakes."""
        places = [Const(self.plan.base + more, ADDRESS_BITS) for more in (0, HEADER_BYTES)]
        read = Const(READS[self.plan.lines], _COMMAND_BITS)
        wake = Cat(Const(0, ADDRESS_BITS + DUMMY_BITS), Const(WAKE, _COMMAND_BITS))
        return Mux(woken, Cat(Const(0, DUMMY_BITS), Mux(first, *places), read), wake)

    def _take(self, m: Module, step: Any, steps: Any) -> None:
        """Make bytes of what the lines have, which is seen a few cycles late."""
        lines = self.plan.lines
        seen = self.pins.i
        for number in range(_SYNCHRONISER):
            later = Signal(4, name=f"seen_{number}", reset_less=True)
            m.d.sync += later.eq(seen)
            seen = later
        bits = seen[1] if lines == 1 else seen[:lines]
        final = steps == 8 // lines - 1
        now, whole = step, step & final
        for number in range(_SYNCHRONISER):
            late, end = Signal(name=f"step_{number}"), Signal(name=f"whole_{number}")
            m.d.sync += [late.eq(now), end.eq(whole)]
            now, whole = late, end
        gathered = Signal(8 - lines, reset_less=True)
        following = Cat(bits, gathered)
        with m.If(now):
            m.d.sync += gathered.eq(following)
        m.d.comb += [self._byte.eq(following), self._came.eq(whole)]
