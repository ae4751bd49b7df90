"""Builds the design points below with the real flow and writes docs/benchmarks.md.

Usage: python benchmarks/run.py [CHECKPOINT [DATA]]; without arguments on the demonstration's
synthetic signals. Builds stay in build/benchmarks, so that a second run is quick.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "benchmarks"
PAGE = ROOT / "docs" / "benchmarks.md"

POINTS = [
    # board, further options: one of each package, and the trade of multipliers for cycles
    ("ulx3s-25f", []),
    ("ulx3s-12f", []),
    ("orangecrab-25f", []),
    ("ecpix5-85f", []),
    ("icepi-zero-25f", []),
    ("ulx3s-25f", ["--parallel", "8"]),
    ("ulx3s-25f", ["--parallel", "16"]),
]

HEAD = (
    "| board | options | cycles to class | cycles a window | LUT4 | COMB | FF | DSP | EBR "
    "| clock MHz | Fmax MHz |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def hwgen(*arguments: str) -> None:
    """Run one hwgen command; its failure ends the benchmark."""
    program = Path(sys.executable).with_name("hwgen")
    subprocess.run([str(program), *arguments], check=True, cwd=ROOT)


def checkpoint(arguments: list[str]) -> tuple[str, list[str]]:
    """Return the checkpoint to build and the options that name its data."""
    if arguments:
        return arguments[0], ["--data", arguments[1], "--snr", "-6"] if arguments[1:] else []
    path = FOLDER / "synthetic.pt"
    if not path.exists():
        hwgen("train", "--data", "synthetic", "--epochs", "8", "-o", str(path))
    return str(path), []


def row(board: str, options: list[str], report: dict) -> str:
    """Return a line of the table."""
    latency, used, timing = report["latency"], report["resources"], report["timing"]
    cells = [
        board,
        " ".join(options) or "default",
        latency["cycles_last_sample_to_class"],
        latency["cycles_per_window"],
        *(used[name] for name in ("lut4", "comb", "ff", "dsp", "ebr")),
        f"{latency['clock_mhz']:.1f}",
        f"{timing['fmax_mhz']:.1f}",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    """Build every point and write the page."""
    path, data = checkpoint(sys.argv[1:])
    rows = []
    for board, options in POINTS:
        name = "-".join([board, *(option.strip("-") for option in options)])
        hwgen("build", path, "--board", board, "-o", str(FOLDER / name), *data, *options)
        report = json.loads((FOLDER / name / "report.json").read_text())
        rows.append(row(board, options, report))
    text = f"# Benchmarks\n\nMade by `make benchmarks`.\n\n{HEAD}\n" + "\n".join(rows) + "\n"
    PAGE.write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
