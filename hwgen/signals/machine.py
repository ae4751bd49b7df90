"""A machine with a faulty bearing: what sensors on it hear, from geometry and chance.

The model is the usual one (P. D. McFadden and J. D. Smith, Journal of Sound and Vibration 96
(1984), with the slip of R. B. Randall and J. Antoni, MSSP 25 (2011)): each pass over a fault is
an impact that rings a resonance; impacts come at the fault's frequency but for a slip of one to
two percent, and are as strong as the load where they happen. Shaft harmonics, tones of the
motor and noise lie below. Levels follow the CWRU records at 0 HP: 0.07 g RMS when sound, up to
0.7 g when faulty. The numbers of the resonances are made up, and such that the classes differ.

Three sensors stand on the housing, across the shaft (radial, tangential) and along it (axial): the
same impacts reach each by another way, later and weaker, and each has noise of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwgen.signals.bearing import Bearing

_PLACES = ("OR", "IR", "B")
_LEVELS_G = {  # RMS by size; the first three sizes as in the CWRU records at 0 HP
    "OR": (0.67, 0.10, 0.58, 0.45, 0.36, 0.28, 0.50),
    "IR": (0.29, 0.20, 0.52, 0.40, 0.32, 0.24, 0.46),
    "B": (0.14, 0.15, 0.14, 0.20, 0.18, 0.22, 0.25),
}
_PATH_HZ = {"OR": 560.0, "IR": 740.0, "B": 920.0}
"""A lower mode that depends on the path from the fault to the sensor only."""
SOUND_G = 0.073
_BATCH = 1024
"""Impacts at a time: bounds the memory of long recordings."""


@dataclass(frozen=True)
class Fault:
    """A fault's place and size; what follows from them."""

    place: str
    size: int  # index of the diameter: 0 is 7 mil, 1 is 14 mil, ...

    @property
    def name(self) -> str:
        """As CWRU calls it: ``OR007``."""
        return f"{self.place}{7 * (self.size + 1):03d}"

    @property
    def rms(self) -> float:
        """Level of the whole signal in g."""
        return _LEVELS_G[self.place][self.size]

    @property
    def modes(self) -> tuple[tuple[float, float, float], ...]:
        """Resonances as (Hz, damping ratio, share of the impact).

        21 frequencies 160 Hz apart, from 4,500 Hz down as the fault grows; steps of two keep the
        first ten 320 Hz apart, and the odd places are filled by what comes after.
        """
        rank = len(_PLACES) * self.size + _PLACES.index(self.place)
        main = 4500.0 - 160.0 * (2 * rank % 21)
        return (main, 0.015 + 0.005 * (self.size % 3), 1.0), (_PATH_HZ[self.place], 0.04, 0.25)


@dataclass(frozen=True)
class Way:
    """From the bearing to one sensor, relative to the radial one.

    Parameters
    ----------
    number
        Of the sensor.
    main, path
        Share of each of a fault's two resonances.
    delay
        Seconds that an impact takes longer.
    background
        Level of what a sound machine has.
    """

    number: int
    main: float = 1.0
    path: float = 1.0
    delay: float = 0.0
    background: float = 1.0


WAYS = {
    "radial": Way(0),
    "tangential": Way(1, main=0.7, path=1.3, delay=60e-6, background=0.9),
    "axial": Way(2, main=0.35, path=0.8, delay=210e-6, background=0.6),
}
CHANNELS = tuple(WAYS)
"""The sensors that there are."""

FAULTS = tuple(Fault(place, size) for size in range(7) for place in _PLACES)


@dataclass(frozen=True)
class Machine:
    """The test stand: bearing, shaft speed in Hz, sample rate in Hz, samples to make."""

    bearing: Bearing
    shaft_hz: float
    sample_rate: float
    length: int

    def vibration(
        self,
        fault: Fault | None,
        seeds: Sequence[int],
        ways: Sequence[Way],
        severity: float = 1.0,
    ) -> NDArray[np.float64]:
        """Return (length,) samples in g at the fault's level; of several sensors (length, ways).

        The level is the radial sensor's, whichever are asked for; what the impacts ring is
        `severity` times as large.
        """
        rng = np.random.default_rng(seeds)
        radial = self._background(rng)
        found = [radial if not way.number else self._beside(seeds, way) for way in ways]
        if fault is not None:
            impacts = self._impacts(fault.place, rng)
            first = self.ringing(fault, *impacts, WAYS[CHANNELS[0]])
            level = math.sqrt(fault.rms**2 - SOUND_G**2)
            gain = severity * level / math.sqrt(float(np.mean(first**2)) or 1.0)
            rings = (
                first if not way.number else self.ringing(fault, *impacts, way) for way in ways
            )
            found = [sound + ringing * gain for sound, ringing in zip(found, rings, strict=True)]
        return found[0] if len(found) == 1 else np.stack(found, axis=1)

    def _beside(self, seeds: Sequence[int], way: Way) -> NDArray[np.float64]:
        """Return what another sensor than the radial one has of a sound machine."""
        rng = np.random.default_rng([*seeds, way.number])
        return self._background(rng) * way.background

    def _background(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return shaft harmonics, motor tones, noise and the sensor's offset: 0.073 g RMS."""
        tones = {  # order of the shaft speed: amplitude in g
            1: 0.020, 2: 0.028, 3: 0.008, 4: 0.006, 12: 0.010,
            35: 0.070, 36: 0.030, 70: 0.025, 71: 0.018,
        }  # fmt: skip
        turn = 2 * math.pi * self.shaft_hz / self.sample_rate * np.arange(self.length)
        total = 0.025 * rng.standard_normal(self.length)
        for order, amplitude in tones.items():
            total += amplitude * np.sin(order * turn + rng.uniform(0, 2 * math.pi))
        return total * (SOUND_G / math.sqrt(float(np.mean(total**2)))) + 0.01

    def ringing(
        self,
        fault: Fault,
        times: NDArray[np.float64],
        strengths: NDArray[np.float64],
        way: Way,
    ) -> NDArray[np.float64]:
        """Return the response to all impacts at one sensor, in arbitrary units.

        Each impact's decay is evaluated at its own sub-sample time; the frequencies are exact.
        """
        times = times + way.delay
        total = np.zeros(self.length)
        for start in range(0, times.size, _BATCH):
            time = times[start : start + _BATCH, None]
            strength = strengths[start : start + _BATCH, None]
            first = np.ceil(time * self.sample_rate).astype(np.int64)
            for (hertz, damping, share), passed in zip(
                fault.modes, (way.main, way.path), strict=True
            ):
                decay = 2 * math.pi * hertz * damping
                reach = math.ceil(7 / decay * self.sample_rate)  # down to a thousandth
                places = first + np.arange(reach)
                delay = places / self.sample_rate - time
                rings = strength * (share * passed) * np.exp(-decay * delay)
                rings *= np.sin(2 * math.pi * hertz * delay)
                inside = (places >= 0) & (places < self.length)
                np.add.at(total, places[inside], rings[inside])
        return total

    def impacts(
        self, fault: Fault, seeds: Sequence[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return when the impacts of `vibration` with the same seeds are, in s, and how strong.

        Those within the recording alone; strengths are relative.
        """
        rng = np.random.default_rng(seeds)
        self._background(rng)  # it is drawn first
        times, strengths = self._impacts(fault.place, rng)
        inside = (times >= 0) & (times < self.length / self.sample_rate)
        return times[inside], strengths[inside]

    def _impacts(
        self, place: str, rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the times in seconds and the strengths of all impacts.

        A fault of the outer race stays in the load; one of the inner race passes the load zone
        once a turn of the shaft, one of a ball once a turn of the cage. A ball strikes the outer
        and the inner race in turn, twice a spin, and not equally hard.
        """
        rate = {
            "OR": self.bearing.bpfo(self.shaft_hz),
            "IR": self.bearing.bpfi(self.shaft_hz),
            "B": 2 * self.bearing.bsf(self.shaft_hz),
        }[place]
        seconds = self.length / self.sample_rate
        # One impact before the start, and enough after the end for slip that runs late.
        count = math.ceil(seconds * rate * 1.1) + 10
        slip = 1 + 0.012 * rng.standard_normal(count)
        times = (np.cumsum(np.maximum(slip, 0.5)) - rng.uniform(1, 2)) / rate
        strengths = np.abs(1 + 0.1 * rng.standard_normal(count))
        if place == "IR":
            strengths *= _load(self.shaft_hz, times, rng)
        elif place == "B":
            strengths *= _load(self.bearing.ftf(self.shaft_hz), times, rng)
            strengths[1::2] *= 0.6
        return times, strengths


def _load(
    hertz: float, times: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the load, 0.2..1, at `times` for a fault that passes the load zone at `hertz`."""
    phase = 2 * math.pi * hertz * times + rng.uniform(0, 2 * math.pi)
    return 0.6 + 0.4 * np.cos(phase)
