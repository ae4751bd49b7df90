"""A recording through the golden model of a build."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwgen import golden, signals
from hwgen.errors import InputError
from hwgen.flow.options import read_settings
from hwgen.flow.quantize import FOLDER, read_model
from hwgen.flow.stage import Say
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise
from hwgen.report.data_rows import recording_lines

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
        Of the class.
    margin
        Between the two largest logits, in the float network's units.
    """

    start: int
    seconds: float | None
    name: str
    margin: float


def predict(
    build: Path,
    file: Path,
    *,
    reading: signals.Reading = signals.Reading(),  # noqa: B008 -- frozen
    hop: int | None = None,
    say: Say = lambda _: None,
) -> tuple[list[Diagnosis], str]:
    """Return a diagnosis per window of a recording, and a sentence on all of them.

    Raises
    ------
    InputError
        If `build` is no build, or the recording cannot be used.
    """
    read_settings(build)
    model = read_model(build / FOLDER / "model.json")
    recording = signals.read_recording(file, reading=reading)
    for line in recording_lines(recording, model.sample_rate):
        say(line)
    _check(recording, model)
    length = model.input_samples
    windows = signals.windows(recording.samples, length, hop or length)
    begin = time.perf_counter()
    batches = (windows[start : start + _BATCH] for start in range(0, len(windows), _BATCH))
    logits = np.concatenate([golden.run(model, digitise(x, model.bits)) for x in batches])
    taken = time.perf_counter() - begin
    found = golden.classify(logits)
    step = float(np.max(model.ops[-1].output.scale))
    best = np.sort(logits, axis=1)
    margins = (best[:, -1] - best[:, -2]) * step
    rate = recording.sample_rate or model.sample_rate
    starts = [index * (hop or length) for index in range(len(found))]
    rows = [
        Diagnosis(start, start / rate if rate else None, model.classes[number], float(margin))
        for start, number, margin in zip(starts, found, margins, strict=True)
    ]
    counts = np.bincount(found, minlength=len(model.classes))
    most = int(counts.argmax())
    return rows, (
        f"{file.name}: {model.classes[most]} in {counts[most]} of {len(rows)} windows, "
        f"{taken / len(rows) * 1e6:.0f} us a window in the golden model"
    )


def _check(recording: signals.Recording, model: QuantizedModel) -> None:
    rate = recording.sample_rate
    if rate and model.sample_rate and abs(rate - model.sample_rate) > 1e-4 * model.sample_rate:
        raise InputError(
            f"sample rate of {recording.source} must be the build's {model.sample_rate:g} Hz, "
            f"not {rate:g} Hz; resample the recording"
        )
    if len(recording.samples) < model.input_samples:
        raise InputError(
            f"{recording.source} must hold a window of {model.input_samples} samples, "
            f"not {len(recording.samples)}"
        )
