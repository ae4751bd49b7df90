"""Makes docs/benchmarks.md and its figures from what has been measured."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

import growth
import plots
from place import DOCS, HERE
from store import RESULTS, Part, Result, Row, results
from subject import Subject

from hwgen import files
from hwgen.designs.goals import AREA_MHZ, LONGEST_PAUSE, SENSOR_HZ
from hwgen.flow.designs import AREA_DSP

PAGE = "benchmarks.md"
_TEMPLATE = HERE / "page.md"
_BOUNDS = {"CLIFF": growth.CLIFF, "PAUSE": LONGEST_PAUSE, "SENSOR": SENSOR_HZ / 1000,
           "AREA": AREA_MHZ, "DSP": AREA_DSP}  # fmt: skip
_COLUMNS = ("name", "what", "cycles", "cells", "how")


def write(subject: Subject, parts: Sequence[Part], docs: Path = DOCS, kept: Path = RESULTS) -> Path:
    """Write the page and its figures; return the page's path.

    Parameters
    ----------
    subject
        The network.
    parts
        All parts; those without results say so on the page.
    docs
        Where the page goes.
    kept
        Where results are.
    """
    found = {part.name: results(part, kept) for part in parts}
    rows = {name: usable(each) for name, each in found.items()}
    peers = tomllib.loads(files.read_text(HERE / "published.toml"))["peer"]
    fields = {part.name.upper(): section(part, found[part.name]) for part in parts}
    fields |= {
        "MACHINE": machines(found),
        "SUBJECT": [told(subject)],
        "PUBLISHED": published(peers),
        "PLOTS": _figures(rows, peers, docs),
    }
    fields["GROWTH"] += _figure("growth", plots.grown(rows.get("growth", {})), docs)
    text = files.read_text(_TEMPLATE)
    for name, value in _BOUNDS.items():
        text = text.replace(f"{{{name}}}", f"{value:g}")
    for name, lines in fields.items():
        text = text.replace(f"@{name}@", "\n".join(lines).strip())
    files.write_text(docs / PAGE, text)
    return docs / PAGE


def usable(found: dict[str, Result]) -> dict[str, Row]:
    """Return the rows of items whose measurement was not broken off."""
    return {name: each.row for name, each in found.items() if "broken" not in each.row}


def section(part: Part, found: dict[str, Result]) -> list[str]:
    """Return what a part shows, what it lacks, and what is out of date."""
    rows = usable(found)
    lines = part.show(rows) if rows else []
    command = f"`python benchmarks/run.py --only {part.name}`"
    missing = [name for name in part.items if name not in found]
    broken = {name: each.row["broken"] for name, each in found.items() if "broken" in each.row}
    stale = [name for name, each in found.items() if not each.current]
    if missing:
        names = f": {', '.join(missing)}" if found else ""
        lines += ["", f"Not measured{names} ({command})."]
    for name, why in broken.items():
        lines += ["", f"Could not be measured: {name}: {why}."]
    if stale:
        names = "all of it" if len(stale) == len(found) else ", ".join(stale)
        lines += ["", f"**Out of date** ({command}): {names}. Sources, network or "
                  "versions have changed since."]  # fmt: skip
    return lines


def machines(found: dict[str, dict[str, Result]]) -> list[str]:
    """Return where figures come from; by part, if not all are from one machine."""
    by: dict[str, list[str]] = {}
    for name, each in found.items():
        for value in {json.dumps(result.machine, sort_keys=True) for result in each.values()}:
            by.setdefault(value, []).append(name)
    if not by:
        return ["Nothing has been measured yet."]
    lines = []
    for value, names in by.items():
        of = json.loads(value)
        vectors = f" ({of['vectors']})" if of["vectors"] else ""
        line = f"Measured on: {of['cpu']}{vectors}, {of['cores']} cores; {of['system']}"
        lines.append(f"{line}." if len(by) == 1 else f"- {', '.join(names)}: {line}.")
    return lines


def told(subject: Subject) -> str:
    """Return what the checkpoint is."""
    digest = f"digest {subject.digest[:12]}"
    if subject.given is not None:
        return f"one that was given ({digest})"
    return f"made by `{subject.told(['hwgen', *subject.training])} -o CKPT` ({digest})"


def published(peers: list[Row]) -> list[str]:
    """Return the table of published.toml."""
    return [
        "| peer | what | cycles | cells | how |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(row.get(key, '') for key in _COLUMNS)} |" for row in peers),
    ]


def _figures(rows: dict[str, dict[str, Row]], peers: list[Row], docs: Path) -> list[str]:
    given = rows.get("points", {}), peers, rows.get("host", {})
    return [
        *_figure("latency", plots.latency(*given), docs),
        *_figure("throughput", plots.throughput(*given), docs),
    ]


def _figure(name: str, drawn: str | None, docs: Path) -> list[str]:
    """Write a figure; return the line that shows it, none if it was not drawn."""
    path = docs / f"benchmarks-{name}.svg"
    if drawn is None:
        path.unlink(missing_ok=True)
        return []
    files.write_text(path, drawn)
    return ["", f"![{name}]({path.name})"]
