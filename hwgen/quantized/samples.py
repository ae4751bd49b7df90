"""The sensor's ADC: from physical values to the integers that the hardware takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import Integers, round_half_up, saturate
from hwgen.quantized.bits import Bits


def digitise(values: npt.ArrayLike, bits: Bits) -> Integers:
    """Return ADC steps of sensor values (g), halves up, saturating at full scale."""
    limit = 1 << (bits.adc - 1)
    scaled = np.clip(np.asarray(values, dtype=np.float64) / bits.lsb, -limit - 1.0, limit)
    return saturate(round_half_up(scaled), -limit, limit - 1)
