"""From a file to a `Recording`: read, then checked; nothing past here meets a bad sample."""

from __future__ import annotations

import stat
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwgen.errors import HwgenError, InputError
from hwgen.files import access
from hwgen.signals import cwru, formats
from hwgen.signals.axis import Kind
from hwgen.signals.channel import Choice, choose, choose_several
from hwgen.signals.formats._content import other_than
from hwgen.signals.rate import Rate, sample_rate
from hwgen.signals.reading import Reading
from hwgen.signals.recording import Recording, same_rate
from hwgen.signals.speed import shaft_rpm
from hwgen.signals.store import Samples, Store, chunks
from hwgen.signals.units import Scale, scale_of

_MAX_BYTES = 1 << 30
_MAX_MAGNITUDE = 1e100
"""Squares and sums of squares stay finite."""
_HEAD_BYTES = 512

_Scaled = Callable[[NDArray[np.float64]], NDArray[np.float64]]


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
    contents, choices, rate = _read(path, reading)
    scales = [_scale(path, choice, reading) for choice in choices]
    for choice, scale in zip(choices, scales, strict=True):
        if scale.unit != scales[0].unit:
            raise InputError(
                f"{path}: channels must be in one unit, but {choices[0].channel.name!r} is in "
                f"{scales[0].unit!r} and {choice.channel.name!r} in {scale.unit!r}; choose with "
                "--channels, or say one for all with --unit"
            )
    notices = dict.fromkeys(notice for scale in scales for notice in scale.notices)
    return Recording(
        label or cwru.fault(path.stem),
        _checked(path, choices, [_scaled(reading, scale) for scale in scales], store or Store()),
        rate.hertz,
        path.name,
        channel=", ".join(choice.channel.name for choice in choices),
        channels_of=choices[0].of,
        rate_origin=rate.origin,
        unit=scales[0].unit,
        notices=(*contents.notices, *rate.notices, *notices),
        rpm=shaft_rpm(choices[0].channel.name, dict(contents.speeds)),
    )


def _scale(path: Path, choice: Choice, reading: Reading) -> Scale:
    channel = choice.channel
    return scale_of(path, channel.name, channel.unit, reading.unit, shares=channel.shares)


def _scaled(reading: Reading, scale: Scale) -> _Scaled:
    """Return what makes samples of a file those of a recording."""

    def scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
        # In place: recordings are long.
        if reading.offset:
            values -= reading.offset
        if scale.factor != 1:
            values *= scale.factor
        return values

    return scaled


def _read(path: Path, reading: Reading) -> tuple[formats.Contents, tuple[Choice, ...], Rate]:
    """Return what is in a file and what is taken of it, all failures as `HwgenError`."""
    ending = _ending(path)
    try:
        # The readers warn of odd but harmless things; what matters is checked here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            contents = formats.reader(ending)(path)
            choices = (
                (choose(path, contents, reading.channel),)
                if reading.channels is None
                else choose_several(path, contents, reading.channels)
            )
            return contents, choices, _one_rate(path, contents, choices, reading.sample_rate)
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


def _one_rate(
    path: Path, contents: formats.Contents, choices: Sequence[Choice], given: float | None
) -> Rate:
    """Return the sample rate of all that is taken."""
    first, *others = (_rate(path, contents, choice, given) for choice in choices)
    for rate, choice in zip(others, choices[1:], strict=True):
        if rate.hertz and first.hertz and not same_rate(rate.hertz, first.hertz):
            raise InputError(
                f"{path}: channels must have one sample rate, but {choices[0].channel.name!r} has "
                f"{first.hertz:g} Hz and {choice.channel.name!r} {rate.hertz:g} Hz; choose with "
                "--channels"
            )
    return next((rate for rate in (first, *others) if rate.hertz is not None), first)


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
    path: Path, choices: Sequence[Choice], scaled: Sequence[_Scaled], store: Store
) -> Samples:
    """Return samples as float64 of their own, finite, not constant, and scaled.

    They are (n,) of one channel, (n, channels) of several.
    """
    vectors = [_vector(path, choice.samples) for choice in choices]
    if len(vectors) == 1:
        parts = (scaled[0](part) for part in _finite(path, vectors[0]))
        row: tuple[int, ...] = ()
    else:
        each = [
            map(one, _finite(path, vector)) for one, vector in zip(scaled, vectors, strict=True)
        ]
        parts = (np.stack(part, axis=1) for part in zip(*each, strict=True))
        row = (len(vectors),)
    kept: Samples = store.keep(parts, len(vectors[0]), row=row)
    for choice, vector in zip(choices, vectors, strict=True):
        if all((part == vector[0]).all() for part in chunks(vector)):
            which = "" if not row else f" in {choice.channel.name!r}"
            raise InputError(
                f"{path} holds no vibration{which}: all {vector.size} samples are {vector[0]:g}; "
                "check the sensor and the channel"
            )
    return kept


def _vector(path: Path, samples: np.ndarray) -> np.ndarray:
    if samples.dtype.kind not in "iuf":
        raise InputError(f"{path} must hold real numbers, not {samples.dtype}")
    if samples.size == 0:
        raise InputError(f"{path} has no samples")
    return samples.reshape(-1)


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
