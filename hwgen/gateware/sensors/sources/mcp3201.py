"""Microchip MCP3201: 12-bit SPI converter, at a supply of 2.7 V or more."""

from __future__ import annotations

from hwgen.gateware.sensors.part import Part
from hwgen.gateware.sensors.serial_adc import SETTLE, Pace

_BITS = 12
_CLOCK_HZ = 0.8e6
"""Of SCK, at most, at 2.7 V; at 5 V it might be twice that."""
_LEAD = 3
"""Two periods without output while the input is sampled, and a null bit."""
_REST_S = 625e-9
"""CS high between conversions, at least."""

_PACE = Pace(_CLOCK_HZ, _LEAD, _BITS, _REST_S)

PART = Part(
    title="Microchip MCP3201, 12-bit converter",
    sheet="DS21290F",
    bus="spi",
    pins=("cs", "sck", "cipo"),
    bits=_BITS,
    # slower, the charge of the sample leaks away: 10 kHz of SCK at least, whatever the rate is
    rates=((100, 49_000),),
    receiver=_PACE.receiver,
    pace=_PACE.check,
    model=("converter", _BITS, _LEAD),
    settle=SETTLE,
)
