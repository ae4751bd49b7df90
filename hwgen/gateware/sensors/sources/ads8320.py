"""Texas Instruments ADS8320: 16-bit SPI converter, at a supply of 2.7 V or more."""

from __future__ import annotations

from hwgen.gateware.sensors.part import Part
from hwgen.gateware.sensors.serial_adc import SETTLE, Pace

_BITS = 16
_CLOCK_HZ = 2.4e6
"""Of DCLOCK, at most: 24 periods a conversion at 100 kHz."""
_LEAD = 6
"""The input is sampled for 4.5 to 5 periods; a low bit follows the fifth falling edge."""
_REST_S = 1.5 / _CLOCK_HZ
"""CS high between conversions: 22 of the 24 periods are used."""

_PACE = Pace(_CLOCK_HZ, _LEAD, _BITS, _REST_S)

PART = Part(
    title="Texas Instruments ADS8320, 16-bit converter",
    sheet="SBAS108E",
    bus="spi",
    pins=("cs", "sck", "cipo"),
    bits=_BITS,
    rates=((100, 96_000),),
    receiver=_PACE.receiver,
    pace=_PACE.check,
    model=("converter", _BITS, _LEAD),
    settle=SETTLE,
)
