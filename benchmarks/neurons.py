"""Measures the search for neurons; writes the tables of docs/neurons.md.

Usage: python benchmarks/neurons.py [--odds DIR] [--cwru DIR] [--seeds N] [--page]

How often the search finds known formulas, and gplearn beside it (hwgen[symbolic]); what small
networks of the neuron found are worth on scikit-learn's own tables (hwgen[tables]), on the outlier
tables of DIR and on bearings. A run that was stopped goes on where it was: what is known is in
build/neurons/, which is to be removed to measure again. --page measures nothing. Tens of minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import marked
import neurons_steps as steps
import torch
from place import DOCS, ROOT

from hwgen import files
from hwgen.errors import HwgenError
from hwgen.network.neuron import Neuron

PAGE, FOLDER = DOCS / "neurons.md", ROOT / "build" / "neurons"
MARKS = {
    name: (f"<!-- {name}: begin -->", f"<!-- {name}: end -->") for name in ("stability", "accuracy")
}
INPUTS = 10, 30
SEARCHES = 3
"""Seeds of a search whose neuron is then trained."""
SNR = -6.0
FIRST = next(iter(steps.KNOWN))
"""Formula of which all seeds are asked; of the others half of them."""

LARGE = "digits", "arrhythmia"
"""Words in the names of tables that take minutes each."""

Row = dict[str, Any]
Items = dict[str, Callable[[], Row]]


def items(seeds: int, odds: Path, cwru: Path | None) -> dict[str, Items]:
    """Return what is to be measured, by table."""
    found: dict[str, Items] = {"stability": {}, "accuracy": {}}
    for inputs in INPUTS:
        for name in steps.KNOWN:
            for kind, measure in (("search", steps.stability), ("gplearn", steps.symbolic)):
                item = f"{kind} {inputs} {name}"
                of = seeds if name == FIRST else -(-seeds // 2)
                found["stability"][item] = partial(measure, name, inputs, of)
    accuracy = found["accuracy"]
    for name in steps.OWN:
        accuracy[name] = partial(_rows, partial(steps.own, name))
    for path in sorted(odds.glob("*.mat")):
        accuracy[f"{path.stem} (ODDS)"] = partial(_rows, partial(steps.odds, path))
    for name, folder in (("synthetic bearings", "synthetic"), ("CWRU bearings", cwru)):
        if folder:
            accuracy[f"{name}, {SNR:g} dB"] = partial(_bearings, str(folder))
    return found


def _rows(read: Callable[[], Any]) -> Row:
    return steps.accuracy(read(), SEARCHES)


def _bearings(folder: str) -> Row:
    train, test = steps.bearings(folder, SNR)
    return steps.accuracy(train, SEARCHES, test)


def _rank(item: str, stability: Items) -> int:
    """Return when an item's turn is: what takes long and says little comes last."""
    if item not in stability:
        return 5 if any(name in item for name in LARGE) else 1
    return 2 * (FIRST not in item) + 3 * item.startswith("gplearn")


def path_of(item: str, folder: Path) -> Path:
    """Return where an item's figures are kept."""
    return folder / f"{''.join(c if c.isalnum() else '-' for c in item)}.json"


def known(names: list[str], folder: Path = FOLDER) -> dict[str, Row]:
    """Return the figures that there are; damaged files count as not measured."""
    found = {}
    for item in names:
        try:
            found[item] = files.read_json(path_of(item, folder))
        except HwgenError:
            continue
    return found


def stability(rows: dict[str, Row]) -> list[str]:
    """Return the lines of the table of known formulas."""
    lines = [
        "| formula | inputs | search: right | same formula | s a seed | gplearn: right | "
        "same terms | s a seed |",
        "|" + " --- |" * 8,
    ]
    for inputs in INPUTS:
        for name in steps.KNOWN:
            cells = [f"`{name}`", f"{inputs}"]
            for kind in ("search", "gplearn"):
                row = rows.get(f"{kind} {inputs} {name}", {})
                cells += (
                    [f"{row['right']} of {row['of']}", f"{row['same']} of {row['of']}",
                     f"{row['seconds']:.1f}"]
                    if "of" in row else ["not measured", "", ""]
                )  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def accuracy(rows: dict[str, Row]) -> list[str]:
    """Return the lines of the table of networks."""
    lines = [
        "| data | inputs | rows | neuron found | by | s a seed | linear | quadratic | found |",
        "|" + " --- |" * 9,
    ]
    for name, row in rows.items():
        if row.get("neuron") is None:
            lines.append(f"| {name} | | | nothing | {row['times']} of {row['of']} | | | | |")
            continue
        neuron = Neuron.from_json(row["neuron"])
        cells = [
            f"{name}{'' if row['task'] == 'classify' else ' (squared error)'}",
            f"{row['inputs']}", f"{row['rows'][0]:,} + {row['rows'][1]:,}", f"`{neuron.formula}`",
            f"{row['times']} of {row['of']}", f"{row['seconds'] / row['of']:.1f}",
            *(_cell(row["nets"][kind]) for kind in ("linear", "quadratic", "found")),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _cell(net: Row) -> str:
    scores = net["scores"]
    return f"{mean(scores):.3f} +- {stdev(scores):.3f} ({net['parameters']:,})"


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
    parser.add_argument("--odds", type=Path, default=ROOT / "shared" / "data" / "odds")
    parser.add_argument("--cwru", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--page", action="store_true", help="measure nothing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    asked = items(options.seeds, options.odds, options.cwru)
    FOLDER.mkdir(parents=True, exist_ok=True)
    well = True
    every = [each for part in asked.values() for each in part.items()]
    every.sort(key=lambda each: _rank(each[0], asked["stability"]))
    for item, measure in [] if options.page else every:
        if known([item]):
            continue
        sys.stderr.write(f"{item}\n")
        try:
            files.write_json(path_of(item, FOLDER), measure())
        except (HwgenError, ImportError) as error:
            sys.stderr.write(f"{item}: {error}\n")
            well = False
    rows = {name: known(list(part)) for name, part in asked.items()}
    write({"stability": stability(rows["stability"]), "accuracy": accuracy(rows["accuracy"])})
    sys.stdout.write(f"{PAGE}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
