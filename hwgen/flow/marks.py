"""Which windows of a recording a build can say nothing of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import signals
from hwgen.analysis.margins import gaps
from hwgen.fixedpoint import Integers
from hwgen.flow import sensing
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.margins import MARGINS, read_margins
from hwgen.flow.quantize import FOLDER
from hwgen.flow.stage import Say
from hwgen.quantized import QuantizedModel
from hwgen.signals.quality import Mark, decibels_off, judge_recording, judge_windows, levels, remark
from hwgen.signals.units import SCORES

Judge = Callable[[Any, Integers], tuple[Integers, list[str]]]
"""From windows and their logits to marks and remarks."""


def judge_for(
    build: Path,
    options: HardwareOptions,
    model: QuantizedModel,
    recording: signals.Recording,
    unit: str | None,
    say: Say,
) -> Judge:
    """Return what judges the windows of a recording, after saying what is wrong with all of it.

    Parameters
    ----------
    unit
        What the user says the samples are in; None: nothing.
    build, options, model
        The build's folder, design point and integer network: it says from which margin on a class
        is known, what the converter's range is, and which levels calibration saw.

    Raises
    ------
    InputError
        If the build's margins are damaged.
    """
    if recording.unit == SCORES:
        return _judge_rows
    least, known = _kept(build, options, say)
    found = [
        judge_recording(one, length=model.input_samples, full_scale=model.bits.full_scale)
        for one in recording.alone()
    ]
    for one in found:
        for notice in one.notices(unit=unit):
            say(notice)
    low, high = known or (None, None)
    limits = [replace(one.limits, low_db=low, high_db=high) for one in found]

    def judge(windows: Any, logits: Integers) -> tuple[Integers, list[str]]:
        marks = judge_windows(windows, limits)
        if logits.shape[1]:  # without a class there is none that could be unknown
            marks = marks | np.where(gaps(logits) < least, Mark.UNKNOWN.value, 0)
        off = decibels_off(levels(windows), limits[0])
        return marks, [remark(int(a), float(b)) for a, b in zip(marks, off, strict=True)]

    return judge


def _judge_rows(windows: Any, logits: Integers) -> tuple[Integers, list[str]]:
    """Return no marks: a row has neither a level nor a course, and is an anomaly by its score."""
    return np.zeros(len(logits), dtype=np.int64), [""] * len(windows)


def _kept(
    build: Path, options: HardwareOptions, say: Say
) -> tuple[int, tuple[float, float] | None]:
    """Return the least margin of a known class and the range of levels, as the build kept them."""
    folder = build / FOLDER
    if not (folder / MARGINS).is_file():
        say(f"{build} is of an older version and cannot tell unknown windows; build again")
        return 0, None
    known = read_margins(folder).levels_db
    if known is None:
        say(
            f"{build} is of an older version and cannot tell windows far from its data; build again"
        )
    return sensing.least_margin(folder, options), known


def count_marks(marks: Integers) -> str:
    """Return how many windows have which mark, such as ``"8 dropout, 4 clipped"``."""
    counts = {mark: int(np.count_nonzero(marks & mark.value)) for mark in Mark}
    return ", ".join(
        f"{count} {(mark.name or '').lower()}" for mark, count in counts.items() if count
    )
