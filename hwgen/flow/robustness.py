"""How float and fixed-point network fare in more or less noise, and with a gain that is off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen import golden, metrics, signals
from hwgen.fixedpoint import Integers
from hwgen.flow.disagreements import disagreements
from hwgen.flow.windows import Windows, for_verification
from hwgen.network import Floats, Network
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise

SNR_DB = (-12, -9, -6, -3, 0, 3, 6, 10, 15, 20)
"""Signal-to-noise ratios in dB at which F1 is measured."""

GAINS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
"""Sensor gains, relative to the right one, at which F1 is measured."""

_WINDOWS = 400
"""Windows at each point: both sweeps take some 5 s with windows of 2,048 samples."""


def measure(
    network: Network,
    model: QuantizedModel,
    windows: Windows,
    float_logits: Floats,
    fixed_logits: Integers,
    *,
    clean: signals.Dataset | None,
    stride: int,
    seed: int,
) -> dict[str, Any]:
    """Return the report's ``robustness``: both sweeps and the disagreements.

    Parameters
    ----------
    network, model
        Float and integer network.
    windows
        With the test part's windows in g.
    float_logits, fixed_logits
        Both networks' logits for them, ``(n, classes)``; the integers of the golden model.
    clean
        Recordings of the test part without noise, of which ``windows.test`` are the windows
        `stride` samples apart; None where there are only windows.
    stride
        In samples.
    seed
        Of the noise.

    Returns
    -------
    ``snr`` and ``gain`` as `snr_sweep` and `gain_sweep` give them, null where there are no labels
    or, for ``snr``, no recordings; and ``disagreements``, as `hwgen.flow.disagreements` does.

    Raises
    ------
    ValueError
        If the test windows are not those of the recordings.
    """
    places = None if clean is None else _places(clean, network.input_samples, stride)
    if places is not None and len(places) != len(windows.test):
        raise ValueError(
            f"clean must be the recordings of the {len(windows.test)} test windows, "
            f"not of {len(places)}"
        )
    snr = gain = None
    if windows.labelled:
        gain = gain_sweep(network, model, windows)
    if windows.labelled and clean is not None:
        snr = snr_sweep(network, model, windows, clean, stride=stride, seed=seed)
    return {
        "snr": snr,
        "gain": gain,
        "disagreements": disagreements(
            float_logits,
            fixed_logits * model.ops[-1].output.scale,
            windows.classes,
            windows.labels if windows.labelled else None,
            None if places is None else [(place.source, place.start) for place in places],
        ),
    }


def snr_sweep(
    network: Network,
    model: QuantizedModel,
    windows: Windows,
    clean: signals.Dataset,
    *,
    stride: int,
    seed: int,
) -> dict[str, Any]:
    """Measure macro F1 with white noise on the test part.

    The noise relates to each recording's own power. It is the same noise at all ratios, only
    louder or softer, so that the curve is that of the ratio and not of the draw.

    Parameters
    ----------
    network, model, windows, clean, stride, seed
        As for `measure`.

    Returns
    -------
    ``windows`` at each point, ``db``, ``float_f1`` and ``fixed_f1``.
    """
    places = _places(clean, network.input_samples, stride)
    labels = np.array([clean.classes.index(clean.recordings[p.recording].label) for p in places])
    chosen = for_verification(labels, _WINDOWS)

    def at(snr_db: float) -> Floats:
        recordings = signals.noisy(clean, snr_db, seed).recordings
        return np.stack(
            [
                recordings[place.recording].samples[place.start :][: network.input_samples]
                for place in (places[index] for index in chosen)
            ]
        )

    scores = _scores(network, model, windows, map(at, SNR_DB), labels[chosen])
    return {"windows": len(chosen), "db": list(SNR_DB)} | scores


def gain_sweep(network: Network, model: QuantizedModel, windows: Windows) -> dict[str, Any]:
    """Measure macro F1 with a sensor that is too weak or too strong.

    The integer network's samples are clipped where the gain takes them beyond the ADC's range;
    the float network's are not.

    Parameters
    ----------
    network, model, windows
        As for `measure`.

    Returns
    -------
    ``windows`` at each point, ``gain``, ``float_f1`` and ``fixed_f1``.
    """
    chosen = for_verification(windows.labels, _WINDOWS)
    x = windows.test[chosen]
    gained = (gain * x for gain in GAINS)
    scores = _scores(network, model, windows, gained, windows.labels[chosen])
    return {"windows": len(chosen), "gain": list(GAINS)} | scores


def _scores(
    network: Network,
    model: QuantizedModel,
    windows: Windows,
    points: Iterable[Floats],
    labels: Integers,
) -> dict[str, list[float]]:
    """Return macro F1 of both networks at each point, whose windows are in g."""
    scores: dict[str, list[float]] = {"float_f1": [], "fixed_f1": []}
    for x in points:
        found = {
            "float_f1": network.run(x * windows.input_scale).argmax(axis=1),
            "fixed_f1": golden.classify(golden.run(model, digitise(x, model.bits))),
        }
        for key, answers in found.items():
            scores[key].append(metrics.macro_f1(labels, answers, len(windows.classes)))
    return scores


@dataclass(frozen=True)
class _Place:
    """Where a window lies: the recording's number and source, the window's first sample."""

    recording: int
    source: str
    start: int


def _places(dataset: signals.Dataset, length: int, stride: int) -> list[_Place]:
    """Return where each window of `hwgen.signals.dataset_windows` lies, in its order."""
    return [
        _Place(number, recording.source, start)
        for number, recording in enumerate(dataset.recordings)
        for start in range(0, recording.samples.size - length + 1, stride)
    ]
