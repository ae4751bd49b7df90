"""From a file to a `Recording`: read, then checked; nothing past here meets a bad sample."""

from __future__ import annotations

import stat
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hwgen.errors import HwgenError, InputError
from hwgen.files import access
from hwgen.signals import cwru, formats
from hwgen.signals.channel import choose
from hwgen.signals.rate import decide
from hwgen.signals.reading import Reading
from hwgen.signals.recording import Recording
from hwgen.signals.store import Samples, Store, chunks
from hwgen.signals.units import Scale, scale_of

_Found = TypeVar("_Found")
_MAX_BYTES = 1 << 30
_MAX_MAGNITUDE = 1e100
"""Squares and sums of squares stay finite."""
_KNOWN = (
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself; fetch it: git lfs pull"),
    (b"<!doctype html", "a web page, not a recording; download the file itself"),
    (b"<html", "a web page, not a recording; download the file itself"),
    (b"\x1f\x8b", "packed with gzip; unpack it first"),
    (b"PK\x03\x04", "a zip archive; unpack it, or save each array of an .npz with numpy.save"),
    (b"Rar!", "a RAR archive; unpack it first"),
)
"""How files begin that are not what their name says."""


def read_recording(
    path: Path | str,
    *,
    label: str | None = None,
    reading: Reading = Reading(),  # noqa: B008 -- frozen
    store: Store | None = None,
) -> Recording:
    """Read one recording.

    Parameters
    ----------
    path
        A file that ends in one of `formats.endings`.
    label
        Its class; by default the fault in a CWRU file name, or else the name without ending.
    reading
        What the user says of it.
    store
        Keeps the samples: those of a set of recordings have one; by default its own.

    Raises
    ------
    InputError
        The file is of no known format, not what its ending says, truncated, empty, ambiguous,
        constant, or holds anything but finite real numbers; or its sample rate cannot be.
    ToolError
        A package that reads the format is not installed.
    FileAccessError
        The file is missing or cannot be read.
    """
    path = Path(path)
    contents = _guarded(path, lambda: _contents(path))
    chosen = _guarded(path, lambda: choose(path, contents, reading.channel))
    rate = decide(path, chosen, contents, reading.sample_rate)
    scale = scale_of(chosen.channel, reading)
    return Recording(
        label or cwru.fault(path.stem),
        _checked(path, chosen.samples, scale, store or Store()),
        rate.hertz,
        path.name,
        chosen.channel.name,
        chosen.of,
        rate.origin,
        scale.unit,
        (*contents.notices, *rate.notices, *scale.notices),
    )


def _contents(path: Path) -> formats.Contents:
    with access(path, "read"):
        status = path.stat()
    ending = formats.ending_of(path.name)
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path} is not a recording; name a file")
    if not 0 < status.st_size <= _MAX_BYTES:
        raise InputError(f"{path} must have 1 to {_MAX_BYTES} bytes, not {status.st_size}")
    with access(path, "read"), path.open("rb") as stream:
        head = stream.read(64).lstrip().lower()
    for begin, what in _KNOWN:
        if head.startswith(begin.lower()):
            raise InputError(f"{path} is {what}")
    if ending not in formats.endings():
        raise InputError(
            f"{path} is not a recording; it must be a file that ends in "
            f"{', '.join(filter(None, formats.endings()))}, or in nothing"
        )
    return formats.reader(ending)(path)


def _guarded(path: Path, read: Callable[[], _Found]) -> _Found:
    """Return what `read` returns, all its failures as `InputError`."""
    try:
        # The readers warn of odd but harmless things; what matters is checked here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read()
    except (HwgenError, MemoryError):
        raise
    # A parser of hostile bytes may fail in any way; all of them mean a file that is not usable.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        kind = formats.ending_of(path.name) or "text"
        raise InputError(f"{path} is not a usable {kind} file: {reason}") from error


def _checked(path: Path, samples: Any, scale: Scale, store: Store) -> Samples:
    """Return `samples` as (n,) float64 in their unit, finite and not constant."""
    if samples.dtype.kind not in "iuf":
        raise InputError(f"{path} must hold real numbers, not {samples.dtype}")
    if samples.ndim != 1 or samples.size == 0:
        raise InputError(f"{path} has no samples")
    kept: Samples = store.keep(_finite(path, samples, scale), samples.size)
    first = float(kept[0])
    if all((part == first).all() for part in chunks(kept)):
        raise InputError(
            f"{path} holds no vibration: all {samples.size} samples are {float(samples[:1][0]):g}; "
            "check the sensor and the channel"
        )
    return kept


def _finite(path: Path, samples: Any, scale: Scale) -> Iterator[NDArray[np.float64]]:
    """Yield checked samples in pieces."""
    start = 0
    for part in chunks(samples):
        with np.errstate(all="ignore"):  # what overflows or is a signalling NaN is found below
            values = part.astype(np.float64)
        bad = ~np.isfinite(values)
        if bad.any():
            index = int(np.argmax(bad))
            raise InputError(
                f"{path} must hold finite samples, but sample {start + index} is {values[index]}"
            )
        if np.abs(values).max() > _MAX_MAGNITUDE:
            raise InputError(f"{path} must hold samples of at most {_MAX_MAGNITUDE:g} in magnitude")
        start += len(part)
        yield scale.apply(values)
