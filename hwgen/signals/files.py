"""From a file to a `Recording`: read, then checked; nothing past here meets a bad sample."""

from __future__ import annotations

import stat
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwgen.errors import HwgenError, InputError
from hwgen.files import access, read_bytes
from hwgen.signals import cwru, formats
from hwgen.signals.reading import Reading
from hwgen.signals.recording import Recording, is_rate, same_rate

_MAX_BYTES = 1 << 30
_MAX_MAGNITUDE = 1e100
"""Squares and sums of squares stay finite."""


def read_recording(
    path: Path | str,
    *,
    label: str | None = None,
    reading: Reading = Reading(),  # noqa: B008 -- frozen
) -> Recording:
    """Read one recording.

    Parameters
    ----------
    path
        A file that ends in one of `formats.endings`: ``.mat``, ``.npy``, ``.csv``, ``.wav``.
    label
        Its class; by default the fault in a CWRU file name, or else the name without ending.
    reading
        What the user says of it.

    Raises
    ------
    InputError
        The file is of no known format, not what its ending says, truncated, empty, ambiguous,
        constant, or holds anything but finite real numbers; or it states another sample rate.
    FileAccessError
        The file is missing or cannot be read.
    """
    path = Path(path)
    signal = _read_signal(path, reading.channel or "DE")
    samples = _checked(path, signal.samples)
    rate = _agreed(path, reading.sample_rate, signal.sample_rate, cwru.sample_rate(path.stem))
    return Recording(label or cwru.fault(path.stem), samples, rate, path.name)


def _read_signal(path: Path, channel: str) -> formats.Signal:
    """Return what the format's reader makes of the file, all its failures as `InputError`."""
    with access(path, "read"):
        status = path.stat()
    ending = path.suffix.lower()
    if not stat.S_ISREG(status.st_mode) or ending not in formats.endings():
        raise InputError(
            f"{path} is not a recording; it must be a file that ends in "
            f"{', '.join(formats.endings())}"
        )
    if not 0 < status.st_size <= _MAX_BYTES:
        raise InputError(f"{path} must have 1 to {_MAX_BYTES} bytes, not {status.st_size}")
    data = read_bytes(path)
    try:
        # The readers warn of odd but harmless things; what matters is checked here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return formats.reader(ending)(path, data, channel)
    except HwgenError:
        raise
    # A parser of hostile bytes may fail in any way; all of them mean a file that is not usable.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path} is not a usable {ending} file: {reason}") from error


def _checked(path: Path, samples: np.ndarray) -> NDArray[np.float64]:
    """Return `samples` as (n,) float64, finite and not constant."""
    if samples.dtype.kind not in "iuf":
        raise InputError(f"{path} must hold real numbers, not {samples.dtype}")
    if sum(length != 1 for length in samples.shape) > 1:
        raise InputError(
            f"{path} must hold one channel, (n,), (n, 1) or (1, n), not {samples.shape}"
        )
    with np.errstate(all="ignore"):  # what overflows or is a signalling NaN is found below
        flat = samples.reshape(-1).astype(np.float64)
    if flat.size == 0:
        raise InputError(f"{path} has no samples")
    if not np.isfinite(flat).all():
        index = int(np.argmin(np.isfinite(flat)))
        raise InputError(f"{path} must hold finite samples, but sample {index} is {flat[index]}")
    if np.abs(flat).max() > _MAX_MAGNITUDE:
        raise InputError(f"{path} must hold samples of at most {_MAX_MAGNITUDE:g} in magnitude")
    if (flat == flat[0]).all():
        raise InputError(
            f"{path} holds no vibration: all {flat.size} samples are {flat[0]:g}; "
            "check the sensor and the channel"
        )
    return flat


def _agreed(
    path: Path, given: float | None, stated: float | None, named: float | None
) -> float | None:
    """Return the one sample rate in Hz that the caller, the file and its name leave."""
    if stated is not None and not is_rate(stated):
        raise InputError(f"{path} states a sample rate of {stated} Hz; it must be above 0")
    origins = [("asked for", given), ("stated in the file", stated), ("in the file's name", named)]
    known = [(origin, rate) for origin, rate in origins if rate is not None]
    for origin, rate in known[1:]:
        first_origin, first = known[0]
        if not same_rate(rate, first):
            raise InputError(
                f"{path}: sample rates differ: {first:g} Hz {first_origin}, "
                f"{rate:g} Hz {origin}; resample the recording or correct the rate"
            )
    return known[0][1] if known else None
