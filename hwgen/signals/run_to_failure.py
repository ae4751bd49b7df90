"""A synthetic machine whose bearing fails over hours, as recordings a fixed time apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwgen.errors import UsageError
from hwgen.signals.bearing import Bearing
from hwgen.signals.dataset import Dataset
from hwgen.signals.machine import CHANNELS, FAULTS, WAYS, Machine
from hwgen.signals.recording import Recording

HEALTHY = "normal"
_SPEEDS = (0.0, -0.01, 0.01, 0.02)
"""Of healthy recordings, relative to the usual one: a motor slips more under load."""
_SHAFT_HZ, _RATE = 29.95, 12_000.0


@dataclass(frozen=True)
class Life:
    """How a bearing fails.

    Parameters
    ----------
    fault
        Name of the fault at its end, such as ``"OR007"``.
    hours
        From the first recording to the last.
    every
        Hours from one recording to the next.
    sound
        Share of the life that is over before there is a fault.
    seconds
        Of a recording.
    """

    fault: str = "OR007"
    hours: float = 20.0
    every: float = 0.25
    sound: float = 0.4
    seconds: float = 1.0

    def times(self) -> list[float]:
        """Return when recordings are made, in hours."""
        return [number * self.every for number in range(round(self.hours / self.every) + 1)]

    @property
    def onset(self) -> float:
        """Hours until the fault begins."""
        return self.sound * self.hours

    def severity(self, hours: float) -> float:
        """Return how far the fault is, 0 to 1: from its beginning on it grows with the cube.

        A spall grows the faster the larger it is; the power is made up.
        """
        return max(0.0, (hours - self.onset) / (self.hours - self.onset)) ** 3


@dataclass(frozen=True, eq=False)
class Moment:
    """A recording of a life, in hours from its beginning; severity 0 to 1, None: not known."""

    hours: float | None
    severity: float | None
    recording: Recording


def run_to_failure(
    seed: int = 0, life: Life = Life(), *, channel: str = CHANNELS[0]
) -> tuple[Moment, ...]:
    """Return the recordings of a life, in g.

    Speeds are those of `healthy_dataset`, by chance, and so are phases: what they change is no
    fault.

    Parameters
    ----------
    seed
        Of all that is random.
    channel
        One of the synthetic sensors.

    Raises
    ------
    UsageError
        If there is no such fault.
    """
    fault = {each.name: each for each in FAULTS}.get(life.fault)
    if fault is None:
        raise UsageError(f"a synthetic fault must be one of B007 to OR049, not {life.fault!r}")
    rng = np.random.default_rng([seed, 1])
    moments = []
    for number, hours in enumerate(life.times()):
        severity = life.severity(hours)
        machine = _machine(float(rng.choice(_SPEEDS)), life.seconds)
        samples = machine.vibration(
            fault if severity else None, [seed, 2, number], [WAYS[channel]], severity
        )
        moments.append(
            Moment(hours, severity, _recording(samples, f"synthetic/{hours:05.2f} h", life.fault))
        )
    return tuple(moments)


def healthy_dataset(seed: int = 0, *, seconds: float = 10.0, channel: str = CHANNELS[0]) -> Dataset:
    """Return recordings of a sound machine at several speeds, of one class."""
    made = tuple(
        _recording(
            _machine(speed, seconds).vibration(None, [seed, 3, number], [WAYS[channel]]),
            f"synthetic/{HEALTHY} at {_SHAFT_HZ * (1 + speed):.2f} Hz",
            HEALTHY,
        )
        for number, speed in enumerate(_SPEEDS)
    )
    return Dataset("synthetic", (HEALTHY,), made)


def _machine(speed: float, seconds: float) -> Machine:
    return Machine(Bearing(), _SHAFT_HZ * (1 + speed), _RATE, round(seconds * _RATE))


def _recording(samples: np.ndarray, source: str, label: str) -> Recording:
    # In single precision, as a data logger writes them: processors round sines differently.
    logged = samples.astype(np.float32).astype(np.float64)
    return Recording(label, logged, _RATE, source)
