"""Trains, builds, verifies and times the networks of the zoo; writes a table in docs/networks.md.

Usage: python benchmarks/zoo.py [NAME ...] [--data DIR] [--snr DB] [--epochs N] [--board BOARD]
       [--parallel N] [--clock-mhz MHZ] [--windows N] [--page]

Without NAME all networks, on synthetic vibration unless DIR has recordings. Each goes from training
to the bitstream; then class and every logit of all windows of the test part are compared in
Verilator, and the same work is timed on one core of this machine. A run that was stopped goes on
where it was: what is known is in build/zoo/NAME.json. --page measures nothing. Hours.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import marked
import zoo_steps
from place import DOCS
from store import Row
from zoo_host import WAYS
from zoo_steps import FOLDER, Asked

from hwgen import files, zoo

PAGE = DOCS / "networks.md"
MARKS = "<!-- zoo: begin -->", "<!-- zoo: end -->"
"""Lines of the page between which the table is written."""
_COLUMNS = (
    "network", "parameters", "MACs", "F1 float / fixed", "last sample to class",
    "one window every", "windows/s", "utilisation", "LUT4", "DSP", "EBR", "Fmax MHz", "chip",
    "mismatches", *(f"{title}, us" for title, _ in WAYS.values()),
)  # fmt: skip


def table(found: dict[str, dict[str, Any]]) -> list[str]:
    """Return the table's lines: a network a line, of those of which all is known."""
    whole = {name: rows for name, each in found.items() if (rows := _rows(each))}
    if not whole:
        return ["Nothing has been measured yet (`python benchmarks/zoo.py`)."]
    return [
        f"| {' | '.join(_COLUMNS)} |",
        f"|{' --- |' * len(_COLUMNS)}",
        *(_line(name, rows) for name, rows in whole.items()),
        "",
        *_told(found, whole),
    ]


def _rows(known: dict[str, Any]) -> dict[str, Row]:
    """Return the rows of a network by step; none if a step is missing or went wrong."""
    rows = {key: record["row"] for key, record in known.items()}
    if {"trained", "built", "verified", "host"} - set(rows):
        return {}
    return {} if any("failed" in row for row in rows.values()) else rows


def _line(name: str, rows: dict[str, Row]) -> str:
    trained, built, verified, host = (rows[key] for key in ("trained", "built", "verified", "host"))
    latency, used, accuracy = built["latency"], built["resources"], built["accuracy"]
    cells = [
        f"`{name}`",
        f"{trained['parameters']:,}",
        f"{trained['macs'] / 1e6:.3g} M",
        f"{accuracy['float_f1']:.4f} / {accuracy['fixed_f1']:.4f}",
        f"{latency['cycles_last_sample_to_class']:,} cycles, "
        f"{latency['last_sample_to_class_us']:,.0f} us",
        f"{latency['cycles_per_window']:,} cycles",
        f"{latency['windows_per_second']:,.0f}",
        f"{built['design']['utilisation']:.3f}",
        f"{used['lut4']:,}",
        f"{used['dsp']}",
        f"{used['ebr']}",
        f"{built['timing']['fmax_mhz']:.1f}",
        built["board"]["device"],
        f"{verified['mismatches']} of {verified['windows']:,}",
        *(f"{host[way]['median_us']:,.1f}" for way in WAYS),
    ]
    return f"| {' | '.join(cells)} |"


def _told(found: dict[str, dict[str, Any]], whole: dict[str, dict[str, Row]]) -> list[str]:
    """Return what the table does not say: on what, where, with what, and what is missing."""
    lines = []
    for text in sorted({_origin(found[name]) for name in whole}):
        names = [name for name in whole if _origin(found[name]) == text]
        of = "All" if len(names) == len(whole) else ", ".join(f"`{name}`" for name in names)
        lines.append(f"{of}: {text}")
    for text in sorted({_host(found[name]) for name in whole}):
        names = [name for name in whole if _host(found[name]) == text]
        of = "" if len(names) == len(whole) else f" ({', '.join(f'`{name}`' for name in names)})"
        lines.append(f"The host{of}: {text}")
    loads = [rows["host"][way]["load"] for rows in whole.values() for way in WAYS]
    lines.append(
        f"Load average of the host while it was timed: {min(loads):.1f} to {max(loads):.1f}."
    )
    for name, known in found.items():
        failed = [row["failed"] for row in (each["row"] for each in known.values())
                  if "failed" in row]  # fmt: skip
        if failed:
            lines.append(f"Not in the table: `{name}`: {failed[0]}.")
    return [text for line in lines for text in (line, "")][:-1]


def _origin(known: dict[str, Any]) -> str:
    """Return what a network was trained on and built for."""
    record = known["built"]
    asked = Asked(**record["asked"])
    data = "synthetic vibration" if asked.data == "synthetic" else "recordings"
    noise = "" if asked.snr is None else f" at {asked.snr:g} dB"
    epochs = "the recipe's epochs" if asked.epochs is None else f"{asked.epochs} epochs"
    return (
        f"{len(known['trained']['row']['classes'])} classes of {data}{noise}, {epochs}; F1 of "
        f"{record['row']['accuracy']['windows']:,} windows; {asked.parallel} multipliers, "
        f"{asked.clock_mhz:g} MHz, placer's seed 1."
    )


def _host(known: dict[str, Any]) -> str:
    """Return which machine's core it was, and what ran there."""
    record = known["host"]
    versions = {key: version for way in WAYS for key, version in
                record["row"][way]["versions"].items()}  # fmt: skip
    of = record["machine"]
    vectors = f" ({of['vectors']})" if of["vectors"] else ""
    told = ", ".join(f"{key} {version}" for key, version in versions.items())
    return f"{of['cpu']}{vectors}, {of['system']}; {told}."


def write(found: dict[str, dict[str, Any]], page: Path = PAGE) -> None:
    """Write the table between the marks of the page; the rest of it stays.

    Raises
    ------
    ValueError
        If the page has not each mark once, in their order.
    """
    files.write_text(page, marked.put(files.read_text(page), MARKS, table(found), page))


def known_of_all(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """Return what is known of every network, in the zoo's order."""
    return {name: zoo_steps.records(name, folder) for name in zoo.of_task("classes")}


def _asked(given: Sequence[str] | None = None) -> tuple[Asked, list[str], bool]:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--data", default=Asked.data)
    parser.add_argument("--snr", type=float)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--board", default=Asked.board)
    parser.add_argument("--parallel", type=int, default=Asked.parallel)
    parser.add_argument("--clock-mhz", type=float, default=Asked.clock_mhz)
    parser.add_argument("--windows", type=int)
    parser.add_argument("--page", action="store_true", help="measure nothing")
    options = vars(parser.parse_args(given))
    names, page = options.pop("names"), options.pop("page")
    known = zoo.of_task("classes")
    if strange := set(names) - set(known):
        parser.error(f"NAME must be one of {', '.join(known)}, not {', '.join(strange)}")
    if options["data"] != Asked.data:
        options["data"] = str(Path(options["data"]).resolve())
    return Asked(**options), names or list(known), page


def main() -> int:
    """Measure what is asked for, write the table; return 1 if something could not be measured."""
    asked, names, page = _asked()
    well = True
    for name in [] if page else names:
        well &= zoo_steps.measure(name, asked, lambda line: sys.stderr.write(f"{line}\n"))
        write(known_of_all())
    write(known_of_all())
    sys.stdout.write(f"{PAGE}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
