"""How float and fixed-point network fare in more or less noise, and with a gain that is off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
    seed: int,
) -> dict[str, Any]:
    """Return the report's ``robustness``: both sweeps and the disagreements.

    Parameters
    ----------
    network, model
        Float and integer network.
    windows
        With the test part's windows in g, and the recordings that they are cut from, if any.
    float_logits, fixed_logits
        Both networks' logits for them, ``(n, classes)``; the integers of the golden model.
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
    if windows.places is not None and len(windows.places) != len(windows.test):
        raise ValueError(
            f"places must be those of the {len(windows.test)} test windows, "
            f"not of {len(windows.places)}"
        )
    snr = gain = None
    if windows.labelled:
        gain = gain_sweep(network, model, windows)
    if windows.labelled and windows.clean_test is not None:
        snr = snr_sweep(network, model, windows, seed=seed)
    return {
        "snr": snr,
        "gain": gain,
        "disagreements": disagreements(
            float_logits,
            fixed_logits * model.logits.scale,
            windows.classes,
            windows.labels if windows.labelled else None,
            _sources(windows),
        ),
    }


def snr_sweep(
    network: Network,
    model: QuantizedModel,
    windows: Windows,
    *,
    seed: int,
) -> dict[str, Any]:
    """Measure macro F1 with white noise on the test part.

    The noise relates to each recording's own power. It is the same noise at all ratios, only
    louder or softer, so that the curve is that of the ratio and not of the draw.

    Parameters
    ----------
    network, model, seed
        As for `measure`.
    windows
        With the recordings that they are cut from.

    Returns
    -------
    ``windows`` at each point, ``db``, ``float_f1`` and ``fixed_f1``.
    """
    clean, places = windows.clean_test, windows.places
    assert clean is not None
    assert places is not None
    chosen = for_verification(windows.labels, _WINDOWS)

    def at(snr_db: float) -> Floats:
        noisy = signals.noisy(clean, snr_db, seed)
        return signals.cut(noisy, places[chosen], network.input_samples)[0]

    scores = _scores(network, model, windows, map(at, SNR_DB), windows.labels[chosen])
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


def _sources(windows: Windows) -> list[tuple[str, int]] | None:
    """Return source and first sample of each test window; None where there are only windows."""
    if windows.clean_test is None or windows.places is None:
        return None
    names = [recording.source for recording in windows.clean_test.recordings]
    places = windows.places
    return [
        (names[number], int(start))
        for number, start in zip(places.recording, places.start, strict=True)
    ]
