"""How long the tool itself takes: a build with unchanged inputs, and the verification."""

from __future__ import annotations

import re
import time
from pathlib import Path

from place import FOLDER, ROOT
from points import POINTS, command_of, folder_of
from store import Part, Row, basis_of
from subject import Subject, hwgen

from hwgen import files
from hwgen.flow import generate, quantize
from hwgen.flow.quantize import read_model
from hwgen.flow.stage import code_digest
from hwgen.plans.timing import Timing
from hwgen.quantized.samples import digitise
from hwgen.verify import verify

POINT = "throughput-25f"
WINDOWS = 1000
"""To verify; the scenarios repeat some of them."""


def unchanged(subject: Subject) -> Row:
    """Return the seconds of a build in which there is nothing to do."""
    subject.checkpoint()
    words = [*command_of(POINTS[POINT], subject), "-o", str(folder_of(POINT))]
    hwgen(*words)
    spent = []
    for _ in range(3):
        begin = time.monotonic()
        hwgen(*words)
        spent.append(time.monotonic() - begin)
    return {
        "seconds": min(spent),
        "command": subject.told(["hwgen", *command_of(POINTS[POINT], subject)]),
    }


def verification(subject: Subject) -> Row:
    """Return the seconds in which so many windows run through the throughput design's Verilog.

    The simulator tells its own time, cocotb's test bench included; the whole is from the golden
    model's answers to the comparison, compilation in between.
    """
    subject.checkpoint()
    build = folder_of(POINT)
    hwgen(*command_of(POINTS[POINT], subject), "-o", str(build))
    model = read_model(build / quantize.FOLDER / "model.json")
    latency = files.read_json(build / "report.json")["latency"]
    windows = subject.windows(WINDOWS) / model.input_scale
    folder = FOLDER / "verification"
    begin = time.monotonic()
    found = verify(
        [build / generate.FOLDER / generate.VERILOG],
        generate.MODULE,
        model,
        digitise(windows, model.bits),
        Timing(latency["cycles_last_sample_to_class"], latency["cycles_per_window"]),
        folder,
    )
    spent = time.monotonic() - begin
    return {
        "windows": found.windows,
        "mismatches": found.mismatches,
        "seconds": simulator_seconds(files.read_text(folder / "simulation.log")),
        "whole_seconds": spent,
        "command": "python benchmarks/run.py --only flow/verification",
    }


def simulator_seconds(log: str) -> float:
    """Return the real time in cocotb's summary; `ValueError` if there is none."""
    found = re.search(r"\*\* \S+ +PASS +[\d.]+ +([\d.]+)", log)
    if found is None:
        raise ValueError("the simulation's log must have cocotb's summary of a test that passed")
    return float(found[1])


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
        lines.append(
            f"| verification of {row['windows']:,} windows in Verilator, {row['mismatches']} "
            f"mismatches: simulation | {row['seconds']:.1f} | `{row['command']}` |"
        )
        lines.append(
            "| the same with the golden model's answers, compilation and comparison "
            f"| {row['whole_seconds']:.1f} | `{row['command']}` |"
        )
    return lines
