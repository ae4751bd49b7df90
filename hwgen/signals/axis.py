"""Time axes: vectors that rise in equal steps, and what sample rate they give."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.formats import Channel
from hwgen.signals.formats._stated import TIME_UNITS, rate_of_step, unit_of_title

_FEWEST = 3
_TITLES = {
    "t", "time", "times", "timestamp", "timestamps", "timestep", "datetime", "zeit", "elapsed",
    "axis", "vector", "stamp", "stamps",
}  # fmt: skip
_EPOCHS = ((1e9, 2.2e9, "s"), (1e12, 2.2e12, "ms"), (1e15, 2.2e15, "us"), (1e18, 2.2e18, "ns"))
"""Stamps since 1970 of the years 2001 to 2039."""
_FINE = 2_000
"""Steps of the stamps' resolution in a record from which its length gives the rate."""
_CHUNK = 1 << 20


@dataclass(frozen=True, eq=False)
class Axis:
    """A time axis.

    Parameters
    ----------
    channel
        It.
    rate
        Hz; None where it only counts samples, or where its stamps do not tell.
    assumed
        Whether its unit is taken for seconds because nothing says it.
    trouble
        Why it gives no rate, for the user; None where it gives one, or counts.
    """

    channel: Channel
    rate: float | None = None
    assumed: bool = False
    trouble: str | None = None

    @property
    def length(self) -> int:
        """Stamps."""
        return self.channel.length


def axis_of(path: Path, channel: Channel) -> tuple[Axis | None, np.ndarray | None]:
    """Return the time axis that a channel is, if it is one; and its values where they were read.

    A vector in equal steps upwards is one whatever its name; one whose name or unit says time is
    one if it never falls, and refused if it does.

    Raises
    ------
    InputError
        A channel that is called time is no time.
    """
    named = _is_called_time(channel)
    if channel.length < _FEWEST or (
        not named and channel.head is not None and not _rises(channel.head)
    ):
        return None, None
    values = np.asarray(channel.load())
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        return None, values
    if _is_even(values):
        return _even(channel, values), values
    if not named:
        return None, values
    if not _never_falls(values):
        raise InputError(
            f"{path}: {channel.name} is time by its name or unit, but does not rise steadily; "
            "resample the recording, or remove that column"
        )
    return _uneven(channel, values), values


def _is_called_time(channel: Channel) -> bool:
    """Return whether a channel's name or unit says that it is time, and nothing else."""
    if channel.unit in ("s", "ms", "us", "ns"):
        return True
    last = channel.name.rpartition(".")[2]
    words = [word for word in re.split(r"[^a-zµμ]+", last.lower()) if word]
    return any(word in _TITLES for word in words) and all(
        word in _TITLES or word in TIME_UNITS or word == "in" for word in words
    )


def _rises(head: np.ndarray) -> bool:
    """Return whether the first values may be those of an even axis."""
    return len(head) < _FEWEST or _is_even(head)


def _is_even(values: np.ndarray) -> bool:
    """Return whether each value is within half a step of a straight line upwards."""
    first, last = float(values[0]), float(values[-1])
    if not (np.isfinite([first, last]).all() and last > first):
        return False
    step = (last - first) / (len(values) - 1)
    for start in range(0, len(values), _CHUNK):
        part = values[start : start + _CHUNK].astype(np.float64)
        line = first + step * np.arange(start, start + len(part))
        if not (np.abs(part - line) < 0.5 * step).all():
            return False
    return True


def _never_falls(values: np.ndarray) -> bool:
    return bool(np.isfinite(values).all() and (values[1:] >= values[:-1]).all())


def _even(channel: Channel, values: np.ndarray) -> Axis:
    """Return what an even axis tells."""
    first, step = float(values[0]), (float(values[-1]) - float(values[0])) / (len(values) - 1)
    unit, assumed = _unit(channel, first)
    # A step of exactly one is a count unless the file says that it is time.
    counts = step == 1 and first == round(first)
    if unit is None or (assumed and counts):
        return Axis(channel)
    return Axis(channel, rate_of_step(step, unit), assumed)


def _uneven(channel: Channel, values: np.ndarray) -> Axis:
    """Return what stamps tell that are coarser than the samples, or jitter."""
    steps = np.diff(values.astype(np.float64))
    largest, span = float(steps.max()), float(values[-1]) - float(values[0])
    line = np.linspace(float(values[0]), float(values[-1]), len(values))
    within = bool(np.abs(values - line).max() <= 1.5 * largest) if largest else False
    unit, assumed = _unit(channel, float(values[0]))
    if unit is None or not within or span <= 0:
        return Axis(channel, trouble=f"{channel.name} must rise in equal steps")
    rate = rate_of_step(span / (len(values) - 1), unit)
    if span / largest < _FINE:
        return Axis(
            channel,
            trouble=f"the stamps in {channel.name} are too coarse to tell the sample rate: "
            f"about {rate:.6g} Hz",
        )
    return Axis(channel, rate, assumed)


def _unit(channel: Channel, first: float) -> tuple[str | None, bool]:
    """Return the unit of time of an axis, and whether it is assumed; None where it is another."""
    stated = channel.unit or unit_of_title(channel.name)
    if stated is not None:
        return TIME_UNITS.get(stated.lower()), False
    epoch = next((unit for low, high, unit in _EPOCHS if low < first < high), None)
    return epoch or "s", epoch is None
