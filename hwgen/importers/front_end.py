"""What a graph's input is, where the user says that it is not the samples."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from hwgen.errors import InputError, UsageError
from hwgen.importers.bearingpga.geometry import DESCENDING, FROM_ZERO, Geometry, ends
from hwgen.network.ops.spectrum import MAX_WINDOW, MIN_WINDOW, Spectrum

FFT = "fft"
FRONT_ENDS = (FFT,)

_SCALES: dict[str, Callable[[int], float]] = {
    "1": lambda window: 1.0,
    "1/N": lambda window: 1 / window,
    "2/N": lambda window: 2 / window,
    "ortho": lambda window: 1 / math.sqrt(window),
}
FFT_SCALES = tuple(_SCALES)
"""What |FFT| of N samples was multiplied by; ``ortho`` is one over the root of N."""


def fft_factor(scale: str, window: int) -> float:
    """Return what one of `FFT_SCALES` stands for."""
    return _SCALES[scale](window)


@dataclass(frozen=True)
class FrontEnd:
    """Magnitudes of a window's bins, which were made where the data were loaded.

    Parameters
    ----------
    bins
        One of `hwgen.importers.BINS`; None: from zero.
    scale
        One of `FFT_SCALES`; None: 1.
    """

    bins: str | None = None
    scale: str | None = None

    def layer(self, count: int) -> Spectrum:
        """Return the layer that makes `count` magnitudes of samples.

        Raises
        ------
        InputError
            If there is no window of which there are as many.
        """
        window = 2 * (count - count % 2)
        whole = window & (window - 1) == 0 and MIN_WINDOW <= window <= MAX_WINDOW
        if not whole or (count % 2 and self.bins not in (None, FROM_ZERO, DESCENDING)):
            raise InputError(
                f"with --front-end {FFT} the input must be N/2 magnitudes of N samples, or N/2 + 1 "
                f"from bin 0 on, with N a power of two from {MIN_WINDOW} to {MAX_WINDOW:,}; not "
                f"{count:,}{f' with --bins {self.bins}' if self.bins else ''}"
            )
        first, last = ends(self.bins or FROM_ZERO, window)
        if count % 2:
            first, last = (0, window // 2) if first < last else (window // 2, 0)
        gain = fft_factor(self.scale or FFT_SCALES[0], window) * window
        return Spectrum("spectrum", window, first, last, gain)

    def told(self, name: str, layer: Spectrum) -> str:
        """Return what an input is taken for."""
        bins = layer.bins
        way = "up to" if bins[0] < bins[-1] else "down to"
        whose = "given" if self.bins else "default; --bins"
        scale = f"{self.scale} (given)" if self.scale else "1 (default; --fft-scale)"
        return (
            f"input {name} is |FFT| of N = {layer.window} samples, bins {bins[0]} {way} {bins[-1]} "
            f"({whose}), times {scale}"
        )


def said(
    front_end: str | None, fft_scale: str | None, geometry: Geometry | None
) -> FrontEnd | None:
    """Return what the user says of a graph's input; `UsageError` where it is no front-end."""
    for option, value, known in (
        ("front-end", front_end, FRONT_ENDS),
        ("fft-scale", fft_scale, FFT_SCALES),
    ):
        if value is not None and value not in known:
            raise UsageError(f"--{option} must be one of {', '.join(known)}, not {value!r}")
    if front_end is not None:
        return FrontEnd(None if geometry is None else geometry.bins, fft_scale)
    if fft_scale is not None:
        raise UsageError(f"--fft-scale needs --front-end {FFT}; leave it out, or give that too")
    return None
