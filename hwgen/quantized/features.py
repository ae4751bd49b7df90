"""What every op has that turns a window into a magnitude spectrum, whatever its transform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.quantized.magnitude import EIGHTHS, mean_gain
from hwgen.quantized.op import Activations, QuantizedOp
from hwgen.quantized.precision import Precision


@dataclass(frozen=True, eq=False)
class QuantizedFeatures(QuantizedOp):
    """Approximate magnitudes of bins M down to 1 of ``2 M`` real samples, rounded.

    Parameters
    ----------
    window
        Real samples, 2 M.
    sample
        Format of a sample: signed ADC steps.
    magnitude
        Name of the approximation.
    shift
        Magnitudes are divided by ``2**shift``, halves up, then saturated to `out`.
    out
        Unsigned format of a feature.
    scale
        Real value of one in the feature's integers.
    """

    usual_shift: ClassVar[int] = 0
    guard: ClassVar[int] = EIGHTHS
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "sample": Format.from_json,
        "out": Format.from_json,
    }
    window: int
    sample: Format
    magnitude: str
    shift: int
    out: Format
    scale: float

    @property
    def points(self) -> int:
        """M, the number of features."""
        return self.window // 2

    @property
    def bin_width(self) -> int:
        """Bits that hold each part of a bin, signed, as the magnitude takes it."""
        raise NotImplementedError

    @property
    def output(self) -> Activations:
        """One channel of M features."""
        return Activations((1, self.points), self.out, np.array([self.scale]))


def rounded_magnitude(
    source: Activations, bits: Precision, shift: int, divided: int
) -> dict[str, Any]:
    """Return the fields that all `QuantizedFeatures` share but the name.

    Parameters
    ----------
    source
        Real samples.
    bits
        Widths and the magnitude method.
    shift
        Chosen by calibration.
    divided
        A bin is divided by ``2**divided`` before its magnitude is taken.

    Raises
    ------
    InputError
        If the source is not one channel of samples.
    """
    if len(source.shape) != 1 or source.scale.size != 1:
        raise InputError(
            f"a spectrum must read one channel of samples, not values of shape {source.shape}"
        )
    (window,) = source.shape
    # The samples' scale and the magnitude's mean gain fold into the next layer.
    (step,) = source.scale.tolist()
    scale = step * 2.0 ** (divided + shift) / window / mean_gain(bits.magnitude)
    return {
        "window": window,
        "sample": source.fmt,
        "magnitude": bits.magnitude,
        "shift": shift,
        "out": Format.of_width(bits.feature, signed=False, frac_bits=0),
        "scale": scale,
    }
