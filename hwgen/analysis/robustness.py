"""How float and fixed-point network fare in more or less noise, and with a gain that is off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hwgen import golden, metrics, signals
from hwgen.analysis.disagreements import Disagreements
from hwgen.fixedpoint import Integers
from hwgen.network import Floats, Network
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise

SNR_DB = (-12, -9, -6, -3, 0, 3, 6, 10, 15, 20)
"""Signal-to-noise ratios in dB at which F1 is measured."""

GAINS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
"""Sensor gains, relative to the right one, at which F1 is measured."""


@dataclass(frozen=True)
class Pair:
    """A network in floats and in integers.

    Parameters
    ----------
    network, model
        The float and the integer network.
    input_scale
        What the float network's samples are multiplied by.
    """

    network: Network
    model: QuantizedModel
    input_scale: float

    def scores(self, x: Floats, labels: Integers) -> tuple[float, float]:
        """Return macro F1 of either network.

        Parameters
        ----------
        x
            ``(n, *shape)`` samples in the recordings' unit.
        labels
            ``(n,)`` true classes.
        """
        answers = (
            self.network.run(x * self.input_scale).argmax(axis=1),
            golden.classify(golden.run(self.model, digitise(x, self.model.bits))),
        )
        classes = len(self.model.classes)
        exact, fixed = (metrics.macro_f1(labels, found, classes) for found in answers)
        return exact, fixed


@dataclass(frozen=True)
class Sweep:
    """Macro F1 of both networks at some points.

    Parameters
    ----------
    what
        What is varied: ``"db"`` or ``"gain"``.
    windows
        How many there are at each point.
    points
        Where F1 was measured, ascending.
    exact, fixed
        F1 of the float and of the integer network at each.
    """

    what: str
    windows: int
    points: tuple[float, ...]
    exact: tuple[float, ...]
    fixed: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as the report has it."""
        return {
            "windows": self.windows,
            self.what: list(self.points),
            "float_f1": list(self.exact),
            "fixed_f1": list(self.fixed),
        }


@dataclass(frozen=True)
class Robustness:
    """What becomes of the answers when noise or gain change, or floats become integers.

    Parameters
    ----------
    snr, gain
        None where there are no labels or, for `snr`, no recordings.
    disagreements
        Of the two networks.
    """

    snr: Sweep | None
    gain: Sweep | None
    disagreements: Disagreements

    def to_json(self) -> dict[str, Any]:
        """Return it as the report has it."""
        return {
            "snr": None if self.snr is None else self.snr.to_json(),
            "gain": None if self.gain is None else self.gain.to_json(),
            "disagreements": self.disagreements.to_json(),
        }


def snr_sweep(
    pair: Pair, clean: signals.Dataset, places: signals.Places, labels: Integers, *, seed: int
) -> Sweep:
    """Measure macro F1 with white noise.

    The noise relates to each recording's own power. It is the same noise at all ratios, only
    louder or softer, so that the curve is that of the ratio and not of the draw.

    Parameters
    ----------
    pair
        The networks.
    clean
        Recordings without noise.
    places, labels
        Where the windows lie in them, and their classes.
    seed
        Of the noise.
    """

    def at(snr_db: float) -> Floats:
        noisy = signals.noisy(clean, snr_db, seed)
        return signals.cut(noisy, places, pair.network.input_samples)[0]

    return _sweep(pair, "db", SNR_DB, map(at, SNR_DB), labels)


def gain_sweep(pair: Pair, x: Floats, labels: Integers) -> Sweep:
    """Measure macro F1 with a sensor that is too weak or too strong.

    The integer network's samples are clipped where the gain takes them beyond the ADC's range;
    the float network's are not.

    Parameters
    ----------
    pair
        The networks.
    x, labels
        ``(n, *shape)`` windows in the recordings' unit, and their classes.
    """
    return _sweep(pair, "gain", GAINS, (gain * x for gain in GAINS), labels)


def _sweep(
    pair: Pair, what: str, points: tuple[float, ...], windows: Iterable[Floats], labels: Integers
) -> Sweep:
    """Return F1 at each point, whose windows are made when it is their turn."""
    scores = [pair.scores(x, labels) for x in windows]
    exact, fixed = zip(*scores, strict=True)
    return Sweep(what, len(labels), points, exact, fixed)
