"""A data set that is fit to learn from: one scale, no dropouts; and what was done for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from hwgen.errors import InputError
from hwgen.signals.dataset import Dataset
from hwgen.signals.quality.findings import Findings, percent
from hwgen.signals.quality.recording import judge_recording
from hwgen.signals.quality.windows import Mark
from hwgen.signals.recording import Recording
from hwgen.signals.units import SHARES

APART_DB = 40.0
"""Recordings whose levels are so far apart are hardly in one unit: a factor of 100."""

_FEWEST_WINDOWS = 3
"""In a recording of its own: two thirds train, and a window must be left."""

_WANTED_WINDOWS = 8
"""Where a stretch is as long, shorter ones are not worth that no window can be held out."""

_NAMED = 3
"""Recordings that a notice names."""


def judge_dataset(
    dataset: Dataset, length: int, *, unit: str | None = None
) -> tuple[Dataset, tuple[str, ...]]:
    """Return the data set without dropouts, and what the user must know of it.

    Stretches of equal samples are cut out; what lies between is a recording of its own. A
    recording without any is not touched, and a data set of such recordings comes back as it is.
    Each of several channels is judged for itself; a dropout of one is cut out of all.

    Parameters
    ----------
    dataset
        As it was read.
    length
        Samples of the windows that will be cut from it.
    unit
        What the user says the samples are in; None if nothing.

    Raises
    ------
    InputError
        If samples cannot be g and the user does not say what they are; if recordings are in
        different units; or if nothing but dropouts is left of a class.
    """
    by_channel = [
        [judge_recording(one, length=length) for one in recording.alone()]
        for recording in dataset.recordings
    ]
    found = [one for each in by_channel for one in each]
    _check_units(dataset, found, unit)
    kept, cut = _without_dropouts(dataset, [_dropouts(each) for each in by_channel], length)
    notices = [
        *_units(found, unit),
        *_grouped(found, lambda one: one.offset, lambda one: f"{one.mean:.4g}",
                  "the mean is far above the RMS, as of no vibration: --offset takes it away"),
        *_levels(found),
        *_grouped(found, lambda one: one.glitches is not None, _first_glitch,
                  "glitch: samples far beyond all others; a fault of the recorder, or a mark for a "
                  "missing value? They are used as they are"),
        *_grouped(found, lambda one: bool(one.dropouts), _share_of(Mark.DROPOUT),
                  f"dropout: {min(one.run for one in found)} or more samples in a row are equal; "
                  f"those stretches are cut out{cut}"),
        *_grouped(found, lambda one: one.marked[Mark.CLIPPED] > 0, _share_of(Mark.CLIPPED),
                  "clipped: samples pile up at an end of the range; they are used as they are"),
    ]  # fmt: skip
    return kept, tuple(notices)


def _check_units(dataset: Dataset, found: Sequence[Findings], unit: str | None) -> None:
    """Refuse samples that cannot be what they are taken for."""
    for one in found:
        if one.unit != found[0].unit:
            raise InputError(
                f"{dataset.name}: recordings must be in one unit, but {found[0].source} is in "
                f"{found[0].unit!r} and {one.source} in {one.unit!r}; convert one of them"
            )
    # One without a window is refused for that, whatever its few samples look like.
    wrong = [one for one in found if one.not_g and one.windows]
    if unit is not None or not wrong:
        return
    good = [one for one in found if not one.not_g]
    if good:
        raise InputError(
            f"{dataset.name}: recordings must be in one unit, but {wrong[0].why_not_g()}, while "
            f"{good[0].source} may be in g (RMS {good[0].rms:.3g}); {len(wrong)} of {len(found)} "
            f"cannot be; convert them, or insist with --unit g"
        )
    raise InputError(
        f"{dataset.name}: {wrong[0].why_not_g()}; say what they are with {wrong[0].remedy()}, "
        f"or insist with --unit g"
    )


def _units(found: Sequence[Findings], unit: str | None) -> list[str]:
    """Return what contradicts the unit that the user states, or goes with it."""
    if found[0].unit == SHARES:
        return [
            "samples are shares of the recorder's full scale, not g; --full-scale of a build is "
            "one too: 1 where the board's sensor has that range"
        ]
    wrong = [one for one in found if one.not_g]
    if unit in {None, "counts"} or not wrong:
        return []
    return _grouped(wrong, lambda one: True, lambda one: f"RMS {one.rms:.4g} g",
                    f"the samples can hardly be {unit}, as --unit says")  # fmt: skip


def _levels(found: Sequence[Findings]) -> list[str]:
    """Return a notice if levels are too far apart for one unit."""
    ordered = sorted((one for one in found if one.rms > 0), key=lambda one: one.rms)
    if not ordered:
        return []
    low, high = ordered[0], ordered[-1]
    apart = 20 * math.log10(high.rms / low.rms)
    if apart < APART_DB:
        return []
    return [
        f"levels are {apart:.0f} dB apart: RMS {low.rms:.3g} in {low.source}, {high.rms:.3g} in "
        f"{high.source}; are all recordings in one unit, with one gain?"
    ]


def _first_glitch(one: Findings) -> str:
    if one.glitches is None:
        return "none"
    first = f"{one.glitches.value:.6g} at sample {one.glitches.first}"
    return first if one.glitches.count == 1 else f"{first}, {one.glitches.count} of them"


def _share_of(mark: Mark) -> Callable[[Findings], str]:
    return lambda one: f"{percent(one.share(mark))} of its windows"


def _grouped(
    found: Sequence[Findings],
    wanted: Callable[[Findings], bool],
    figure: Callable[[Findings], str],
    text: str,
) -> list[str]:
    """Return one notice on all recordings of a kind, the worst ones by name; none of none."""
    chosen = [one for one in found if wanted(one)]
    if not chosen:
        return []
    named = ", ".join(f"{one.source} ({figure(one)})" for one in chosen[:_NAMED])
    more = f" and {len(chosen) - _NAMED} more" if len(chosen) > _NAMED else ""
    return [f"{len(chosen)} of {len(found)} recordings, {named}{more}: {text}"]


def _dropouts(channels: Sequence[Findings]) -> list[tuple[int, int]]:
    """Return where any channel of a recording has a dropout: start and stop, in order, apart."""
    spans = sorted((run.start, run.stop) for one in channels for run in one.dropouts)
    merged: list[tuple[int, int]] = []
    for start, stop in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


def _without_dropouts(
    dataset: Dataset, dropouts: Sequence[list[tuple[int, int]]], length: int
) -> tuple[Dataset, str]:
    """Return the data set of what lies between dropouts, and which recordings are left out."""
    if not any(dropouts):
        return dataset, ""
    kept: list[Recording] = []
    gone: list[Recording] = []
    for recording, spans in zip(dataset.recordings, dropouts, strict=True):
        pieces = _pieces(recording, spans, length) if spans else [recording]
        kept += pieces
        gone += [] if pieces else [recording]
    for recording in gone:
        if recording.label not in {each.label for each in kept}:
            raise InputError(
                f"{recording.source} has dropouts (stretches of equal samples) and nothing as long "
                f"as {_FEWEST_WINDOWS} windows of {length} samples between them, which leaves "
                f"class {recording.label!r} without a recording; record it again"
            )
    names = ", ".join(each.source for each in gone[:_NAMED]) + (", ..." if gone[_NAMED:] else "")
    cut = f"; {len(gone)} without {_FEWEST_WINDOWS} windows between them left out ({names})"
    return replace(dataset, recordings=tuple(kept)), cut if gone else ""


def _pieces(recording: Recording, dropouts: list[tuple[int, int]], length: int) -> list[Recording]:
    """Return what lies between the dropouts of a recording and is long enough."""
    starts = [0, *(stop for _, stop in dropouts)]
    stops = [*(start for start, _ in dropouts), len(recording.samples)]
    spans = [(start, stop) for start, stop in zip(starts, stops, strict=True) if stop > start]
    longest = max((stop - start for start, stop in spans), default=0)
    enough = longest >= _WANTED_WINDOWS * length
    least = (_WANTED_WINDOWS if enough else _FEWEST_WINDOWS) * length
    return [
        replace(recording, samples=recording.samples[start:stop])
        for start, stop in spans
        if stop - start >= least
    ]
