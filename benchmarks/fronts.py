"""Measures filters in front of networks; writes the tables of docs/fronts.md.

Usage: python benchmarks/fronts.py --data DIR [--epochs N] [--only NAME ...] [--page]

DIR has the CWRU records of the drive end, without load. Each network is trained alike, with and
without each front, on white noise from -10 dB to clean, and tested in noise of each kind. A run
that was stopped goes on where it was: what is known is in build/fronts/, which is to be removed to
measure again. --page measures nothing. Ten minutes a network with quadratic filters.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import fronts_steps as steps
import marked
import torch
from place import DOCS, ROOT

from hwgen import files
from hwgen.errors import HwgenError
from hwgen.report.canvas import svg
from hwgen.signals.noise_kinds import KINDS

PAGE, FOLDER = DOCS / "fronts.md", ROOT / "build" / "fronts"
FIGURE = DOCS / "fronts.svg"
BEGIN, END = "<!-- fronts: begin -->", "<!-- fronts: end -->"
EPOCHS = 13
LONG = 4
"""Times as many epochs: whether what a front is worth is more than a quicker start."""
NAMES = {
    "wdcnn none": ("wdcnn", "none", 1),
    "wdcnn filter": ("wdcnn", "filter", 1),
    "wdcnn gain": ("wdcnn", "gain", 1),
    "wdcnn gain-real": ("wdcnn", "gain-real", 1),
    "wdcnn gain-smooth": ("wdcnn", "gain-smooth", 1),
    "wdcnn classbd": ("wdcnn", "classbd", 1),
    "bearingpga none": ("bearingpga", "none", 1),
    "bearingpga filter": ("bearingpga", "filter", 1),
    "wdcnn none, long": ("wdcnn", "none", LONG),
    "wdcnn filter, long": ("wdcnn", "filter", LONG),
    "wdcnn gain, long": ("wdcnn", "gain", LONG),
    "bearingpga none, long": ("bearingpga", "none", LONG),
    "bearingpga filter, long": ("bearingpga", "filter", LONG),
    "wdcnn time": ("wdcnn", "time", 1),
    "wdcnn signed": ("wdcnn", "signed", 1),
    "wdcnn dense": ("wdcnn", "dense", 1),
}
Row = dict[str, Any]


def path_of(name: str, epochs: int, folder: Path = FOLDER) -> Path:
    """Return where the figures of a training are kept."""
    network, front, times = NAMES[name]
    return folder / f"{network}-{front}-{epochs * times}.json"


def known(epochs: int, folder: Path = FOLDER) -> dict[str, Row]:
    """Return the figures that there are; damaged files count as not measured."""
    found = {}
    for name in NAMES:
        try:
            found[name] = files.read_json(path_of(name, epochs, folder))
        except HwgenError:
            continue
    return found


def tables(rows: dict[str, Row]) -> list[str]:
    """Return the lines of both tables."""
    return [*scores(rows), "", *looks(rows)]


def scores(rows: dict[str, Row]) -> list[str]:
    """Return the lines of the table of F1."""
    places = [(kind, f"{snr:g}") for kind in KINDS for snr in steps.SNRS]
    head = ["network, front", "parameters", "steps", *(f"{k} {snr} dB" for k, snr in places)]
    lines = [_line(head), "|" + " --- |" * len(head)]
    for name, row in rows.items():
        found = [row["f1"][kind][snr][0] for kind, snr in places]
        lines.append(_line([
            f"`{name.split(',')[0].replace(' ', '`, `')}`{', long' * (',' in name)}",
            f"{row['parameters']:,}", f"{row['epochs'] * steps.STEPS:,}",
            *(f"{each:.3f}" for each in found),
        ]))  # fmt: skip
    return lines


def looks(rows: dict[str, Row]) -> list[str]:
    """Return the lines of the table of what filters make of signals."""
    kinds = ["clean", *KINDS]
    head = ["network, front", *(f"kurtosis, {kind}" for kind in kinds),
            *(f"line, {kind}" for kind in kinds), "weights of the losses"]  # fmt: skip
    lines = [_line(head), "|" + " --- |" * len(head)]
    some = next(iter(rows.values()), None)
    if some is None:
        return lines
    given = [f"{some['signals'][kind][what][0]:.1f}" for what in ("kurtosis", "line_db")
             for kind in kinds]  # fmt: skip
    lines.append(_line(["the samples", *given, ""]))
    for name, row in rows.items():
        if row["front"] == "none":
            continue
        behind = [f"{row['signals'][kind][what][1]:.1f}" for what in ("kurtosis", "line_db")
                  for kind in kinds]  # fmt: skip
        weights = ", ".join(f"{k.removeprefix('weight_')} {v:.2f}"
                            for k, v in row["weights"].items())  # fmt: skip
        lines.append(_line([name, *behind, weights]))
    return lines


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def drawn(rows: dict[str, Row]) -> str | None:
    """Return a figure of the filters over frequency; None where there are none."""
    gains = {name: row["gain"] for name, row in rows.items() if row["gain"]}
    if not gains:
        return None

    def draw(figure: Any) -> None:
        every = figure.subplots(len(gains), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (name, gain) in zip(every, gains.items(), strict=True):
            axes.plot([bin_ * 12 / 2 / (len(gain) - 1) for bin_ in range(len(gain))], gain)
            axes.set_title(name, fontsize=9)
            axes.set_ylabel("gain")
            axes.grid(axis="both")
        every[-1].set_xlabel("kHz")

    return svg((9.6, 1.7 * len(gains) + 0.4), draw)


def write(lines: list[str], page: Path = PAGE) -> None:
    """Write tables between the marks of the page; the rest of it stays.

    Raises
    ------
    ValueError
        If the page has not each mark once, in their order.
    """
    files.write_text(page, marked.put(files.read_text(page), (BEGIN, END), lines, page))


def main() -> int:
    """Measure what is not known yet, write the page; return 1 if something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--data", type=Path)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--only", nargs="+", choices=list(NAMES), default=list(NAMES))
    parser.add_argument("--page", action="store_true", help="measure nothing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not options.page and options.data is None:
        parser.error("--data says where the records are; --page measures nothing")
    for name in [] if options.page else options.only:
        path = path_of(name, options.epochs)
        if path.is_file():
            continue
        sys.stderr.write(f"{name}\n")
        network, front, times = NAMES[name]
        row = steps.measure(network, front, options.epochs * times, options.data, FOLDER)
        files.write_json(path, row)
    rows = known(options.epochs)
    figure = drawn(rows)
    if figure is not None:
        files.write_text(FIGURE, figure)
    write(tables(rows))
    sys.stdout.write(f"{PAGE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
