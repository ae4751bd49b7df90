"""Integer magnitude spectrum by accumulation: each sample is added to every bin as it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, Integers, round_half_up, shift_half_up, signed_width
from hwgen.network.ops import spectrum
from hwgen.quantized.features import QuantizedFeatures, rounded_magnitude
from hwgen.quantized.op import Activations, Chosen, integers
from hwgen.quantized.precision import Precision


@dataclass(frozen=True, eq=False)
class QuantizedDft(QuantizedFeatures):
    """``|DFT(x)|``, bins of a window of ``2 M`` real samples, by its definition.

    With N = 2 M and C(p) the integer cosine of phase p (`wave`),
    ``X[k] = sum over n of x[n] * (C(n k) + j C(n k + N/4))``, exactly. Each part of X is divided by
    ``2**drop``, halves up: the one rounding before the magnitude.

    Bins that go up are computed as those that are their mirrors, N - k, which go down (`turns`).

    Parameters
    ----------
    cosine
        ``(M,)`` integers: C of phases 0 .. M - 1, a half wave.
    frac_bits
        Fraction bits of `cosine`; 1.0 is ``2**frac_bits`` exactly.
    drop
        Bits that the exact sums lose before the magnitude.

    Raises
    ------
    TypeError
        If the window, a count of bits or the table is no integer.
    ValueError
        If the window is not a power of two of at least 4, the table has another length or does
        not fit its fraction bits, or a count of bits is out of range.
    """

    op: ClassVar[str] = "dft"
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **QuantizedFeatures.decoders,
        "cosine": integers,
    }
    cosine: Integers
    frac_bits: int
    drop: int

    def __post_init__(self) -> None:
        for field, high in (("window", 1 << 30), ("frac_bits", 32), ("drop", 63)):
            value = getattr(self, field)
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{field} must be an integer, not {value!r}")
            if not 0 <= value <= high:
                raise ValueError(f"{field} must be 0 to {high}, not {value}")
        if self.window < 4 or self.window & (self.window - 1):
            raise ValueError(f"window must be a power of two of at least 4, not {self.window}")
        if self.cosine.shape != (self.points,):
            raise ValueError(f"cosine must be ({self.points},), not {self.cosine.shape}")
        if np.abs(self.cosine).max() > 1 << self.frac_bits:
            raise ValueError(f"cosine must be at most {1 << self.frac_bits} either way")
        super().__post_init__()

    @property
    def wave(self) -> Integers:
        """``(N,)``, C(p) of every phase: the second half is the first one, negated."""
        return _wave(self.cosine)

    @property
    def turns(self) -> Integers:
        """Turns a window of each feature's phase: they go down by one a feature, modulo N."""
        return -self.bins % self.window if self.ascending else self.bins

    @property
    def twiddle_width(self) -> int:
        """Bits of an entry of the table, signed."""
        return self.frac_bits + 2

    @property
    def sum_range(self) -> tuple[int, int]:
        """Range of either part of any bin, and of every partial sum of it.

        Worst case over samples of the format for the actual table, in any order of summation.
        """
        return _sum_range(self.cosine, self.sample, zero=not self.bins.all())

    @property
    def sum_width(self) -> int:
        """Bits that hold either part of any bin, and every partial sum of it, exactly, signed."""
        return signed_width(*self.sum_range)

    @property
    def bin_width(self) -> int:
        """Bits that hold each part of a bin behind its rounding, signed."""
        return _rounded_width(self.sum_range, self.drop)


def _wave(cosine: Integers) -> Integers:
    return np.concatenate([cosine, -cosine])


def _sum_range(cosine: Integers, sample: Format, *, zero: bool) -> tuple[int, int]:
    """Return the range over bins 1 to M, and bin 0 if `zero`."""
    wave, points = _wave(cosine), len(cosine)
    low = high = 0
    # Bin k meets each phase that is a multiple of g = gcd(k, N) g times: that is all of it.
    for g in [1 << bit for bit in range(points.bit_length() + zero)]:
        for first in (0, points // 2):
            met = np.roll(wave, -first)[::g]
            products = np.stack([met * sample.min, met * sample.max])
            low = min(low, g * int(np.minimum(products.min(axis=0), 0).sum()))
            high = max(high, g * int(np.maximum(products.max(axis=0), 0).sum()))
    return low, high


def _rounded_width(range_: tuple[int, int], drop: int) -> int:
    low, high = shift_half_up(np.array(range_), drop).tolist()
    return signed_width(low, high)


def quantize(
    layer: spectrum.Spectrum, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedDft:
    """Return the integer op for `layer`.

    Parameters
    ----------
    layer
        The float op.
    sources
        The samples.
    bits
        Widths and the magnitude method; parts of a bin are rounded to at most its data width.
    chosen
        Its shift is calibration's.
    """
    (source,) = sources
    frac_bits = bits.twiddle - 2
    angle = 2.0 * np.pi * np.arange(layer.window // 2) / layer.window
    cosine = round_half_up(np.cos(angle) * 2.0**frac_bits)
    drop = drop_of(_sum_range(cosine, source.fmt, zero=not layer.bins.all()), bits.data)
    return QuantizedDft(
        cosine=cosine,
        frac_bits=frac_bits,
        drop=drop,
        **rounded_magnitude(layer, source, bits, chosen.shift, drop - frac_bits),
    )


def drop_of(range_: tuple[int, int], width: int) -> int:
    """Return how many bits sums of a range must lose for their rounded rest to fit `width` bits."""
    drop = max(0, signed_width(*range_) - width)
    # Halves go up: the largest sum may reach the next power of two.
    return drop if _rounded_width(range_, drop) <= width else drop + 1


OP = QuantizedDft
