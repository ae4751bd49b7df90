"""Design points, built by the real flow from checkpoint to bitstream."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from place import FOLDER
from store import Part, Row, basis_of
from subject import Subject, hwgen

from hwgen import files, targets, tools
from hwgen.errors import HwgenError
from hwgen.flow.stage import code_digest

POINTS: dict[str, list[str]] = {
    "throughput-25f": ["--goal", "throughput", "--board", "ulx3s-25f"],
    "latency-85f": ["--goal", "latency", "--board", "ulx3s-85f"],
    "latency-25f": ["--goal", "latency", "--board", "ulx3s-25f"],
    "area-12f": ["--goal", "area", "--board", "ulx3s-12f"],
    # A class after every sample.
    "latency-85f-hop-1": ["--goal", "latency", "--board", "ulx3s-85f", "--hop", "1"],
    # The trade of multipliers for cycles.
    "parallel-8": ["--parallel", "8", "--board", "ulx3s-25f"],
    "parallel-16": ["--parallel", "16", "--board", "ulx3s-25f"],
}
_SECTIONS = ("design", "board", "accuracy", "verification", "latency", "estimate",
             "resources", "core", "timing", "tools", "seconds")  # fmt: skip
"""Of a report, that the page or a plot may want."""


def folder_of(name: str) -> Path:
    """Return the folder of a point's build."""
    return FOLDER / name


def command_of(options: list[str], subject: Subject) -> list[str]:
    """Return the arguments of `hwgen` that build a point, without the output's place."""
    return ["build", str(subject.path), *options, *subject.data_options]


def built(name: str, options: list[str], subject: Subject) -> Row:
    """Build a point and return what its report says; what went wrong, where something did."""
    command = command_of(options, subject)
    subject.checkpoint()
    folder = folder_of(name)
    # Of an earlier build, if this one does not come as far as a report.
    (folder / "report.json").unlink(missing_ok=True)
    done = hwgen(*command, "-o", str(folder), check=False)
    row: Row = {"command": subject.told(["hwgen", *command])}
    if done.returncode:
        told = done.stderr.strip().splitlines() or ["nothing"]
        row |= {"failed": told[-1][:300], "exit": done.returncode}
    try:
        report: dict[str, Any] = files.read_json(folder / "report.json")
    except HwgenError:
        return row
    return row | {key: report[key] for key in _SECTIONS if key in report}


def part(subject: Subject) -> Part:
    """Return the design points."""
    return part_of("points", POINTS, subject, ["ecp5"], Path(__file__))


def part_of(
    name: str,
    points: dict[str, list[str]],
    subject: Subject,
    families: Iterable[str],
    source: Path,
) -> Part:
    """Return design points as a part of the benchmarks.

    Parameters
    ----------
    name
        Of the part.
    points
        Options of `hwgen build` of each.
    subject
        The network.
    families
        Those of chips whose tools decide the figures.
    source
        The file that says which points there are.
    """

    def item(point: str, options: list[str]) -> Callable[[], Row]:
        return lambda: built(point, options, subject)

    used = [tool for each in families for tool in targets.find(each).toolchain.tools[:2]]
    versions = [tools.version(tool) for tool in (*used, "verilator")]
    return Part(
        name,
        {point: item(point, options) for point, options in points.items()},
        basis_of(subject.digest, code_digest(), *versions, sources=[Path(__file__), source]),
        show,
    )


def routed(row: Row) -> bool:
    """Return whether a build came as far as its figures."""
    return all(key in row for key in ("latency", "resources", "timing"))


def show(rows: dict[str, Row]) -> list[str]:
    """Return the tables: speed, cells, commands."""
    done = {name: row for name, row in rows.items() if routed(row)}
    speed = [
        "| point | last sample to class | a window every | a sample every | clock MHz "
        "| windows/s | F1 float / fixed | verified |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_speed(name, row) for name, row in done.items()),
    ]
    cells = [
        "| point | chip | LUT4 | estimated before synthesis | COMB | FF | DSP | EBR "
        "| core alone: LUT4, DSP, EBR | Fmax MHz | timing |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_cells(name, row) for name, row in done.items()),
    ]
    lines = [*speed, "", *cells, ""] if done else []
    for name, row in rows.items():
        failure = f": exit code {row['exit']}, {row['failed']}" if "failed" in row else ""
        lines.append(f"- {name}: `{row['command']}`{failure}")
    return lines


def _speed(name: str, row: Row) -> str:
    latency, verified, accuracy = row["latency"], row["verification"], row["accuracy"]
    scores = [accuracy.get(key) for key in ("float_f1", "fixed_f1")]
    texts = [
        name,
        f"{latency['cycles_last_sample_to_class']:,} cycles, "
        f"{_microseconds(latency['last_sample_to_class_us'])} us",
        f"{latency['cycles_per_window']:,} cycles",
        f"{latency['min_cycles_between_samples']:,} cycles",
        f"{latency['clock_mhz']:.1f}",
        f"{latency['windows_per_second']:,.0f}",
        " / ".join("-" if score is None else f"{score:.4f}" for score in scores),
        f"{verified['mismatches']} mismatches in {verified['windows']:,} windows",
    ]
    return f"| {' | '.join(texts)} |"


def _microseconds(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _cells(name: str, row: Row) -> str:
    used, timing, core = row["resources"], row["timing"], row.get("core")
    expected = row["estimate"]["board"]["lut4"]
    texts = [
        name,
        row["board"]["device"],
        f"{used['lut4']:,}",
        f"{expected:,} ({100 * (expected / used['lut4'] - 1):+.0f} %)",
        *(f"{used[kind]:,}" for kind in ("comb", "ff", "dsp", "ebr")),
        ", ".join(f"{core[kind]:,}" for kind in ("lut4", "dsp", "ebr")) if core else "",
        f"{timing['fmax_mhz']:.1f}",
        f"{timing['target_mhz']:g}: {'met' if timing['met'] else 'missed'}",
    ]
    return f"| {' | '.join(texts)} |"
