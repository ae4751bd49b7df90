"""Widths and methods that a user may choose, with the defaults."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from hwgen.errors import UsageError
from hwgen.quantized.magnitude import MAGNITUDES

TRANSFORMS = ("fft", "dft")
"""A streaming FFT; or a DFT by accumulation, which leaves little to do after the last sample."""

_RANGES = {
    "adc": (4, 16),
    "data": (12, 18),
    "twiddle": (8, 18),
    "feature": (2, 16),
    "conv_weight": (2, 16),
    "activation": (2, 16),
    "dense_weight": (2, 16),
}


VALUES = ("feature", "activation")
"""Widths of values between layers."""

WEIGHTS = ("conv_weight", "dense_weight")
"""Widths of weights."""


@dataclass(frozen=True)
class Precision:
    """Widths in bits, and methods.

    Parameters
    ----------
    adc
        Signed samples of the sensor.
    data, twiddle
        Signed data and twiddle factors of the transform; 18 is what one multiplier takes.
    feature, activation
        Magnitudes entering the first layer, and the values between later layers.
    conv_weight, dense_weight
        Signed weights.
    magnitude
        Name of the magnitude approximation, a key of `hwgen.quantized.magnitude.MAGNITUDES`.
    full_scale
        Sensor value (g) of the ADC's positive end: the ADC's step is
        ``full_scale / 2**(adc - 1)``.
    transform
        How the spectrum is computed, one of `TRANSFORMS`.
    """

    adc: int = 16
    data: int = 18
    twiddle: int = 18
    feature: int = 8
    conv_weight: int = 8
    activation: int = 8
    dense_weight: int = 8
    magnitude: str = "max-7/8-1/2"
    full_scale: float = 16.0
    transform: str = "fft"

    def __post_init__(self) -> None:
        for field, (low, high) in _RANGES.items():
            value = getattr(self, field)
            if not isinstance(value, int) or not low <= value <= high:
                raise UsageError(f"{field} bits must be {low} to {high}, not {value!r}")
        if self.magnitude not in MAGNITUDES:
            known = ", ".join(MAGNITUDES)
            raise UsageError(f"magnitude must be one of {known}, not {self.magnitude!r}")
        if self.transform not in TRANSFORMS:
            known = ", ".join(TRANSFORMS)
            raise UsageError(f"transform must be one of {known}, not {self.transform!r}")
        if not 0 < self.full_scale < 1e9:
            raise UsageError(f"full-scale must be a positive number (g), not {self.full_scale!r}")
        if self.data < self.adc:
            raise UsageError(f"data bits must be at least adc bits ({self.adc}), not {self.data}")

    @property
    def lsb(self) -> float:
        """Sensor value (g) of one ADC step."""
        return float(self.full_scale * 2.0 ** (1 - self.adc))

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dataclasses.asdict(self)
