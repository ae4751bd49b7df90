"""Margins of windows, from which a board with a sensor tells what is unknown: kept by a build."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from hwgen import files, golden, signals
from hwgen.analysis.margins import gaps
from hwgen.errors import HwgenError, InputError
from hwgen.fixedpoint import Integers
from hwgen.flow.windows import Windows
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise
from hwgen.signals.quality import level_range

MARGINS = "decision.json"
"""The file's name in the integer network's folder."""

_MOST = 4000
"""Held-out windows that are looked at."""

_LISTS = ("right", "wrong", "test_right", "test_wrong")


@dataclass(frozen=True)
class Margins:
    """Sorted margins of right and wrong answers, in units of a logit's integer.

    Parameters
    ----------
    windows
        ``"held-out"``, or ``"calibration"`` where those that calibrated stand in for them.
    labelled
        Whether it is known which answers are right; else all count as that.
    right, wrong
        Of these windows.
    test_right, test_wrong
        Of the test part's.
    levels_db
        The lowest and the highest level (`hwgen.signals.quality`) of a window that calibrated, of
        those held out, and of the recordings without the noise that was added to them. None where
        all are constant, or in builds of older versions.
    read_as
        As what the recordings were read; None in builds of older versions.
    """

    windows: str
    labelled: bool
    right: tuple[int, ...]
    wrong: tuple[int, ...]
    test_right: tuple[int, ...]
    test_wrong: tuple[int, ...]
    levels_db: tuple[float, float] | None = None
    read_as: signals.ReadAs | None = None

    @classmethod
    def of(cls, model: QuantizedModel, windows: Windows, test: Integers) -> Self:
        """Return the margins of an integer network.

        Parameters
        ----------
        windows
            Held-out windows, or where there are none, those that calibrated.
        test
            Logits of the test windows ``(n, classes)``.
        """
        held = len(windows.held) > 0
        x, labels = (
            (windows.held, windows.held_labels)
            if held
            else (windows.calibration, windows.calibration_labels)
        )
        name = "held-out" if held else "calibration"
        last = _levels(windows), windows.read_as
        if not model.classes:  # without a class there is no margin
            return cls(name, windows.labelled, (), (), (), (), *last)
        chosen = signals.spread(len(x), _MOST)
        logits = golden.run(model, digitise(x[chosen], model.bits))
        return cls(
            name,
            windows.labelled,
            *_right_and_wrong(logits, labels[chosen], windows.labelled),
            *_right_and_wrong(test, windows.labels, windows.labelled),
            *last,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return vars(self) | {
            **{name: list(getattr(self, name)) for name in _LISTS},
            "levels_db": None if self.levels_db is None else list(self.levels_db),
            "read_as": None if self.read_as is None else self.read_as.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote; KeyError, TypeError or ValueError if it did not."""
        levels, read_as = value.get("levels_db"), value.get("read_as")
        return cls(
            windows=value["windows"],
            labelled=value["labelled"],
            **{name: _integers(name, value[name]) for name in _LISTS},
            levels_db=None if levels is None else _pair(levels),
            read_as=None if read_as is None else _read_as(read_as),
        )


def read_margins(folder: Path) -> Margins:
    """Return the margins in an integer network's folder; `InputError` if they are damaged."""
    path = folder / MARGINS
    value = files.read_json(path)
    try:
        return Margins.from_json(value)
    except (KeyError, TypeError, ValueError, AttributeError, HwgenError) as error:
        raise InputError(f"{path} is damaged ({error}); build again") from error


def read_as(folder: Path) -> signals.ReadAs | None:
    """Return as what a build's recordings were read; None in builds of older versions.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    return read_margins(folder).read_as if (folder / MARGINS).is_file() else None


def _right_and_wrong(
    logits: Integers, labels: Integers, labelled: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return sorted margins; every answer counts as right where nobody knows."""
    right = golden.classify(logits) == labels if labelled else np.ones(len(logits), dtype=bool)
    found = gaps(logits)
    return tuple(np.sort(found[right]).tolist()), tuple(np.sort(found[~right]).tolist())


def _levels(windows: Windows) -> tuple[float, float] | None:
    """Return the lowest and the highest level, in dB; None where all windows are constant."""
    length = windows.calibration.shape[-1]
    clean = windows.clean_train.recordings if windows.clean_train else ()
    views = (signals.windows(each.samples, length, length) for each in clean)
    return level_range([windows.calibration, windows.held, *views])


def _integers(name: str, value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(isinstance(each, int) for each in value):
        raise TypeError(f"{name} must be a list of integers")
    return tuple(value)


def _read_as(value: Any) -> signals.ReadAs:
    try:
        return signals.ReadAs.from_json(value)
    except (TypeError, ValueError, HwgenError) as error:
        raise ValueError(f"read_as: {error}") from error


def _pair(value: Any) -> tuple[float, float]:
    """Return the range of levels that a JSON value holds."""
    if not (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(each, float) and math.isfinite(each) for each in value)
        and value[0] <= value[1]
    ):
        raise TypeError(f"levels_db must be two finite numbers, the lower one first, not {value!r}")
    return value[0], value[1]
