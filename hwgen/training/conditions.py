"""How far recordings of different conditions are apart, whatever network looks at them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwgen.network import Floats
from hwgen.signals import Dataset, Recording, windows

_MOST = 256
"""Windows of a recording that are looked at."""
_LEAST = 1e-9
"""Magnitude that is none: of a constant signal, all are."""


def mean_spectrum(recording: Recording, window: int) -> Floats:
    """Return the mean magnitude of each bin in dB, relative to 1 g; channels one by one."""
    stride = max(1, window // 2, -(-(len(recording.samples) - window) // _MOST))
    cut = np.asarray(windows(recording.samples, window, stride)[0:_MOST], np.float64)
    magnitudes = np.abs(np.fft.rfft(cut, axis=-1)).mean(axis=0) / window
    # In dB a line counts as a line, and not as much as all the rest together.
    levels: Floats = 20 * np.log10(np.maximum(magnitudes, _LEAST))
    return levels.reshape(-1)


def doubts(healthy: Dataset, faulty: Dataset | None, window: int) -> tuple[str, ...]:
    """Return what is to be told where healthy recordings differ more than faults do.

    Their distance is the root mean square over the bins of their mean spectra. An autoencoder
    that has seen both healthy ones may still tell the faults, but has not much to tell them by.
    """
    if faulty is None or len(healthy.recordings) < 2:
        return ()
    sound = [mean_spectrum(each, window) for each in healthy.recordings]
    apart, one, other = _furthest(sound)
    told = []
    for name in faulty.classes:
        spectra = [mean_spectrum(r, window) for r in faulty.recordings if r.label == name]
        near = min(_distance(a, b) for a in sound for b in spectra)
        if near < apart:
            told.append((near, name))
    if not told:
        return ()
    names = ", ".join(name for _, name in sorted(told)[:5])
    first, second = (healthy.recordings[number].source for number in (one, other))
    return (
        f"WARNING: healthy recordings differ more among themselves ({first} and {second}: "
        f"{apart:.1f} dB) than from {names} ({min(told)[0]:.1f} dB; mean spectra); train a "
        "network a condition, or give more healthy recordings between the conditions",
    )


def _furthest(spectra: Sequence[Floats]) -> tuple[float, int, int]:
    pairs = [
        (_distance(spectra[a], spectra[b]), a, b)
        for a in range(len(spectra))
        for b in range(a + 1, len(spectra))
    ]
    return max(pairs)


def _distance(a: Floats, b: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(a - b))))
