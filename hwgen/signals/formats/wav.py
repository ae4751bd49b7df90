"""RIFF WAVE files; the sample rate is in the header."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from hwgen.errors import InputError
from hwgen.signals.formats._signal import Signal


def read(path: Path, data: bytes, channel: str) -> Signal:
    """Read one channel; integers become -1..1 of full scale, floats stay as they are.

    WAV channels have no names: `channel` picks one if it is a number (``"1"`` is the first), and
    any other text, the default ``"DE"`` too, means the first.
    """
    _check_whole(path, data)
    rate, samples = wavfile.read(io.BytesIO(data))
    if samples.ndim == 2:
        samples = samples[:, _column(path, channel, samples.shape[1])]
    return Signal(_scaled(samples), float(rate))


def _check_whole(path: Path, data: bytes) -> None:
    """Refuse a file that ends before its RIFF chunk does: SciPy would return what there is."""
    size_of = {b"RIFF": "<I", b"RIFX": ">I"}.get(data[:4])
    if size_of is None:
        return
    announced = 8 + struct.unpack_from(size_of, data, 4)[0]
    if len(data) < announced:
        raise InputError(
            f"{path} is truncated: {announced} bytes announced, {len(data)} present; copy it again"
        )


def _column(path: Path, channel: str, count: int) -> int:
    """Return the index, from 0, of the channel that `channel` means."""
    if not channel.isdecimal():
        return 0
    number = int(channel)
    if not 1 <= number <= count:
        raise InputError(f"{path} has channels 1..{count}, but channel {channel} is asked for")
    return number - 1


def _scaled(samples: np.ndarray) -> np.ndarray:
    """Map integers to -1..1 of full scale; 8-bit WAV is unsigned, 24-bit comes left-aligned."""
    if samples.dtype.kind not in "iu":
        return samples
    half = 2.0 ** (8 * samples.dtype.itemsize - 1)
    offset = half if samples.dtype.kind == "u" else 0.0
    return (samples.astype(np.float64) - offset) / half
