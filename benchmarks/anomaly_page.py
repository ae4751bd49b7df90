"""The tables of docs/anomaly.md, from what `benchmarks/anomaly.py` measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anomaly_bearings
import anomaly_odds
import numpy as np
from anomaly_fixed import BITS
from anomaly_tables import NETWORKS, PUBLISHED, TABLES, published

from hwgen import files

PAGE = Path("docs/anomaly.md")
MARKS = {
    "odds": ("<!-- benchmarks/anomaly.py odds -->", "<!-- end of odds -->"),
    "fixed": ("<!-- benchmarks/anomaly.py fixed -->", "<!-- end of fixed -->"),
    "bearings": ("<!-- benchmarks/anomaly.py bearings -->", "<!-- end of bearings -->"),
}

_Records = dict[tuple[str, str, str], dict[str, Any]]


def odds_lines(seeds: int) -> list[str]:
    """Return the table of AUC, a row a method."""
    known = anomaly_odds.known(seeds)
    found = _head("method", TABLES)
    for network in NETWORKS:
        for version, figures in PUBLISHED[network].items():
            found.append(
                _row(f"{network}, as published in {version}", *(f"{f:.3f}" for f in figures))
            )
        for recipe, name in (("published", "published form"), ("default", "default")):
            found.append(
                _row(f"**{network}, {name}**", *(_cell(known, t, network, recipe) for t in TABLES))
            )
    for name in anomaly_odds.OTHERS:
        if any((table, name, "") in known for table in TABLES):
            found.append(_row(name, *(_cell(known, table, name, "") for table in TABLES)))
    return [*found, "", *_verdict(known)]


def lines_of(seeds: int, tables: Sequence[str]) -> list[str]:
    """Return AUC on tables that nobody has published figures of, a row a method."""
    known = anomaly_odds.known(seeds)
    found = _head("method", tables)
    for name, recipe in (*anomaly_odds.methods(), *((n, anomaly_odds.FIXED) for n in NETWORKS)):
        cells = [_cell(known, table, name, recipe) for table in tables]
        if any(cell != "-" for cell in cells):
            found.append(_row(f"{name} {recipe}".strip(), *cells))
    return found


def _head(first: str, tables: Sequence[str]) -> list[str]:
    return [_row(first, *tables), _row(*["---"] * (1 + len(tables)))]


def fixed_lines(seeds: int) -> list[str]:
    """Return the table of AUC in fixed point less that in floats, a row a network."""
    known = anomaly_odds.known(seeds)
    found = _head("network, bits", TABLES)
    worst: dict[str, float] = {}
    for bits in BITS:
        for network in NETWORKS:
            cells = []
            for table in TABLES:
                record = known.get((table, network, anomaly_odds.FIXED))
                if record is None:
                    cells.append("-")
                    continue
                apart = float(np.mean(record[bits]) - np.mean(record["auc"]))
                worst[bits] = max(worst.get(bits, 0.0), -apart)
                cells.append(f"{apart:+.4f}")
            found.append(_row(f"{network}, {bits}", *cells))
    told = ", ".join(f"{value:.4f} with {bits}" for bits, value in worst.items())
    return [*found, "", f"The most that fixed point costs: {told}." if told else "Not measured."]


def _verdict(known: _Records) -> list[str]:
    """Return where the default is at or above the highest published figure, and where not."""
    below, count = [], 0
    for network in NETWORKS:
        for table in TABLES:
            record = known.get((table, network, "default"))
            if record is None:
                continue
            count += 1
            mean, goal = float(np.mean(record["auc"])), published(network, table)
            if round(mean, 3) < goal:
                below.append(f"{network} on {table} ({mean:.3f} against {goal:.3f})")
    if not count:
        return ["Nothing is measured yet."]
    least = f"{count - len(below)} of {count}"
    rest = f" Below: {'; '.join(below)}." if below else ""
    return [
        "By the default recipe, the mean is at or above the highest figure published for the "
        f"network in {least} cells.{rest}"
    ]


def _cell(known: _Records, table: str, name: str, recipe: str) -> str:
    record = known.get((table, name, recipe))
    if record is None:
        return "-"
    if BITS.keys() <= record.keys():
        return ", ".join(f"{np.mean(record[bits]):.3f} ({bits})" for bits in BITS)
    return f"{np.mean(record['auc']):.3f} ± {np.std(record['auc'], ddof=1):.3f}"


def bearing_lines() -> list[str]:
    """Return the table of AUC, a row a score and noise level."""
    known = anomaly_bearings.known()
    if not known:
        return ["Nothing is measured yet."]
    faults = sorted(key[4:] for key in next(iter(known.values())) if key.startswith("auc "))
    lines = [
        _row("score", "noise", *faults, "all", "false alarms", "F1"),
        _row(*["---"] * (len(faults) + 5)),
    ]
    for (name, snr), record in known.items():
        noise = "none" if snr is None else f"{snr:g} dB"
        figures = [f"{record[f'auc {fault}']:.3f}" for fault in faults]
        alarms = f"{record['false_alarms']:.1%}" if "false_alarms" in record else "-"
        f1 = f"{record['f1']:.3f}" if "f1" in record else "-"
        lines.append(_row(name, noise, *figures, f"{record['auc']:.3f}", alarms, f1))
    return lines


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def write(seeds: int, page: Path = PAGE) -> str:
    """Write the tables between the marks of the page, and return them.

    Raises
    ------
    ValueError
        If the page has not each mark once.
    """
    text, told = files.read_text(page), []
    for name, lines in (
        ("odds", odds_lines(seeds)),
        ("fixed", fixed_lines(seeds)),
        ("bearings", bearing_lines()),
    ):
        begin, end = MARKS[name]
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"{page} must have each of {begin} and {end} once")
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        table = "\n".join(lines)
        text = f"{before}{begin}\n\n{table}\n\n{end}{after}"
        told.append(table)
    files.write_text(page, text)
    return "\n\n".join(told)
