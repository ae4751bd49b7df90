"""TDK InvenSense ICS-43434: MEMS microphone with I2S output."""

from __future__ import annotations

from hwgen.gateware.sensors.i2s import I2sReceiver, i2s_period
from hwgen.gateware.sensors.part import Part
from hwgen.gateware.sensors.sampling import Sampling

_BITS = 24
_CLOCK_HZ = 64 * 51_600
"""Of SCK, at most."""
_SETTLE = 4096
"""Frames: start-up and mute are over in less at any rate (as the INMP441's 2^18 SCK)."""


def _pace(sampling: Sampling) -> int:
    return i2s_period(sampling, _CLOCK_HZ)


def _receiver(sampling: Sampling) -> I2sReceiver:
    return I2sReceiver(_pace(sampling), _BITS, _SETTLE)


PART = Part(
    title="TDK InvenSense ICS-43434, MEMS microphone",
    sheet="DS-000069 revision 1.2",
    bus="i2s",
    pins=("sck", "ws", "sd"),
    bits=_BITS,
    # low-power and high-performance mode; the part chooses by the frequency of SCK, 64 a frame
    rates=((6_250, 18_750), (23_000, 50_000)),
    receiver=_receiver,
    pace=_pace,
    model=("i2s", _BITS),
    settle=_SETTLE,
)
