"""How long the tool itself takes: a build with unchanged inputs, and the verification."""

from __future__ import annotations

import time
from pathlib import Path

from place import ROOT
from points import command_of, folder_of
from store import Part, Row, basis_of
from subject import Subject, hwgen

from hwgen import files
from hwgen.flow.stage import code_digest

POINT = "throughput-25f"


def unchanged(subject: Subject) -> Row:
    """Return the seconds of a build in which there is nothing to do."""
    subject.checkpoint()
    words = [*command_of(POINT, subject), "-o", str(folder_of(POINT))]
    hwgen(*words)
    spent = []
    for _ in range(3):
        begin = time.monotonic()
        hwgen(*words)
        spent.append(time.monotonic() - begin)
    return {
        "seconds": min(spent),
        "command": subject.told(["hwgen", *command_of(POINT, subject)]),
    }


def verification(subject: Subject) -> Row:
    """Return windows and seconds of the throughput design's verification, as it reports them."""
    subject.checkpoint()
    hwgen(*command_of(POINT, subject), "-o", str(folder_of(POINT)))
    report = files.read_json(folder_of(POINT) / "report.json")
    verified = report["verification"]
    return {
        "windows": verified["windows"],
        "mismatches": verified["mismatches"],
        "stage_seconds": report["seconds"]["verify"],
        "seconds": verified.get("seconds"),
        "command": subject.told(["hwgen", *command_of(POINT, subject)]),
    }


def part(subject: Subject) -> Part:
    """Return what is timed."""
    return Part(
        "flow",
        {"unchanged": lambda: unchanged(subject), "verification": lambda: verification(subject)},
        basis_of(
            subject.digest, code_digest(),
            sources=[Path(__file__), *sorted((ROOT / "sim").glob("*.*"))],
        ),
        show,
    )  # fmt: skip


def show(rows: dict[str, Row]) -> list[str]:
    """Return the table."""
    lines = ["| what | seconds | command |", "| --- | --- | --- |"]
    if row := rows.get("unchanged"):
        lines.append(f"| a build with unchanged inputs, least of three | {row['seconds']:.1f} "
                     f"| `{row['command']}`, again |")  # fmt: skip
    if row := rows.get("verification"):
        title = f"verification of {row['windows']:,} windows ({row['mismatches']} mismatches)"
        if row["seconds"] is not None:
            lines.append(f"| {title}, compilation apart | {row['seconds']:.1f} "
                         f"| `{row['command']}` |")  # fmt: skip
        lines.append(f"| {title}, compilation included | {row['stage_seconds']:.1f} "
                     f"| `{row['command']}` |")  # fmt: skip
    return lines
