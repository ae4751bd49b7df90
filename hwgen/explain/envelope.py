"""Envelope spectra, and what stands in them at the frequencies of a bearing's faults.

R. B. Randall and J. Antoni, "Rolling element bearing diagnostics - a tutorial", Mechanical Systems
and Signal Processing 25 (2011), sections 5.1 and 5.3.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hwgen.network import Floats
from hwgen.signals import Bearing

LINES = ("BPFO", "BPFI", "BSF", "FTF")
"""Outer race, inner race, spin of a ball, cage."""

HARMONICS = 3
"""Of each fault frequency that are drawn and measured."""

_SLIP = 0.02
"""Share by which impacts may come earlier or later than the geometry says (same source, 2.1)."""

_AROUND = 8
"""Bins on either side of a line whose median is what the line is measured by."""

_LOWEST = 2.5
"""Bins below which a line cannot be told from what moves slowly."""


def fault_lines(bearing: Bearing, rpm: float) -> dict[str, float]:
    """Return the fault frequencies in Hz of a bearing at a speed in revolutions a minute."""
    shaft = rpm / 60
    every = (bearing.bpfo, bearing.bpfi, bearing.bsf, bearing.ftf)
    return {name: rate(shaft) for name, rate in zip(LINES, every, strict=True)}


def envelope_spectrum(x: Floats) -> Floats:
    """Return ``|FFT(|hilbert(x)| - mean)|`` of windows ``(n, samples)``: one mean spectrum.

    Returns
    -------
    spectrum
        ``(samples / 2 + 1,)`` amplitudes in the unit of `x`: the root of the mean over the
        windows of their squares.
    """
    from scipy.signal import hilbert

    return _spectrum(np.abs(hilbert(x - x.mean(axis=-1, keepdims=True), axis=-1)))


def map_spectrum(maps: Floats) -> Floats:
    """Return ``|FFT(|map| - mean)|`` of maps ``(n, places)``, as `envelope_spectrum` is scaled.

    A map's absolute value is an envelope already: it says how much, not which way.
    """
    return _spectrum(np.abs(maps))


def _spectrum(x: Floats) -> Floats:
    apart = x - x.mean(axis=-1, keepdims=True)
    amplitudes = np.abs(np.fft.rfft(apart, axis=-1)) * (2.0 / x.shape[-1])
    root: Floats = np.sqrt(np.mean(np.square(amplitudes), axis=0))
    return root


def strengths(
    spectrum: Floats, step: float, lines: Mapping[str, float], limit: float
) -> dict[str, tuple[float | None, ...]]:
    """Return how far harmonics of each line stand out of what is around them.

    Each is the largest amplitude within a bin, or within two percent, of the harmonic over the
    median of the bins around, eight on either side.

    Parameters
    ----------
    spectrum
        Amplitudes at 0, `step`, 2 `step`, ... Hz.
    limit
        Hz up to which the spectrum says something: half the rate of what it is of.

    Returns
    -------
    strengths
        Of the first `HARMONICS` harmonics of each line; None where a window is too short for it
        (`_LOWEST`), it is above `limit`, or nothing is around.
    """
    return {
        name: tuple(
            _strength(spectrum, order * hertz / step, limit / step)
            for order in range(1, HARMONICS + 1)
        )
        for name, hertz in lines.items()
    }


def _strength(spectrum: Floats, place: float, limit: float) -> float | None:
    reach = max(1.0, _SLIP * place)
    bins = np.arange(1, len(spectrum))
    apart = np.abs(bins - place)
    at = spectrum[1:][apart <= reach]
    around = spectrum[1:][(apart > reach) & (apart <= reach + _AROUND) & (bins <= limit)]
    if place < _LOWEST or place + reach > limit or not len(at) or len(around) < 4:
        return None
    floor = float(np.median(around))
    return float(at.max()) / floor if floor > 0 else None
