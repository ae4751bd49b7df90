"""A serial line, 8N1: eight data bits, least significant first, no parity, one stop bit."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from hwgen.errors import CannotMeetError

_SMALLEST_DIVISOR = 8
_SAMPLE_BITS = 20
"""On the line: two bytes, each with start and stop bit."""
_LARGEST_BAUD_ERROR = 0.02
"""Of the bit rate; both ends together may be half a bit wrong after ten bits, 5 per cent."""


def uart_divisor(clock_mhz: float, baud: int) -> int:
    """Return the clock cycles of one bit.

    Raises
    ------
    CannotMeetError
        If the clock cannot make the bit rate within 2 per cent.
    """
    if baud <= 0:
        raise CannotMeetError(f"baud must be positive, not {baud}")
    divisor = round(clock_mhz * 1e6 / baud)
    actual = clock_mhz * 1e6 / max(divisor, 1)
    if divisor < _SMALLEST_DIVISOR or abs(actual / baud - 1) > _LARGEST_BAUD_ERROR:
        raise CannotMeetError(
            f"baud must be at most {int(clock_mhz * 1e6) // _SMALLEST_DIVISOR} and a whole "
            f"fraction of the clock ({clock_mhz:g} MHz) within 2 %, not {baud}"
        )
    return divisor


def check_pace(divisor: int, pause: int, baud: int) -> None:
    """Refuse a line that is faster than the core: a sample takes two bytes of ten bits.

    Parameters
    ----------
    divisor
        Clock cycles of a bit.
    pause
        Cycles that the core needs from one sample to the next.
    baud
        For the message.

    Raises
    ------
    CannotMeetError
        If samples would come faster than the core takes them.
    """
    if _SAMPLE_BITS * divisor < pause:
        highest = baud * _SAMPLE_BITS * divisor // pause
        raise CannotMeetError(
            f"baud must be at most {highest} for a design that takes a sample every {pause} "
            f"cycles, not {baud}; give --baud {highest // 1000 * 1000}"
        )


def _check_divisor(divisor: int) -> None:
    if not isinstance(divisor, int):
        raise TypeError(f"divisor must be an integer, not {divisor!r}")
    if divisor < _SMALLEST_DIVISOR:
        raise ValueError(f"divisor must be at least {_SMALLEST_DIVISOR}, not {divisor}")


class UartReceiver(wiring.Component):
    """Turn a serial line into bytes; a byte whose stop bit is missing is dropped.

    Parameters
    ----------
    divisor
        Clock cycles of one bit, at least 8.

    Members
    -------
    rx : In(1)
        The line, asynchronous to the clock; idle high.
    o : Out(stream of 8 bits, always ready)
        Received bytes.
    broken : Out(1)
        High for a cycle in the place of a byte whose stop bit is missing.
    low : Out(1)
        With `broken`: there was no 1 in it, so the line was low for a byte or longer.

    Latency
    -------
    A byte appears near the middle of its stop bit.

    Raises
    ------
    TypeError, ValueError
        If `divisor` is wrong.
    """

    def __init__(self, divisor: int) -> None:
        _check_divisor(divisor)
        self._divisor = divisor
        super().__init__(
            {
                "rx": In(1, init=1),
                "o": Out(stream.Signature(8, always_ready=True)),
                "broken": Out(1),
                "low": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Take each bit as the majority of three samples around its middle."""
        m = Module()
        line = Signal(init=1)
        m.submodules.sync_rx = FFSynchronizer(self.rx, line, init=1)

        middle = self._divisor // 2
        spread = max(1, self._divisor // 16)
        timer = Signal(range(self._divisor))
        index = Signal(range(10))
        taps = Signal(2)
        data = Signal(8)
        bit = Signal()
        counting = Signal()
        sample, decide, wrap = Signal(), Signal(), Signal()  # what it is the time of
        start, stop = Signal(), Signal()  # which bit it is
        m.d.comb += bit.eq((taps[0] & taps[1]) | (line & (taps[0] | taps[1])))
        m.d.sync += [
            self.o.valid.eq(decide & stop & bit),
            self.broken.eq(decide & stop & ~bit),
            start.eq(index == 0),
            stop.eq(index == 9),
            sample.eq(counting & ((timer == middle + spread + 1) | (timer == middle + 1))),
            decide.eq(counting & (timer == middle - spread + 1)),
            wrap.eq(counting & (timer == 1)),
        ]

        with m.If(decide & stop):
            m.d.sync += [self.o.payload.eq(data), self.low.eq(~data.any())]

        with m.FSM():
            with m.State("QUIET"), m.If(line):
                m.next = "IDLE"
            with m.State("IDLE"):
                m.d.sync += [timer.eq(self._divisor - 2), index.eq(0)]
                with m.If(~line):
                    m.next = "BITS"
            with m.State("BITS"):
                m.d.comb += counting.eq(1)
                m.d.sync += timer.eq(timer - 1)
                with m.If(wrap):
                    m.d.sync += [timer.eq(self._divisor - 1), index.eq(index + 1)]
                with m.If(sample):
                    m.d.sync += taps.eq(Cat(line, taps[0]))
                with m.If(decide):
                    m.d.sync += data.eq(Cat(data[1:], bit))
                    with m.If(start & bit):
                        m.next = "IDLE"  # a spike, no start bit
                    with m.If(stop):
                        # A missing stop bit is damage or a break: wait for its end.
                        m.next = "QUIET"
        return m


class UartTransmitter(wiring.Component):
    """Turn bytes into a serial line.

    Parameters
    ----------
    divisor
        Clock cycles of one bit, at least 8.

    Members
    -------
    i : In(stream of 8 bits)
        Bytes to send.
    tx : Out(1)
        The line; idle high.

    Latency
    -------
    One byte each ``10 * divisor + 1`` cycles.

    Raises
    ------
    TypeError, ValueError
        If `divisor` is wrong.
    """

    def __init__(self, divisor: int) -> None:
        _check_divisor(divisor)
        self._divisor = divisor
        super().__init__({"i": In(stream.Signature(8)), "tx": Out(1, init=1)})

    def elaborate(self, platform: Any) -> Module:
        """Shift out start bit, data and stop bit."""
        m = Module()
        timer = Signal(range(self._divisor))
        left = Signal(range(11))
        shift = Signal(9)
        idle = Signal(init=1)  # nothing is left
        due = Signal(init=1)  # the timer is at 0
        m.d.comb += self.i.ready.eq(idle)
        with m.If(self.i.valid & idle):
            m.d.sync += [
                self.tx.eq(0),
                shift.eq(Cat(self.i.payload, Const(1, 1))),
                left.eq(10),
                idle.eq(0),
                timer.eq(self._divisor - 1),
                due.eq(0),
            ]
        with m.Elif(~due):
            m.d.sync += [timer.eq(timer - 1), due.eq(timer == 1)]
        with m.Elif(~idle):
            m.d.sync += [
                self.tx.eq(shift[0]),
                shift.eq(Cat(shift[1:], Const(1, 1))),
                left.eq(left - 1),
                idle.eq(left == 1),
                timer.eq(self._divisor - 1),
                due.eq(0),
            ]
        return m
