"""Which way of calibrating is best for a network: by measurement, not by habit."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen import golden, metrics
from hwgen.calibration import shift as shifts
from hwgen.calibration.calibrate import Calibration, calibrate
from hwgen.calibration.fit import ROUNDINGS, Method
from hwgen.fixedpoint import Integers
from hwgen.network import Floats, Network
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

AUTO = "auto"
"""In place of a method's name: the one that measures best."""

_EQUAL_F1 = 0.001
"""Closer F1 are a matter of a few windows at a border: the logits' SQNR decides."""


_ENOUGH = 1200
"""Held-out windows that are looked at, at most about: each way takes as long as all of them."""


@dataclass(frozen=True)
class Choice:
    """One way of calibrating, measured.

    Parameters
    ----------
    method
        The way.
    f1
        Macro-F1 of the integer network; None without labels.
    sqnr_db
        Signal to quantization noise of the logits (without a class: of the values), against the
        float network's.
    """

    method: Method
    f1: float | None
    sqnr_db: float

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {
            "range": self.method.range,
            "rounding": self.method.rounding,
            "f1": self.f1,
            "sqnr_db": self.sqnr_db if np.isfinite(self.sqnr_db) else None,
        }


def methods(ranges: str = AUTO, rounding: str = AUTO) -> tuple[Method, ...]:
    """Return the ways that two names mean; `UsageError` if one is not known."""
    return tuple(
        Method(*names)
        for names in itertools.product(
            tuple(shifts.METHODS) if ranges == AUTO else (ranges,),
            ROUNDINGS if rounding == AUTO else (rounding,),
        )
    )


def choose_calibration(
    network: Network,
    windows: Floats,
    bits: Precision,
    task: Task,
    ways: tuple[Method, ...],
    held: Floats,
    labels: Integers | None,
) -> tuple[Calibration, tuple[Choice, ...]]:
    """Calibrate in every one of `ways` and keep the best.

    Parameters
    ----------
    windows
        ``(n, samples)`` in g, that calibration sees.
    bits, task
        As of `calibrate`.
    held, labels
        ``(m >= 1, samples)`` in g that it does not, and their classes ``(m,)``: the best has the
        highest F1 on them, and the highest SQNR of the logits among those within 0.001 of it.
        None: SQNR alone.

    Returns
    -------
    calibration, choices
        The best, and all that were measured (none if there is only one way).
    """
    made = [calibrate(network, windows, bits, task, method=way) for way in ways]
    if len(made) == 1:
        return made[0], ()
    step = -(-len(held) // _ENOUGH)
    held, labels = held[::step], None if labels is None else labels[::step]
    floats = network.judged(held * task.input_scale)
    samples = digitise(held, bits)
    choices = [_measured(each, floats, samples, labels) for each in made]
    top = max(choice.f1 or 0.0 for choice in choices)
    good = [i for i, choice in enumerate(choices) if (choice.f1 or 0.0) >= top - _EQUAL_F1]
    best = max(good, key=lambda i: choices[i].sqnr_db)
    return made[best], tuple(choices)


def _measured(
    made: Calibration, floats: Floats, samples: Integers, labels: Integers | None
) -> Choice:
    numbers = golden.judged(made.model, samples)
    ratio = metrics.sqnr_db(floats, numbers * made.model.steps)
    f1 = None
    if labels is not None:
        f1 = metrics.macro_f1(labels, golden.classify(numbers), len(made.model.classes))
    return Choice(made.method, f1, ratio)
