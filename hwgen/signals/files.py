"""From a file to a `Recording`: read, then checked; nothing past here meets a bad sample."""

from __future__ import annotations

import stat
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwgen.errors import HwgenError, InputError
from hwgen.files import access
from hwgen.signals import cwru, formats
from hwgen.signals.axis import Kind
from hwgen.signals.channel import Choice, choose
from hwgen.signals.formats._content import other_than
from hwgen.signals.rate import Rate, sample_rate
from hwgen.signals.reading import Reading
from hwgen.signals.recording import Recording
from hwgen.signals.store import Samples, Store, chunks
from hwgen.signals.units import scale_of

_MAX_BYTES = 1 << 30
_MAX_MAGNITUDE = 1e100
"""Squares and sums of squares stay finite."""
_HEAD_BYTES = 512


def read_recording(
    path: Path | str,
    *,
    label: str | None = None,
    reading: Reading = Reading(),  # noqa: B008 -- frozen
    store: Store | None = None,
) -> Recording:
    """Read one recording.

    Its samples are in g, where the file or the user says how: see `hwgen.signals.units`. Shares of
    full scale (WAV) and counts stay what they are.

    Parameters
    ----------
    path
        A file that ends in one of `formats.endings`.
    label
        Its class; by default the fault in a CWRU file name, or else the name without ending.
    reading
        What the user says of it.
    store
        Keeps the samples; the recordings of a set have one together. None: one of its own.

    Raises
    ------
    InputError
        The file is of no known format, not what its ending says, truncated, empty, ambiguous,
        constant, or holds anything but finite real numbers; or it states no one sample rate that
        a vibration can have.
    FileAccessError
        The file is missing or cannot be read.
    ToolError
        A package that reads this format is not installed.
    """
    path = Path(path)
    contents, choice, rate = _read(path, reading)
    channel = choice.channel
    scale = scale_of(path, channel.name, channel.unit, reading.unit, shares=channel.shares)

    def scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
        # In place: recordings are long.
        if reading.offset:
            values -= reading.offset
        if scale.factor != 1:
            values *= scale.factor
        return values

    return Recording(
        label or cwru.fault(path.stem),
        _checked(path, choice.samples, scaled, store or Store()),
        rate.hertz,
        path.name,
        channel=channel.name,
        channels=choice.of,
        rate_origin=rate.origin,
        unit=scale.unit,
        notices=(*contents.notices, *rate.notices, *scale.notices),
    )


def _read(path: Path, reading: Reading) -> tuple[formats.Contents, Choice, Rate]:
    """Return what is in a file and what is taken of it, all failures as `HwgenError`."""
    ending = _ending(path)
    try:
        # The readers warn of odd but harmless things; what matters is checked here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            contents = formats.reader(ending)(path)
            choice = choose(path, contents, reading.channel)
            return contents, choice, _rate(path, contents, choice, reading.sample_rate)
    except (HwgenError, MemoryError):
        raise
    # A parser of hostile bytes may fail in any way; all of them mean a file that is not usable.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        kind = f"{ending} file" if ending else "recording"
        raise InputError(f"{path} is not a usable {kind}: {reason}") from error


def _ending(path: Path) -> str:
    """Return the ending of a file that can be a recording, by its name, size and first bytes."""
    with access(path, "read"):
        status = path.stat()
    ending = formats.ending_of(path)
    if not stat.S_ISREG(status.st_mode) or ending not in formats.endings():
        raise InputError(
            f"{path} is not a recording; it must be a file that ends in {formats.named()}"
        )
    if not 0 < status.st_size <= _MAX_BYTES:
        raise InputError(f"{path} must have 1 to {_MAX_BYTES} bytes, not {status.st_size}")
    with access(path, "read"), path.open("rb") as file:
        what = other_than(file.read(_HEAD_BYTES), ending)
    if what is not None:
        raise InputError(f"{path} is not a recording but {what}")
    return ending


def _rate(path: Path, contents: formats.Contents, choice: Choice, given: float | None) -> Rate:
    """Return the sample rate of what is taken."""
    stated = list(contents.rates)
    if choice.channel.rate is not None:
        stated.append(formats.StatedRate(choice.channel.rate, choice.channel.name))
    named = cwru.sample_rate(path.stem)
    if named is not None:
        stated.append(formats.StatedRate(named, "the file's name"))
    rate = sample_rate(path, given, stated, choice.axes)
    counts = [axis.name for axis in choice.axes if axis.kind is Kind.COUNT]
    if rate.hertz is not None or not counts:
        return rate
    said = f"{counts[0]!r} counts the samples: no sample rate is taken from it"
    return Rate(notices=(*rate.notices, said))


def _checked(
    path: Path,
    samples: np.ndarray,
    scaled: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    store: Store,
) -> Samples:
    """Return `samples` as (n,) float64 of their own, finite, not constant, and scaled."""
    if samples.dtype.kind not in "iuf":
        raise InputError(f"{path} must hold real numbers, not {samples.dtype}")
    flat = samples.reshape(-1)
    if flat.size == 0:
        raise InputError(f"{path} has no samples")
    kept: Samples = store.keep((scaled(part) for part in _finite(path, flat)), flat.size)
    if all((part == flat[0]).all() for part in chunks(flat)):
        raise InputError(
            f"{path} holds no vibration: all {flat.size} samples are {flat[0]:g}; "
            "check the sensor and the channel"
        )
    return kept


def _finite(path: Path, samples: np.ndarray) -> Iterator[NDArray[np.float64]]:
    """Yield `samples` in pieces of float64 that may be written to."""
    start = 0
    for part in chunks(samples):
        with np.errstate(all="ignore"):  # what overflows or is a signalling NaN is found below
            values = part.astype(np.float64)
        if not np.isfinite(values).all():
            index = int(np.argmin(np.isfinite(values)))
            raise InputError(
                f"{path} must hold finite samples, but sample {start + index} is {values[index]}"
            )
        if max(values.max(), -values.min()) > _MAX_MAGNITUDE:
            raise InputError(f"{path} must hold samples of at most {_MAX_MAGNITUDE:g} in magnitude")
        start += len(part)
        yield values
