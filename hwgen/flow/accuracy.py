"""How well the integer network answers on the test part, beside the float one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from hwgen import metrics
from hwgen.fixedpoint import Integers
from hwgen.flow.windows import Windows
from hwgen.network import Floats
from hwgen.quantized.op import Bools

_SAID_WHEN_KNOWN = (
    "confusion", "snr_db", "sqnr_db", "max_error", "rms_error", "threshold", "false_alarm_rate",
    "auc_float", "auc_fixed", "average_precision_float", "average_precision_fixed", "faults",
    "other",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """The report's ``accuracy``.

    Parameters
    ----------
    data
        Name of the data.
    windows
        How many were answered.
    agreement
        Share of them to which both networks give the same class; None without a class.
    float_f1, fixed_f1
        Macro-F1 of both networks; None without labels.
    confusion
        Counts by true and by given class, of ``"float"`` and ``"fixed"``; None without labels.
    snr_db
        Of the noise that was added; None for none.
    input_scale
        The networks take the sensor's value times this.
    sqnr_db
        Of a network without a class: signal to quantization noise of its values; of one with a
        score, of how scores differ from their mean: what rounding adds to each is no noise.
    kind
        Whether a ``"class"`` is told, an ``"anomaly"``, or ``"values"`` alone.
    max_error, rms_error
        Of the integer network's values beside the float one's.
    threshold
        Of a score, in real units: what the integer network's is.
    false_alarm_rate
        Share of healthy windows that the integer network says to be anomalies.
    auc_float, auc_fixed, average_precision_float, average_precision_fixed
        Of the scores of both networks, where there are faulty windows and healthy ones.
    faults
        By class of the recordings, where these are several: ``windows``, ``auc_float``,
        ``auc_fixed``, and ``detected``, the share that the integer network says to be anomalies.
    other
        Of other recordings, as `hwgen.flow.others.measured` returns; None where there are none.
    """

    data: str
    windows: int
    agreement: float | None
    float_f1: float | None = None
    fixed_f1: float | None = None
    confusion: Mapping[str, list[list[int]]] | None = None
    snr_db: float | None = None
    input_scale: float
    sqnr_db: float | None = None
    kind: str = "class"
    max_error: float | None = None
    rms_error: float | None = None
    threshold: float | None = None
    false_alarm_rate: float | None = None
    auc_float: float | None = None
    auc_fixed: float | None = None
    average_precision_float: float | None = None
    average_precision_fixed: float | None = None
    faults: Mapping[str, Mapping[str, float]] | None = None
    other: list[dict[str, Any]] | None = None

    @classmethod
    def of_values(cls, windows: Windows, floats: Floats, fixed: Floats) -> Self:
        """Return the accuracy of the values that both networks give for the test windows."""
        ratio = metrics.sqnr_db(floats, fixed)
        return cls(
            data=windows.name,
            windows=len(fixed),
            agreement=None,
            snr_db=windows.snr_db,
            input_scale=windows.input_scale,
            sqnr_db=ratio if math.isfinite(ratio) else None,
            kind="values",
            max_error=float(np.abs(fixed - floats).max()),
            rms_error=float(np.sqrt(np.square(fixed - floats).mean())),
        )

    @classmethod
    def of(cls, windows: Windows, floats: Integers, fixed: Integers) -> Self:
        """Return the accuracy of the classes that both networks give for the test windows."""
        classes = len(windows.classes)
        scores: dict[str, Any] = {}
        if windows.labelled:
            answers = {"float": floats, "fixed": fixed}
            scores = {
                f"{kind}_f1": metrics.macro_f1(windows.labels, found, classes)
                for kind, found in answers.items()
            }
            scores["confusion"] = {
                kind: metrics.confusion(windows.labels, found, classes).tolist()
                for kind, found in answers.items()
            }
        return cls(
            data=windows.name,
            windows=len(fixed),
            agreement=metrics.agreement(floats, fixed),
            snr_db=windows.snr_db,
            input_scale=windows.input_scale,
            **scores,
        )

    @classmethod
    def of_scores(cls, windows: Windows, floats: Floats, fixed: Floats) -> Self:
        """Return the accuracy of a network with a score.

        Parameters
        ----------
        floats, fixed
            Logits ``(n, 2)`` of both networks for the test windows, in real units.
        """
        plain = cls.of(windows, floats.argmax(axis=1), fixed.argmax(axis=1))
        healthy = windows.labels == 0
        scores = {"float": floats[:, 1], "fixed": fixed[:, 1]}
        found: dict[str, Any] = {}
        if windows.labelled and healthy.any():
            found["false_alarm_rate"] = float(np.mean(fixed.argmax(axis=1)[healthy]))
            if not healthy.all():
                for kind, each in scores.items():
                    found[f"auc_{kind}"] = metrics.auc(windows.labels, each)
                    found[f"average_precision_{kind}"] = metrics.average_precision(
                        windows.labels, each
                    )
                found["faults"] = _by_fault(windows, healthy, scores, fixed.argmax(axis=1))
        ratio = metrics.sqnr_db(*(each - each.mean() for each in scores.values()))
        return replace(
            plain,
            kind="anomaly",
            threshold=float(fixed[0, 0]),
            sqnr_db=ratio if math.isfinite(ratio) else None,
            **found,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {
            name: value
            for name, value in vars(self).items()
            if value is not None or name not in _SAID_WHEN_KNOWN
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(**value)


def _by_fault(
    windows: Windows, healthy: Bools, scores: Mapping[str, Floats], alarms: Integers
) -> dict[str, dict[str, float]] | None:
    """Return figures of each class of faulty recordings; None where one is all there is."""
    if windows.kind_labels is None:
        return None
    found: dict[str, dict[str, float]] = {}
    for number in np.unique(windows.kind_labels[~healthy]).tolist():
        mine = windows.kind_labels == number
        both = healthy | mine
        found[windows.kinds[number]] = {
            "windows": int(mine.sum()),
            **{f"auc_{kind}": metrics.auc(mine[both], s[both]) for kind, s in scores.items()},
            "detected": float(alarms[mine].mean()),
        }
    return found
