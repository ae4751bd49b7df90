"""A recording through the golden model of a build."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwgen import golden, signals
from hwgen.errors import InputError
from hwgen.flow.left import check_asked, left_by_quantize
from hwgen.flow.options import read_settings
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise


@dataclass(frozen=True)
class Diagnosis:
    """One window's answer.

    Parameters
    ----------
    seconds
        When the window begins; in samples where the rate is not known.
    name
        Of the class.
    margin
        Between the two largest logits, in the float network's units.
    """

    seconds: float
    name: str
    margin: float


def predict(
    build: Path,
    file: Path,
    *,
    reading: signals.Reading = signals.Reading(),  # noqa: B008 -- frozen
    hop: int | None = None,
) -> tuple[list[Diagnosis], str]:
    """Return a diagnosis per window of a recording, and a sentence on all of them.

    Raises
    ------
    InputError
        If `build` is no build, or the recording cannot be used.
    """
    check_asked(read_settings(build), build)
    model = left_by_quantize(build)
    recording = signals.read_recording(file, reading=reading)
    _check(recording, model)
    length = model.input_samples
    windows = signals.windows(recording.samples, length, hop or length)
    begin = time.perf_counter()
    logits = golden.run(model, digitise(windows, model.bits))
    taken = time.perf_counter() - begin
    found = golden.classify(logits)
    step = float(np.max(model.ops[-1].output.scale))
    best = np.sort(logits, axis=1)
    margins = (best[:, -1] - best[:, -2]) * step
    rate = recording.sample_rate or model.sample_rate or 1.0
    rows = [
        Diagnosis(index * (hop or length) / rate, model.classes[number], float(margin))
        for index, (number, margin) in enumerate(zip(found, margins, strict=True))
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
