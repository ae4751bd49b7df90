"""Receives one channel of an I2S part that is clocked from here."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib.cdc import FFSynchronizer

from hwgen.checks import positive
from hwgen.errors import CannotMeetError
from hwgen.gateware.sensors.part import Receiver
from hwgen.gateware.sensors.sampling import SYNCHRONISER, Sampling, check_half

HALVES = 128
"""Half periods of SCK in a frame: two slots of 32 bits."""


def i2s_period(sampling: Sampling, clock_hz: float) -> int:
    """Return the clock cycles of a frame for a part whose SCK may be as fast as `clock_hz`.

    Raises
    ------
    CannotMeetError
        If no period of SCK can be that short and the mean right, or the clock is too slow.
    """
    period = sampling.period
    shortest = 2 * period // HALVES
    slowest = HALVES * (SYNCHRONISER + 1) * sampling.rate_hz / 1e6
    if period < HALVES * (SYNCHRONISER + 1):
        raise CannotMeetError(
            f"the clock must be at least {slowest:g} MHz for I2S at {sampling.rate_hz:g} Hz, not "
            f"{sampling.clock_mhz:g} MHz; give another --clock-mhz or --sensor-rate"
        )
    if shortest < sampling.clock_mhz * 1e6 / clock_hz - 1e-6:
        raise CannotMeetError(
            f"SCK must be at most {clock_hz / 1e6:g} MHz, and with a clock of "
            f"{sampling.clock_mhz:g} MHz its shortest period for {sampling.rate_hz:g} Hz is that "
            f"of {sampling.clock_mhz / shortest:g} MHz; give a lower --sensor-rate"
        )
    return period


class I2sReceiver(Receiver):
    """Clock an I2S part and take its left channel.

    A frame lasts exactly `period` cycles, whatever that is divided by 128 leaves over: half
    periods of SCK differ by at most one clock cycle, in the same places of each frame.

    Parameters
    ----------
    period
        Clock cycles of a frame, at least 384.
    bits
        Of a sample, most significant first, one SCK behind the change of WS; at most 31.
    settle
        Frames after reset whose samples are dropped.

    Members
    -------
    sck, ws : Out(1)
        To the part; WS is low for the left channel and changes as SCK falls.
    sd : In(1)
        From the part, which changes it as SCK falls; read just before SCK falls again.
    o, absent
        As `source_ports` has them; nobody can tell whether a microphone is absent.

    Latency
    -------
    A sample comes a cycle after its last bit.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(self, period: int, bits: int, settle: int = 0) -> None:
        check_half("period / 128", positive("period", period) // HALVES)
        if positive("bits", bits) > 31:
            raise ValueError(f"bits must be at most 31, not {bits}")
        self._period = period
        self._bits = bits
        self._settle = positive("settle", settle, 0)
        super().__init__(bits, "i2s", ("sck", "ws", "sd"))

    def elaborate(self, platform: Any) -> Module:
        """Count half periods of SCK by adding up."""
        m = Module()
        line = Signal()
        m.submodules.sync_sd = FFSynchronizer(self.sd, line)
        phase = Signal(range(self._period))
        half = Signal(range(HALVES))  # odd: SCK is high
        step = Signal()
        with m.If(phase >= self._period - HALVES):
            m.d.comb += step.eq(1)
            m.d.sync += [phase.eq(phase + (HALVES - self._period)), half.eq(half + 1)]
        with m.Else():
            m.d.sync += phase.eq(phase + HALVES)
        m.d.comb += [self.sck.eq(half[0]), self.ws.eq(half[6])]

        shift = Signal(self._bits, reset_less=True)
        value = Cat(line, shift[:-1])
        bit = half[1:6]
        falls = Signal()
        m.d.comb += falls.eq(step & half[0])
        with m.If(falls):
            m.d.sync += shift.eq(value)
        last = falls & ~half[6] & (bit == self._bits)
        self.give(m, last, value.as_signed(), settle=self._settle)
        return m
