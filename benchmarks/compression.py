"""Measures what codes of weights are worth; writes the tables of docs/compression.md.

Usage: python benchmarks/compression.py [--checkpoint CKPT] [--data DIR]
       [--larger CKPT [--layer NAME]] [--page]

CKPT is the published network's, DIR its recordings; --larger is a network with a large layer. A run
that was stopped goes on where it was: what is known is in build/compression/, which is to be
removed to measure again. --page measures nothing. Some minutes, most of them for `inr`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import compression_steps as steps
import marked
import torch
from place import DOCS, ROOT

from hwgen import files
from hwgen.errors import HwgenError
from hwgen.flow.compress import AUTO, Wanted

PAGE, FOLDER = DOCS / "compression.md", ROOT / "build" / "compression"
DATA = ROOT.parent / "shared" / "data"
CHECKPOINT = DATA / "checkpoints" / "bearingpga_cwru_0hp_-6db.pt"
BITS = 1.0, 1.6, 2.0, 2.6, 3.0, 3.6, 4.0, 5.0, 6.0
SLOW_BITS = 2.0, 4.0
ERRORS = 0.3, 0.2, 0.1, 0.05, 0.02
SHARES = 16, 4, 1
"""Parts of the rows of a large layer."""
LARGE_BITS = 4.0
NAMES = "bits", "errors", "large"
MARKS = {name: (f"<!-- {name}: begin -->", f"<!-- {name}: end -->") for name in NAMES}

Row = dict[str, Any]
Items = dict[str, Callable[[], Row]]


def items(
    checkpoint: Path, data: str, larger: Path | None, layer: str | None = None
) -> dict[str, Items]:
    """Return what is to be measured, by table."""
    found: dict[str, Items] = {name: {} for name in NAMES}
    found["bits"]["plain"] = partial(steps.plain, checkpoint, data)
    for method in steps.methods():
        for bits in SLOW_BITS if method == "inr" else BITS:
            wanted = Wanted(method, bits=bits)
            found["bits"][f"{method} {bits:g} bits"] = _try(
                partial(steps.coded, checkpoint, data, wanted)
            )
    for method in (AUTO, *steps.methods()):
        for error in () if method == "inr" else ERRORS:
            wanted = Wanted(method, error=error)
            found["errors"][f"{method} error {error:g}"] = _try(
                partial(steps.coded, checkpoint, data, wanted)
            )
    if larger is not None:
        for share in SHARES:
            # A network of sines for all of it takes the better part of an hour.
            for method in (name for name in steps.methods() if name != "inr" or share > 1):
                found["large"][f"{method} 1 of {share}"] = _try(
                    partial(steps.part, larger, layer, share, method, LARGE_BITS)
                )
    return found


def _try(measure: Callable[[], Row]) -> Callable[[], Row]:
    """Return a measurement whose refusal is what is measured."""

    def tried() -> Row:
        try:
            return measure()
        except HwgenError as error:
            return {"refused": str(error)}

    return tried


def path_of(item: str, folder: Path) -> Path:
    """Return where an item's figures are kept."""
    return folder / f"{''.join(c if c.isalnum() else '-' for c in item)}.json"


def known(names: Iterable[str], folder: Path = FOLDER) -> dict[str, Row]:
    """Return the figures that there are; damaged files count as not measured."""
    found = {}
    for item in names:
        try:
            found[item] = files.read_json(path_of(item, folder))
        except HwgenError:
            continue
    return found


def bits_table(rows: dict[str, Row]) -> list[str]:
    """Return the lines of the table by bits: a method's rows with the same bits stand once."""
    if "plain" not in rows:
        return ["Not measured yet."]
    layers = next(list(each["errors"]) for each in rows.values() if "errors" in each)
    lines = [
        f"| method | bits a weight | file, bytes | {' | '.join(f'error of {x}' for x in layers)} "
        "| F1 |",
        "|" + " --- |" * (4 + len(layers)),
        f"| float32 | 32 | {rows['plain']['file']:,} | {' | '.join('0' for _ in layers)} "
        f"| {100 * rows['plain']['f1']:.2f} |",
    ]
    for row in sorted(_once(rows), key=lambda each: each[1]["bits"]):
        method, figures = row
        errors = " | ".join(f"{figures['errors'][name]:.3f}" for name in layers)
        lines.append(
            f"| `{method}` | {figures['bits']:.2f} | {figures['file']:,} | {errors} "
            f"| {100 * figures['f1']:.2f} |"
        )
    return lines


def _once(rows: dict[str, Row]) -> list[tuple[str, Row]]:
    found: dict[tuple[str, float], Row] = {}
    for item, row in rows.items():
        if "bits" in row:
            found.setdefault((item.split()[0], round(row["bits"], 6)), row)
    return [(method, row) for (method, _), row in found.items()]


def errors_table(rows: dict[str, Row]) -> list[str]:
    """Return the lines of the table by errors."""
    if not rows:
        return ["Not measured yet."]
    methods = [name for name in (*steps.methods(), AUTO) if name != "inr"]
    lines = [
        f"| error of each layer | {' | '.join(f'`{each}`' for each in methods)} | auto takes "
        "| its file, bytes | its F1 |",
        "|" + " --- |" * (len(methods) + 4),
    ]
    for error in ERRORS:
        row = {name: rows.get(f"{name} error {error:g}", {}) for name in methods}
        cells = [
            f"{each['bits']:.2f}" if "bits" in each else "not reached" for each in row.values()
        ]
        best = row[AUTO]
        said = [", ".join(sorted(set(best["codes"]))), f"{best['file']:,}",
                f"{100 * best['f1']:.2f}"] if "bits" in best else ["", "", ""]  # fmt: skip
        lines.append(f"| {error:g} | {' | '.join([*cells, *said])} |")
    return lines


def large_table(rows: dict[str, Row]) -> list[str]:
    """Return the lines of the table of one large layer."""
    if not rows:
        return ["Not measured yet."]
    lines = ["| weights | method | bits a weight | error | s |", "|" + " --- |" * 5]
    for item, row in rows.items():
        if "bits" in row:
            shape = " x ".join(map(str, row["shape"]))
            lines.append(
                f"| {shape} | `{item.split()[0]}` | {row['bits']:.2f} | {row['error']:.3f} "
                f"| {row['seconds']:.1f} |"
            )
    return lines


def write(lines: dict[str, list[str]], page: Path = PAGE) -> None:
    """Write tables between the marks of the page; the rest of it stays.

    Raises
    ------
    ValueError
        If the page has not each mark once, in their order.
    """
    text = files.read_text(page)
    for name, marks in MARKS.items():
        text = marked.put(text, marks, lines[name], page)
    files.write_text(page, text)


def main() -> int:
    """Measure what is not known yet, write the tables; return 1 if something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--data", type=Path, default=DATA / "cwru" / "0HP")
    parser.add_argument("--larger", type=Path)
    parser.add_argument("--layer", help="of --larger, not its largest")
    parser.add_argument("--page", action="store_true", help="measure nothing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    asked = items(options.checkpoint, str(options.data), options.larger, options.layer)
    FOLDER.mkdir(parents=True, exist_ok=True)
    well = True
    for item, measure in [each for part in asked.values() for each in part.items()]:
        if options.page or known([item]):
            continue
        sys.stderr.write(f"{item}\n")
        try:
            files.write_json(path_of(item, FOLDER), measure())
        except HwgenError as error:
            sys.stderr.write(f"{item}: {error}\n")
            well = False
    # What an earlier run measured of a larger network stays in the page.
    names = {**asked, "large": items(options.checkpoint, "", Path("any"))["large"]}
    rows = {name: known(part) for name, part in names.items()}
    write({"bits": bits_table(rows["bits"]), "errors": errors_table(rows["errors"]),
           "large": large_table(rows["large"])})  # fmt: skip
    sys.stdout.write(f"{PAGE}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
