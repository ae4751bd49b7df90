"""Microchip MCP3201: 12-bit SPI converter, at a supply of 2.7 V or more."""

from __future__ import annotations

from hwgen.boards.part import Part
from hwgen.boards.sampling import Sampling
from hwgen.boards.serial_adc import SerialAdc, serial_adc

_BITS = 12
_CLOCK_HZ = 0.8e6
"""Of SCK, at most, at 2.7 V; at 5 V it might be twice that."""
_LEAD = 3
"""Two periods without output while the input is sampled, and a null bit."""
_REST_S = 625e-9
"""CS high between conversions, at least."""


def _receiver(sampling: Sampling) -> SerialAdc:
    return serial_adc(sampling, clock_hz=_CLOCK_HZ, lead=_LEAD, bits=_BITS, rest_s=_REST_S)


PART = Part(
    title="Microchip MCP3201, 12-bit converter",
    sheet="DS21290F",
    bus="spi",
    pins=("cs", "sck", "cipo"),
    bits=_BITS,
    # slower, the charge of the sample leaks away: 10 kHz of SCK at least, whatever the rate is
    rates=((100, 49_000),),
    receiver=_receiver,
)
