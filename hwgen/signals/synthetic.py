"""Recordings of machines that there are not: one a class, as `hwgen.signals.machine` makes them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwgen.errors import UsageError
from hwgen.signals.bearing import Bearing
from hwgen.signals.dataset import Dataset
from hwgen.signals.machine import CHANNELS, FAULTS, WAYS, Fault, Machine
from hwgen.signals.noise import noisy
from hwgen.signals.reading import ALL
from hwgen.signals.recording import Recording

_SOUND = "normal"
_MIN_RATE = 10_000.0
_MAX_SAMPLES = 1 << 22
MAX_CLASSES = len(FAULTS) + 1
"""Normal, and ball, inner and outer race at seven sizes: 7 to 49 mil."""


def synthetic_dataset(
    seed: int = 0,
    *,
    classes: int = 10,
    seconds: float = 10.0,
    sample_rate: float = 12_000.0,
    shaft_hz: float = 29.95,
    snr_db: float | None = None,
    bearing: Bearing | None = None,
    channels: Sequence[str] = CHANNELS[:1],
) -> Dataset:
    """Make one recording a class.

    Ten classes are CWRU's, in the same order: B007 B014 B021 IR007 ... OR021 normal. Fewer leave
    out the largest sizes first, and ball before inner race before outer race; more add sizes.

    Parameters
    ----------
    seed
        Of slip, strength of impacts, phases and noise; 0 or more. The machine stays the same.
    classes
        2..22.
    seconds
        Length of each recording.
    sample_rate
        Hz, at least 10,000 so that the resonances fit below half of it.
    shaft_hz
        Speed of the shaft in Hz, 1..200.
    snr_db
        If given, noise is added on top to this signal-to-noise ratio in dB.
    bearing
        Its geometry; by default the SKF 6205-2RS.
    channels
        Sensors, by name or number from 1; ``("all",)`` is all of `CHANNELS`.

    Returns
    -------
    The data set ``"synthetic"``, samples in g.

    Raises
    ------
    UsageError
        `classes` is out of range, or there is no such channel.
    ValueError
        Another parameter is out of range.
    """
    _check(classes, seconds, sample_rate, shaft_hz)
    sensors = _sensors(channels)
    machine = Machine(bearing or Bearing(), shaft_hz, sample_rate, round(seconds * sample_rate))
    # File-name order, in which the lower-case "normal" comes last.
    faults = {fault.name: fault for fault in FAULTS[: classes - 1]}
    names = (*sorted(faults), _SOUND)
    recordings = tuple(_recorded(machine, name, faults.get(name), sensors, seed) for name in names)
    return noisy(Dataset("synthetic", names, recordings), snr_db, seed)


def synthetic_impacts(
    name: str,
    seed: int = 0,
    *,
    seconds: float = 10.0,
    sample_rate: float = 12_000.0,
    shaft_hz: float = 29.95,
    bearing: Bearing | None = None,
) -> NDArray[np.float64]:
    """Return when the impacts in a recording of `synthetic_dataset` are, in seconds.

    Parameters
    ----------
    name
        Of a class with a fault, such as ``"OR007"``.
    seed, seconds, sample_rate, shaft_hz, bearing
        As there.

    Raises
    ------
    UsageError
        If no fault is called so.
    """
    fault = {fault.name: fault for fault in FAULTS}.get(name)
    if fault is None:
        raise UsageError(f"a synthetic fault must be one of B007 to OR049, not {name!r}")
    _check(2, seconds, sample_rate, shaft_hz)
    machine = Machine(bearing or Bearing(), shaft_hz, sample_rate, round(seconds * sample_rate))
    return machine.impacts(fault, _seeds(seed, name))[0]


def _seeds(seed: int, name: str) -> list[int]:
    """Return the seeds of a class: it sounds the same whatever others are asked for."""
    return [seed, *name.encode()]


def _check(classes: int, seconds: float, sample_rate: float, shaft_hz: float) -> None:
    """Refuse what no signals can be made of."""
    if not 2 <= classes <= MAX_CLASSES:
        raise UsageError(f"synthetic data have 2 to {MAX_CLASSES} classes, not {classes}")
    if not _MIN_RATE <= sample_rate < math.inf:
        raise ValueError(f"sample_rate must be at least {_MIN_RATE:g} Hz, not {sample_rate}")
    if not 1 <= shaft_hz <= 200:
        raise ValueError(f"shaft_hz must be in 1..200 Hz, not {shaft_hz}")
    if not 1 <= seconds * sample_rate <= _MAX_SAMPLES:
        raise ValueError(f"seconds must give 1 to {_MAX_SAMPLES} samples, not {seconds}")


def _recorded(
    machine: Machine, name: str, fault: Fault | None, sensors: Sequence[str], seed: int
) -> Recording:
    """Return what some sensors hear of the machine in the class `name`; no fault: it is sound."""
    seeds = _seeds(seed, name)
    return Recording(
        name,
        _as_logged(machine.vibration(fault, seeds, [WAYS[each] for each in sensors])),
        machine.sample_rate,
        f"synthetic/{name}",
        channel=", ".join(sensors) if len(sensors) > 1 else "",
        channels_of=len(sensors),
    )


def _as_logged(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return samples as a data logger writes them, in single precision.

    Processors round sines and exponentials differently in the last bit of double precision. The
    noise of a recording is seeded by its content, so one such bit would give other noise.
    """
    return samples.astype(np.float32).astype(np.float64)


def _sensors(wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the names of channels that are named or numbered; `UsageError` if there is none."""
    if tuple(wanted) == (ALL,):
        return CHANNELS
    names = {str(number): name for number, name in enumerate(CHANNELS, 1)}
    found = tuple(names.get(each.strip(), each.strip().lower()) for each in wanted)
    if not found or not set(found) <= set(CHANNELS) or len(set(found)) < len(found):
        raise UsageError(
            f"--channels of synthetic signals must be some of {', '.join(CHANNELS)}, or {ALL}, "
            f"not {','.join(wanted)}"
        )
    return found
