"""A recording through the golden model of a build."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import files, golden, signals
from hwgen.analysis.margins import gaps
from hwgen.fixedpoint import Integers
from hwgen.flow.left import check_asked, left_by_quantize
from hwgen.flow.margins import read_as
from hwgen.flow.marks import count_marks, judge_for
from hwgen.flow.one_recording import asked_for, read_one
from hwgen.flow.options import read_settings
from hwgen.flow.quantize import FOLDER
from hwgen.flow.stage import Say
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise

_BATCH = 1024
"""Windows that are made integers together: long recordings have more than fit into memory."""


@dataclass(frozen=True)
class Diagnosis:
    """One window's answer.

    Parameters
    ----------
    start
        Number of the window's first sample in the recording.
    seconds
        When the window begins; None where the rate is not known.
    name
        Of the class; "" where no output is one.
    margin
        Between the two largest logits, in the float network's units; 0 without a class.
    remark
        What is wrong with the window, in words; "" if its class counts.
    """

    start: int
    seconds: float | None
    name: str
    margin: float
    remark: str = ""


def predict(
    build: Path,
    file: Path,
    *,
    reading: signals.Reading = signals.Reading(),  # noqa: B008 -- frozen
    hop: int | None = None,
    save: Path | None = None,
    say: Say = lambda _: None,
) -> tuple[list[Diagnosis], str]:
    """Return a diagnosis per window of a recording, and a sentence on all of them.

    What the user leaves open of channel, unit and offset is read as it was for the build, and said.
    A window is unknown as on a board with a sensor, by the build's own threshold; what else is
    marked is in `hwgen.signals.quality`. Marked windows have a class all the same, but count for
    none.

    Parameters
    ----------
    save
        File (``.npz``) for all outputs in the float network's units, ``(n windows, *shape)``
        each as ``output.NAME``, and ``start``, the windows' first samples; None for none.
    say
        Told what is wrong with the recording as a whole.

    Raises
    ------
    InputError
        If `build` is no build, or the recording cannot be used, or is in another unit.
    FileAccessError
        If `save` cannot be written, or is the recording.
    """
    if save is not None:
        files.check_writable(save, read=[file])
    settings = read_settings(build)
    check_asked(settings, build)
    model = left_by_quantize(build)
    built = read_as(build / FOLDER) or asked_for(settings.data)
    recording, unit = read_one(file, reading, built, model, say)
    length = model.input_samples
    judge = judge_for(build, settings.hardware, model, recording, unit, say)
    windows = signals.windows(recording.samples, length, hop or length)
    begin = time.perf_counter()
    outputs = _outputs(model, windows, all_of_them=save is not None)
    taken = time.perf_counter() - begin
    starts = [index * (hop or length) for index in range(len(windows))]
    if save is not None:
        _save(save, model, outputs, starts)
    logits = outputs.get(
        model.graph.class_output or "", np.zeros((len(windows), 0), dtype=np.int64)
    )
    marks, remarks = judge(windows, logits)
    rate = recording.sample_rate or model.sample_rate
    rows = [
        Diagnosis(start, start / rate if rate else None, name, gap, remark)
        for start, (name, gap), remark in zip(starts, _named(model, logits), remarks, strict=True)
    ]
    pace = f"{taken / len(rows) * 1e6:.0f} us a window in the golden model"
    return rows, f"{file.name}: {_summary(model, logits, marks)}, {pace}"


def _outputs(model: QuantizedModel, windows: Any, *, all_of_them: bool) -> dict[str, Integers]:
    """Return the integers of outputs by name; what it is judged by unless all are wanted."""
    names = model.graph.sources() if all_of_them else model.graph.judged()
    parts = [
        golden.outputs(model, digitise(windows[at : at + _BATCH], model.bits), names)
        for at in range(0, len(windows), _BATCH)
    ]
    return {name: np.concatenate([part[at] for part in parts]) for at, name in enumerate(names)}


def _save(
    path: Path, model: QuantizedModel, outputs: dict[str, Integers], starts: list[int]
) -> None:
    """Write outputs in the float network's units."""
    arrays: dict[str, Any] = {"start": np.array(starts)}
    for name, integers in outputs.items():
        steps = model.graph[name].op.output.scale
        arrays[f"output.{name}"] = integers * steps.reshape(-1, *[1] * (integers.ndim - 2))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    files.write_bytes(path, buffer.getvalue())


def _named(model: QuantizedModel, logits: Integers) -> list[tuple[str, float]]:
    """Return each window's class, and its margin in the float network's units."""
    if not model.classes:
        return [("", 0.0)] * len(logits)
    margins = gaps(logits) * float(np.max(model.logits.scale))
    classes = [model.classes[number] for number in golden.classify(logits)]
    return list(zip(classes, margins.tolist(), strict=True))


def _summary(model: QuantizedModel, logits: Integers, marks: Integers) -> str:
    if model.classes:
        return _winner(golden.classify(logits), marks, model.classes)
    marked = int(np.count_nonzero(marks))
    with_marks = f", {marked} of them marked ({count_marks(marks)})" if marked else ""
    return f"{len(marks)} windows{with_marks}, values of {', '.join(model.values)}"


def _winner(found: Integers, marks: Integers, classes: tuple[str, ...]) -> str:
    """Return the class of most windows that have no mark, and how many have one.

    With as many marked ones it is uncertain; with none left there is none.
    """
    good = found[marks == 0]
    if not len(good):
        return f"no class: all {len(found)} windows are marked ({count_marks(marks)})"
    counts = np.bincount(good, minlength=len(classes))
    most = int(counts.argmax())
    text = f"{classes[most]} in {counts[most]} of {len(good)}"
    marked = len(found) - len(good)
    if not marked:
        return f"{text} windows"
    sure = "" if len(good) > marked else "uncertain, "
    left = f"{marked} of {len(found)} are marked and do not count ({count_marks(marks)})"
    return f"{sure}{text} windows without a mark; {left}"
