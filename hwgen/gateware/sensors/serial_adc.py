"""Receives a converter whose conversion is clocked by the reading of its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib.cdc import FFSynchronizer

from hwgen.checks import positive
from hwgen.errors import CannotMeetError
from hwgen.gateware.sensors.part import Receiver
from hwgen.gateware.sensors.sampling import SYNCHRONISER, Sampling, check_half

SETTLE = 1
"""Conversions that are dropped after a start: the first one wakes the part."""


@dataclass(frozen=True)
class Pace:
    """What a converter wants of its clock.

    Parameters
    ----------
    clock_hz
        SCK's highest frequency.
    lead, bits
        Periods of SCK before the most significant bit, and bits.
    rest_s
        Seconds between conversions, at least.
    """

    clock_hz: float
    lead: int
    bits: int
    rest_s: float

    def check(self, sampling: Sampling) -> tuple[int, int]:
        """Return the clock cycles of half a period of SCK, and of the rest.

        Raises
        ------
        CannotMeetError
            If a conversion takes longer than from one sample to the next.
        """
        half = max(SYNCHRONISER + 1, sampling.cycles(0.5 / self.clock_hz))
        rest = sampling.cycles(self.rest_s)
        needed = 2 * half * (self.lead + self.bits) + rest
        if sampling.period < needed:
            raise CannotMeetError(
                f"sensor rate must be at most {int(sampling.clock_mhz * 1e6) // needed} Hz for "
                f"this converter at a clock of {sampling.clock_mhz:g} MHz, not "
                f"{sampling.rate_hz:g} Hz; give another --sensor-rate or --clock-mhz"
            )
        return half, rest

    def receiver(self, sampling: Sampling) -> SerialAdc:
        """Return the component for the converter."""
        half, rest = self.check(sampling)
        return SerialAdc(sampling.period, half, self.lead, self.bits, rest)


class SerialAdc(Receiver):
    """Start a conversion each period and shift its straight binary result in.

    Parameters
    ----------
    period
        Clock cycles from one conversion to the next: the falling edges of CS are exactly so far
        apart.
    half
        Clock cycles of half a period of SCK, at least 3.
    lead
        Periods of SCK before the one in which the most significant bit is read.
    bits
        Of a result. The middle of the range becomes 0.
    rest
        Clock cycles that CS must be high between conversions.

    Members
    -------
    cs : Out(1)
        Low during a conversion.
    sck : Out(1)
        Low when idle.
    cipo : In(1)
        From the part, which changes it as SCK falls; read just before SCK falls again.
    o, absent
        As `source_ports` has them; nobody can tell whether such a converter is absent.

    Latency
    -------
    A sample comes a cycle after its last bit.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong, or the period too short for a conversion.
    """

    def __init__(self, period: int, half: int, lead: int, bits: int, rest: int) -> None:
        self._half = check_half("half", half)
        self._clocks = positive("lead", lead) + positive("bits", bits)
        self._bits = bits
        needed = 2 * half * self._clocks + positive("rest", rest)
        self._period = positive("period", period, needed)
        super().__init__(bits, "spi", ("cs", "sck", "cipo"))

    def elaborate(self, platform: Any) -> Module:
        """Count cycles of a half period, half periods of a conversion, and the whole period."""
        m = Module()
        line = Signal()
        m.submodules.sync_cipo = FFSynchronizer(self.cipo, line)
        timer = Signal(range(self._period))
        slow = Signal(range(self._half))
        halves = Signal(range(2 * self._clocks + 1))  # odd: SCK is high
        busy = Signal()
        shift = Signal(self._bits, reset_less=True)
        last = Signal()
        value = Cat(line, shift[:-1])
        m.d.comb += [self.cs.eq(~busy), self.sck.eq(halves[0])]
        m.d.sync += timer.eq(timer + 1)
        with m.If(timer == self._period - 1):
            m.d.sync += [timer.eq(0), busy.eq(1), slow.eq(0), halves.eq(0)]
        with m.Elif(busy):
            m.d.sync += slow.eq(slow + 1)
            with m.If(slow == self._half - 1):
                m.d.sync += [slow.eq(0), halves.eq(halves + 1)]
                with m.If(halves[0]):
                    m.d.sync += shift.eq(value)
                with m.If(halves == 2 * self._clocks - 1):
                    m.d.comb += last.eq(1)
                    m.d.sync += busy.eq(0)
        # Straight binary to two's complement.
        self.give(m, last, Cat(value[:-1], ~value[-1]).as_signed(), settle=SETTLE)
        return m
