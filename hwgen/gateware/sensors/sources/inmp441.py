"""TDK InvenSense INMP441: MEMS microphone with I2S output."""

from __future__ import annotations

from hwgen.gateware.sensors.i2s import I2sReceiver, i2s_period
from hwgen.gateware.sensors.part import Part
from hwgen.gateware.sensors.sampling import Sampling

_BITS = 24
_CLOCK_HZ = 3.2e6
"""Of SCK, at most."""
_SETTLE = 4096
"""Frames of 64 SCK: zeros come for 2^18 SCK after power-up."""


def _pace(sampling: Sampling) -> int:
    return i2s_period(sampling, _CLOCK_HZ)


def _receiver(sampling: Sampling) -> I2sReceiver:
    return I2sReceiver(_pace(sampling), _BITS, _SETTLE)


PART = Part(
    title="TDK InvenSense INMP441, MEMS microphone",
    sheet="DS-INMP441-00 revision 1.1",
    bus="i2s",
    pins=("sck", "ws", "sd"),
    bits=_BITS,
    rates=((7_813, 48_000),),  # SCK, 64 a frame, is 0.5 to 3.2 MHz; its periods differ
    receiver=_receiver,
    pace=_pace,
    model=("i2s", _BITS),
    settle=_SETTLE,
)
