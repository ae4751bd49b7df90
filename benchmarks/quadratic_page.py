"""The section of docs/quadratic.md on gates: what both families cost, and what they reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import marked
import quadratic_plots
from place import DOCS
from quadratic_points import DIMENSIONS, FOLDER, ROUTED, TASKS, Point, points, records, twin
from quadratic_worth import TITLES, Entry, answer, bits, fair

from hwgen import files
from hwgen.training.evaluate import Spread

PAGE = DOCS / "quadratic.md"
MARKS = "<!-- quadratic: begin -->", "<!-- quadratic: end -->"
"""Lines of the page between which the section is written."""
NOTHING = "Nothing has been measured yet (`make quadratic`)."
_COLUMNS = ("network", "parameters", "MACs", "F1 float", "F1 fixed", "LUT4", "DSP", "EBR",
            "cycles a window", "Fmax MHz")  # fmt: skip
_PLURALS = {"circles": "neurons", "hyper": "neurons"}


@dataclass(frozen=True)
class Known:
    """What is known of a task.

    Parameters
    ----------
    entries
        Its points, of those of which F1 is known.
    facts
        What was asked of them, and how many windows were answered.
    failed
        What went wrong, by point and step.
    """

    entries: tuple[Entry, ...]
    facts: dict[str, Any]
    failed: tuple[str, ...]


def known(folder: Path = FOLDER) -> dict[str, Known]:
    """Return what is known, task by task; none of a task without a point."""
    found = {task: _known(task, folder) for task in TASKS}
    return {task: each for task, each in found.items() if each.entries}


def _known(task: str, folder: Path) -> Known:
    made, facts, failed = [], {}, []
    for point in sorted(points(task), key=lambda point: (point.family, point.width)):
        each = records(point, folder)
        failed += [f"`{point.task}/{point.architecture}`, {key}: {record['row']['failed']}"
                   for key, record in each.items() if "failed" in record["row"]]  # fmt: skip
        entry = _entry(point, each, folder)
        if entry is not None:
            made.append(entry)
            record = next(record for key, record in each.items() if _is_seed(key, record))
            facts = record["asked"] | {"windows": record["row"]["windows"]}
    return Known(tuple(made), facts, tuple(failed))


def _is_seed(key: str, record: dict[str, Any]) -> bool:
    return key != ROUTED and "failed" not in record["row"]


def _entry(point: Point, found: dict[str, Any], folder: Path) -> Entry | None:
    """Return what is known of a point; None if F1 of no training is."""
    rows = [record["row"] for key, record in found.items() if _is_seed(key, record)]
    if not rows:
        return None
    place = point if _routed(found) else twin(point)
    there = found if place == point else records(place, folder) if place else {}
    return Entry(
        point,
        {key: rows[0][key] for key in ("parameters", "macs")},
        Spread(tuple(row["float_f1"] for row in rows)),
        Spread(tuple(row["fixed_f1"] for row in rows)),
        _routed(there),
        place.task if place and _routed(there) else None,
    )


def _routed(found: dict[str, Any]) -> dict[str, Any]:
    """Return what the routed design takes; nothing if there is none."""
    row: dict[str, Any] = found.get(ROUTED, {"row": {"failed": ""}})["row"]
    return {} if "failed" in row else row


def section(found: dict[str, Known]) -> list[str]:
    """Return the lines between the marks."""
    if not found:
        return [NOTHING]
    entries = {task: each.entries for task, each in found.items()}
    lines = [answer(entries), "", *fair(entries), "", bits(entries)]
    for task, each in found.items():
        lines += ["", f"### {TITLES[task]}", "", _told(task, each), ""]
        lines += [f"![{TITLES[task]}]({quadratic_plots.name(task)})", "", *table(each.entries), ""]
        lines += [_verified(task, each.entries)]
        lines += [f"\nWent wrong: {line}." for line in each.failed]
    return [*lines, "", *_pairs(found)]


def table(entries: Sequence[Entry]) -> list[str]:
    """Return a line for each point; cells of another task's route have a star."""
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|{' --- |' * len(_COLUMNS)}"]
    for each in entries:
        star = "" if each.routed_for in (each.point.task, None) else "*"
        hardware = ["", "", "", "", ""]
        if row := each.hardware:
            counts = [f"{row[key]:,}{star}" for key in ("lut4", "dsp", "ebr", "cycles")]
            hardware = [*counts, f"{row['fmax_mhz']:.1f}{star}"]
        cells = [
            f"{each.point.family}, {each.point.width}",
            *(f"{each.sizes[key]:,}" for key in ("parameters", "macs")),
            *(f"{f1.mean:.4f} ± {f1.std:.4f}" for f1 in (each.float_f1, each.fixed_f1)),
            *hardware,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _told(task: str, each: Known) -> str:
    """Return on what the task's networks were trained, and how F1 was measured."""
    counts = sorted({len(entry.fixed_f1.values) for entry in each.entries})
    seeds = (
        f"{counts[0]} trainings" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} trainings"
    )
    what = _PLURALS.get(task, "filters")
    data = (
        f"points in {DIMENSIONS[task]} dimensions"
        if task in DIMENSIONS
        else f"windows at {each.facts['snr']:g} dB, {each.facts['epochs']} epochs"
    )
    return (
        f"Family and {what}; F1 is the mean ± standard deviation of {seeds} on "
        f"{each.facts['windows']:,} {data}; {each.facts['parallel']} multipliers, "
        f"{each.facts['clock_mhz']:g} MHz."
    )


def _verified(task: str, entries: Sequence[Entry]) -> str:
    """Return which designs were routed, and that they are what was quantized."""
    own = [each for each in entries if each.routed_for == task]
    others = [each for each in entries if each.routed_for not in (task, None)]
    star = " A star: the same architecture, routed with weights of the other data." * bool(others)
    if not own:
        return f"None of them was routed on these data.{star}"
    wrong = sum(each.hardware["mismatches"] for each in own)
    least = min(each.hardware["verified"] for each in own)
    names = ", ".join(f"{each.point.family} {each.point.width}" for each in own)
    return (
        f"Routed here, placer's seed 1, the network of the first training: {names}; {wrong} "
        f"mismatches in at least {least} windows each in simulation.{star}"
    )


def _pairs(found: dict[str, Known]) -> list[str]:
    """Return how much two routes of one architecture differ, of which there are two."""
    lines = []
    if not {"synthetic", "recordings"} <= set(found):
        return lines
    others = {(each.point.family, each.point.width): each for each in found["recordings"].entries}
    for each in found["synthetic"].entries:
        other = others.get((each.point.family, each.point.width))
        if other and (each.routed_for, other.routed_for) == ("synthetic", "recordings"):
            told = ", ".join(f"{each.hardware[key]:,} and {other.hardware[key]:,} {title}"
                             for key, title in (("lut4", "LUT4"), ("dsp", "DSP"), ("ebr", "EBR"),
                                                ("cycles", "cycles")))  # fmt: skip
            lines.append(f"{each.point.family} {each.point.width}: {told}")
    return [f"Routed with weights of either data: {'; '.join(lines)}."] if lines else []


def write(found: dict[str, Known], page: Path = PAGE) -> Path:
    """Write the section between the marks of the page, and the figures beside it.

    Raises
    ------
    ValueError
        If the page has not each mark once, in their order.
    """
    text = marked.put(files.read_text(page), MARKS, section(found), page)
    for task, each in found.items():
        drawn = quadratic_plots.drawn(each.entries)
        files.write_text(page.parent / quadratic_plots.name(task), drawn)
    files.write_text(page, text)
    return page
