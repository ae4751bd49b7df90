"""The short table at the end of a build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from hwgen.report.bench_rows import bench_rows
from hwgen.report.estimate_rows import estimated
from hwgen.report.other_rows import other_rows
from hwgen.report.power_rows import power_rows
from hwgen.report.problems import KINDS, available, missing, problems
from hwgen.report.quick_rows import notes
from hwgen.report.sensor_rows import sensor_rows
from hwgen.report.text import count, number, percent, printable, score
from hwgen.report.weights_rows import weights_rows

_NOT_RUN = "not run"

_LABEL = 23
"""Columns of the labels, two spaces included."""

_NARROWEST = 24
"""Columns of values that are worth folding; in less a line is left to the terminal."""


def print_table(
    report: dict[str, Any], console: Console | None = None, *, path: Path | str | None = None
) -> None:
    """Print what a build came to, problems first.

    Parameters
    ----------
    report
        As `hwgen.report.schema.check` passes it.
    console
        Where to; standard output if None. Plain text where that is not a terminal.
    path
        Where the report lies, to be told at the end.
    """
    console = console or Console()

    def line(text: str, style: str = "") -> None:
        # Not folded: a path or an error message is copied as it stands.
        console.print(Text(printable(text, console.encoding), style), soft_wrap=True)

    line(_title(report), "bold")
    for problem in problems(report):
        line(f"PROBLEM: {problem}", "bold red")
    for note in notes(report):
        line(f"note: {note}", "yellow")
    absent = missing(report)
    if absent:
        line(f"{_NOT_RUN}: {', '.join(absent)}", "yellow")
    if not absent and not problems(report):
        line("verified bit-exact, timing met", "green")
    line("")
    for label, value in _rows(report):
        _print_row(console, label, printable(value, console.encoding))
    line("")
    if path is not None:
        line(f"report: {path}")


def _title(report: dict[str, Any]) -> str:
    design, board = report["design"], report["board"]
    network = "build" if design is None else design["network"]
    if board is None:
        return str(network)
    return f"{network} on {board['name']} ({board['device']}, {board['package']})"


def _rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    parts = (
        _accuracy, _saturation, _latency, weights_rows, bench_rows, power_rows, sensor_rows,
        _resources, _timing, _verification, _netlist,
    )  # fmt: skip
    return [row for part in parts for row in part(report)]


def _print_row(console: Console, label: str, value: str) -> None:
    """Print a label and its value beside it: folded between words, no number cut."""
    width = console.width - _LABEL - 1
    lines = [""]
    for word in value.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cell_len(longer) > width >= _NARROWEST:
            lines.append(word)
        else:
            lines[-1] = longer
    for index, text in enumerate(lines):
        begin = label if index == 0 else ""
        console.print(
            Text(f" {begin:{_LABEL}}", "bold").append(text, style="not bold"), soft_wrap=True
        )


def _accuracy(report: dict[str, Any]) -> list[tuple[str, str]]:
    part = report["accuracy"]
    if part is None:
        return [("class agreement", _NOT_RUN), ("F1 float / fixed", _NOT_RUN)]
    if report["design"] and not report["design"]["classes"]:
        ratio = part.get("sqnr_db")
        found = "not measured" if ratio is None else f"{number(ratio)} dB"
        windows = f"of {count(part['windows'])} windows, data: {part['data']}"
        return [("values, SQNR", f"{found} {windows}")]
    agreement = "not measured"
    if part["agreement"] is not None:
        differ = round((1 - part["agreement"]) * part["windows"])
        agreement = (
            f"{percent(part['agreement'])} of {count(part['windows'])} windows "
            f"({count(differ)} differ), data: {part['data']}"
        )
    if part.get("kind") == "anomaly":
        return [("class agreement", agreement), *_anomaly(part)]
    f1 = "not measured (no labelled recordings)"
    if part["float_f1"] is not None or part["fixed_f1"] is not None:
        f1 = f"{_score(part['float_f1'])} / {_score(part['fixed_f1'])}"
    return [("class agreement", agreement), ("F1 float / fixed", f1), *other_rows(part)]


def _anomaly(part: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is told of a score: how well it orders windows, and what its threshold does."""
    faulty = part.get("auc_float") is not None
    auc = "not measured (no faulty recordings)"
    if faulty:
        auc = f"{score(part['auc_float'])} / {score(part['auc_fixed'])}"
    rows = [("AUC float / fixed", auc), ("threshold", f"squared error {number(part['threshold'])}")]
    if part.get("false_alarm_rate") is not None:
        rows.append(("false alarms", f"{percent(part['false_alarm_rate'])} of healthy windows"))
    if faulty:
        found = f"{_score(part['float_f1'])} / {_score(part['fixed_f1'])}"
        rows.append(("F1 float / fixed", found))
    return rows


def _saturation(report: dict[str, Any]) -> list[tuple[str, str]]:
    if report["calibration"] is None or not report["calibration"]["layers"]:
        return []
    layers = report["calibration"]["layers"]
    lost = [
        f"{layer['name']} {count(layer['saturated'])} of {count(layer['values'])} "
        f"({percent(layer['saturated'], layer['values'])})"
        for layer in layers
        if layer["saturated"]
    ]
    return [("saturated outputs", ", ".join(lost) or f"none in {len(layers)} layers")]


def _score(value: float | None) -> str:
    return "not measured" if value is None else score(value)


def _latency(report: dict[str, Any]) -> list[tuple[str, str]]:
    part = report["latency"]
    design = report["design"]
    end = "class" if design is None or design["classes"] else "values"
    if part is None:
        return [(f"last sample to {end}", _NOT_RUN), ("windows per second", _NOT_RUN)]
    rows = [
        (
            f"last sample to {end}",
            f"{count(part['cycles_last_sample_to_class'])} cycles, "
            f"{number(part['last_sample_to_class_us'])} us at {number(part['clock_mhz'], 4)} MHz",
        ),
        (
            "windows per second",
            f"{number(part['windows_per_second'])} "
            f"({count(part['cycles_per_window'])} cycles a window)",
        ),
    ]
    pause = part["min_cycles_between_samples"]
    if pause > 1:
        khz = 1000 * part["clock_mhz"] / pause
        rows.append(("samples", f"one every {count(pause)} cycles or more ({number(khz)} kHz)"))
    return rows


def _resources(report: dict[str, Any]) -> list[tuple[str, str]]:
    part = report["resources"]
    if part is None:
        return [(name, _NOT_RUN) for name in KINDS.values()]
    return [
        (
            name,
            f"{count(part[kind])} of {count(available(part, kind))} "
            f"({percent(part[kind], available(part, kind))}{estimated(report, kind)})",
        )
        for kind, name in KINDS.items()
    ] + _core(report)


def _core(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the cells of the accelerator without PLL and link, where they were counted."""
    core = report.get("core")
    if core is None:
        return []
    cells = ", ".join(f"{count(core[kind])} {KINDS[kind]}" for kind in KINDS if kind in core)
    return [("core by itself", cells)]


def _timing(report: dict[str, Any]) -> list[tuple[str, str]]:
    part = report["timing"]
    if part is None:
        return [("Fmax", _NOT_RUN)]
    verdict = "met" if part["met"] else "NOT MET"
    return [
        (
            "Fmax",
            f"{number(part['fmax_mhz'], 4)} MHz, target {number(part['target_mhz'], 4)} MHz: "
            f"{verdict}",
        )
    ]


def _verification(report: dict[str, Any]) -> list[tuple[str, str]]:
    part = report["verification"]
    if part is None:
        return [("verification", _NOT_RUN)]
    return [
        (
            "verification",
            f"{count(part['mismatches'])} mismatches in {count(part['windows'])} windows "
            f"({part['simulator']})",
        )
    ]


def _netlist(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what came of the netlist; nothing where a build did not get so far."""
    part = report.get("netlist")
    if part is None:
        return []
    if "left_out" in part:
        return [("netlist", part["left_out"])]
    windows = count(part["windows"])
    return [("netlist", f"{count(part['mismatches'])} mismatches in {windows} windows")]
