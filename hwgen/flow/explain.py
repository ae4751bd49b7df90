"""What a network looked at in a window of a recording: maps, spectra, figure and page."""

from __future__ import annotations

import dataclasses
import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import files, lock, signals
from hwgen.errors import InputError
from hwgen.explain import (
    GRADIENT,
    Axis,
    Map,
    Target,
    envelope_spectrum,
    map_spectrum,
    maps_of,
    strengths,
    target_of,
)
from hwgen.export import package
from hwgen.flow import results, stage
from hwgen.flow.current import EXPLAIN
from hwgen.flow.explained import Explained, Row
from hwgen.flow.fault_lines import Strikes, strikes_of
from hwgen.flow.one_recording import read_one
from hwgen.flow.options import Settings
from hwgen.flow.results import FIGURE
from hwgen.flow.stage import Say
from hwgen.flow.subject import Subject, own_scale, subject_of
from hwgen.flow.which_window import Chosen, Which, choose
from hwgen.network import Floats
from hwgen.report.explain_figure import Panel, explain_figure
from hwgen.report.explain_page import explain_page

NPZ, PAGE = "explain.npz", "explain.html"

_MOST = 1 << 21
"""Numbers of a layer's RawQtt that are kept: 8 MiB."""


@dataclass(frozen=True)
class Asked:
    """What the user asks.

    Parameters
    ----------
    which
        Window and class.
    bearing, rpm
        Of `hwgen.flow.fault_lines.strikes_of`.
    layer
        Of Grad-CAM; None: the last that still has positions.
    """

    which: Which = field(default_factory=Which)
    bearing: str | None = None
    rpm: float | None = None
    layer: str | None = None


@dataclass(frozen=True, eq=False)
class Looked:
    """A recording's windows, and all that was found in them."""

    subject: Subject
    recording: signals.Recording
    chosen: Chosen
    target: Target
    maps: tuple[Map, ...]
    spectra: dict[str, Floats]
    strikes: Strikes
    rate: float | None
    said: Explained


def explain(
    path: Path, file: Path, settings: Settings, asked: Asked, output: Path | None, say: Say
) -> tuple[Explained, Path]:
    """Explain a window, write what was found, and return it and the folder.

    Parameters
    ----------
    path
        Folder of a build, or a checkpoint.
    file
        The recording.
    settings
        How the checkpoint and the recording are read.
    output
        Folder to write; None: ``explain-NAME`` here.
    say
        Told what is read and assumed.

    Raises
    ------
    InputError
        If the network or the recording cannot be used.
    UsageError
        If what is asked for is not there, or `output` holds something else.
    FileAccessError
        If it cannot be written.
    """
    subject = subject_of(path, settings)
    looked = _look(subject, file, settings, asked, say)
    svg = explain_figure(list(_panels(looked)), looked.strikes.hertz, looked.rate)
    said = dataclasses.replace(looked.said, figure=files.digest(svg))
    page = explain_page(said.section(), svg)
    folder = output or Path(f"explain-{file.stem}")
    with package(folder, {"what": "explain"}) as new:
        files.write_bytes(new / NPZ, _arrays(looked))
        files.write_text(new / FIGURE, svg)
        files.write_text(new / PAGE, page)
    if subject.settings is not None:
        _add_to_report(path, subject.settings, said, svg, say)
    return said, folder


def _add_to_report(build: Path, settings: Settings, said: Explained, svg: str, say: Say) -> None:
    """Add the figure and the table to a build's report."""
    with lock.folder(build):
        place = build / EXPLAIN

        def work() -> Explained:
            files.write_text(place / FIGURE, svg)
            return said

        stage.run("explain", place, None, (FIGURE,), work, kind=Explained, say=say, force=True)
        results.write_report(settings, build)


def _look(subject: Subject, file: Path, settings: Settings, asked: Asked, say: Say) -> Looked:
    network = subject.network
    for note in subject.notes:
        say(note)
    recording, _ = read_one(
        file, settings.data.reading, subject.read_as, network, say, subject.kind
    )
    rate = recording.sample_rate or network.sample_rate
    scale, assumed = _scale(subject, recording)
    chosen = choose(network, recording, scale, rate, asked.which)
    strikes = strikes_of(file, recording, asked.bearing, asked.rpm)
    if strikes.hertz and rate is None:
        strikes = Strikes({}, "no fault frequencies: nobody states the sample rate; --sample-rate")
    x = chosen.x * scale
    values = network.activations(x[:1])
    target = target_of(network, values, asked.which.name)
    maps = maps_of(network, x, target, asked.layer)
    _check_finite(maps, network.name)
    spectra = _spectra(chosen.x, maps)
    notes = (*assumed, *chosen.notes, strikes.words, *_of_time(maps))
    for note in notes:
        say(note)
    source = network.class_output
    logits = None if source is None else np.sort(values[source][0])
    begin = chosen.starts[0]
    said = Explained(
        basis={"model": subject.digest},
        network=network.name,
        file=recording.source,
        start=begin,
        begin_s=begin / rate if rate else None,
        said="" if logits is None else target_of(network, values, None).name,
        margin=None if logits is None else float(logits[-1] - logits[-2]),
        target=target.name,
        windows=len(chosen.starts),
        rate=rate,
        lines=strikes.hertz,
        rows=tuple(_rows(chosen.x, maps, spectra, strikes, rate)),
        notes=(*subject.notes, *notes),
        figure="",
    )
    return Looked(subject, recording, chosen, target, maps, spectra, strikes, rate, said)


def _scale(subject: Subject, recording: signals.Recording) -> tuple[float, tuple[str, ...]]:
    """Return what the samples are multiplied by, and what is assumed of it."""
    if subject.scale is not None:
        return subject.scale, ()
    if own_scale(subject):
        return 1.0, ()
    one = signals.Dataset(recording.source, (recording.label,), (recording,))
    scale = signals.input_scale(one, None)
    return scale, (
        f"input is the recording times {scale:.4g}, one over its RMS: the checkpoint does not say "
        "it; --input-scale does",
    )


def _check_finite(maps: tuple[Map, ...], name: str) -> None:
    for each in maps:
        if not np.isfinite(each.values).all():
            raise InputError(
                f"{each.name} of {name} is not finite for this window; check --input-scale and unit"
            )


def _of_time(maps: tuple[Map, ...]) -> Iterator[str]:
    """Yield what to say of maps whose places are not in time."""
    for each in maps:
        if each.axis is Axis.NONE:
            yield f"{each.name}: {each.positions} numbers without a place in time, in {NPZ} only"
        elif each.kind != GRADIENT and not each.values.any():
            yield f"{each.name} is zero everywhere: nothing there speaks for it"


def _spectra(x: Floats, maps: tuple[Map, ...]) -> dict[str, Floats]:
    """Return envelope spectra by name: of the signal, the mean of its channels, and of maps."""
    rows = x if x.ndim == 2 else x.reshape(-1, x.shape[-1])
    found = {"signal": envelope_spectrum(rows)}
    timed = (each for each in maps if each.axis is Axis.TIME)
    return found | {each.name: map_spectrum(each.values) for each in timed}


def _rows(
    x: Floats, maps: tuple[Map, ...], spectra: dict[str, Floats], strikes: Strikes,
    rate: float | None,
) -> Iterator[Row]:  # fmt: skip
    length = x.shape[-1]

    def measured(name: str, positions: int) -> dict[str, list[float | None]]:
        if rate is None or name not in spectra:
            return {}
        limit = rate / 2 * min(1.0, positions / length)
        found = strengths(spectra[name], rate / length, strikes.hertz, limit)
        return {line: list(values) for line, values in found.items()}

    yield Row("signal", Axis.TIME.value, length, None, measured("signal", length))
    for each in maps:
        strong = measured(each.name, each.positions)
        yield Row(each.name, each.axis.value, each.positions, each.half, strong)


def _panels(looked: Looked) -> Iterator[Panel]:
    """Yield what is drawn: the wave and its spectrum, then each map that has places."""
    length, rate = looked.chosen.x.shape[-1], looked.rate
    step = 1 / length if rate is None else rate / length
    wave = looked.chosen.x[0].reshape(-1, length)[0]
    yield Panel("signal", wave, looked.spectra["signal"], step, length)
    for each in looked.maps:
        if each.axis is Axis.TIME:
            own, spectrum = each.positions, looked.spectra[each.name]
            yield Panel(each.name, each.values[0], spectrum, step, own)
        elif each.axis is Axis.BINS:
            yield Panel(each.name, _by_bin(looked, each), None, step, each.positions)


def _by_bin(looked: Looked, each: Map) -> Floats:
    """Return a map over bins in the order of frequencies, from 0 to half the rate."""
    bins = next(op.bins for op in looked.subject.network.layers if hasattr(op, "bins"))
    found = np.zeros(looked.chosen.x.shape[-1] // 2 + 1)
    found[bins] = each.values[0]
    return found


def _arrays(looked: Looked) -> bytes:
    """Return the ``.npz``; docs/explain.md has its keys."""
    chosen, said = looked.chosen, looked.said
    about = said.section() | {"channel": looked.recording.channel, "notes": list(said.notes)}
    arrays: dict[str, Any] = {
        "wave": chosen.x[0],
        "rate": math.nan if looked.rate is None else looked.rate,
        "start": chosen.starts[0],
        "starts": np.array(chosen.starts),
        "target": looked.target.name,
        "about": json.dumps(about),
        "lines": np.array(list(looked.strikes.hertz.values())),
        "line_names": np.array(list(looked.strikes.hertz), dtype=np.str_),
    }
    if looked.rate is not None:
        bins = np.arange(len(looked.spectra["signal"]))
        arrays["frequencies"] = bins * (looked.rate / chosen.x.shape[-1])
    for name, spectrum in looked.spectra.items():
        arrays[f"spectrum.{name}"] = spectrum
    for each in looked.maps:
        arrays[f"map.{each.name}"] = each.values[0]
        for part, values in each.parts.items():
            if part != "raw" or values.size <= _MOST:
                arrays[f"{part}.{each.name}"] = values.astype(np.float32)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()
