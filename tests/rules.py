"""What tests of several folders need of the quantized rules."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.quantized.op import Chosen
from hwgen.quantized.samples import sampled


def front_end(rule: ModuleType, layer: Spectrum, bits: Precision, scale: float, shift: int) -> Any:
    """Return what the rule of a front-end makes of a layer that reads one channel of samples."""
    return rule.quantize(layer, (sampled((layer.window,), bits, scale),), bits, Chosen(shift))
