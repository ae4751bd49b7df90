"""What every op has that turns a window into a magnitude spectrum, whatever its transform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Format, Integers
from hwgen.network.layer import UNSAID
from hwgen.network.ops import spectrum
from hwgen.quantized.magnitude import EIGHTHS, mean_gain
from hwgen.quantized.op import Activations, QuantizedOp
from hwgen.quantized.precision import Precision


@dataclass(frozen=True, eq=False)
class QuantizedFeatures(QuantizedOp):
    """Approximate magnitudes of bins of ``2 M`` real samples, rounded.

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
    first, last
        Bins that the features begin and end with, as `hwgen.network.ops.spectrum` has them; None: M
        down to 1.

    Raises
    ------
    InputError
        If there is no such window, or no such bins.
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
    first: int | None = field(default=None, kw_only=True, metadata=UNSAID)
    last: int | None = field(default=None, kw_only=True, metadata=UNSAID)

    def __post_init__(self) -> None:
        # Before anything is as long as it says.
        if type(self.window) is not int or not 1 < self.window <= spectrum.MAX_WINDOW:
            raise InputError(
                f"{self.name} window must be at most {spectrum.MAX_WINDOW:,} samples, not "
                f"{self.window!r}"
            )
        spectrum.bins(self.window, self.first, self.last)

    @property
    def points(self) -> int:
        """M: bins 0 to M are all there are."""
        return self.window // 2

    @property
    def bins(self) -> Integers:
        """The bin of each feature."""
        return spectrum.bins(self.window, self.first, self.last)

    @property
    def ascending(self) -> bool:
        """Whether bins go up."""
        return bool(self.bins[0] < self.bins[-1])

    @property
    def bin_width(self) -> int:
        """Bits that hold each part of a bin, signed, as the magnitude takes it."""
        raise NotImplementedError

    @property
    def output(self) -> Activations:
        """One channel of features."""
        return Activations((1, len(self.bins)), self.out, np.array([self.scale]))


def rounded_magnitude(
    layer: spectrum.Spectrum, source: Activations, bits: Precision, shift: int, divided: int
) -> dict[str, Any]:
    """Return the fields that all `QuantizedFeatures` share.

    Parameters
    ----------
    layer
        The float op.
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
    # The samples' scale, the magnitude's mean gain and the layer's fold into the next layer.
    (step,) = source.scale.tolist()
    scale = step * 2.0 ** (divided + shift) / window / mean_gain(bits.magnitude)
    return {
        "name": layer.name,
        "window": window,
        "sample": source.fmt,
        "magnitude": bits.magnitude,
        "shift": shift,
        "out": Format.of_width(bits.feature, signed=False, frac_bits=0),
        "scale": scale * layer.gain,
        "first": layer.first,
        "last": layer.last,
    }
