"""Measures how well autoencoders tell anomalies; writes the tables of docs/anomaly.md.

Usage: python benchmarks/anomaly.py [--data DIR] [--seeds N] [--only odds|bearings ...]
       [--minutes M] [--page]

DIR has odds/*.mat and cwru/0HP/*.mat (../shared/data if not said). ODDS by the published protocol,
seed by seed; tables that were not published are measured too, and printed alone. CWRU's healthy
bearing against each fault, at several noise levels. What is known is in build/anomaly: a run that
was stopped, or whose M minutes were over (60 if not said), goes on where it was.
--page measures nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import anomaly_bearings
import anomaly_odds
import anomaly_page
import torch
from anomaly_tables import TABLES

PARTS = ("odds", "bearings")


def main() -> int:
    """Measure what is asked for, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=anomaly_odds.SEEDS)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--page", action="store_true", help="measure nothing")
    asked = parser.parse_args()
    if asked.seeds < 2:
        parser.error(f"--seeds must be at least 2, for a spread, not {asked.seeds}")
    until = time.monotonic() + 60 * asked.minutes
    torch.set_num_threads(1)

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    if not asked.page:
        if "odds" in asked.only:
            anomaly_odds.measure(asked.data / "odds", say, asked.seeds, until)
        if "bearings" in asked.only:
            anomaly_bearings.measure(asked.data / "cwru" / "0HP", say, until)
    sys.stdout.write(f"{anomaly_page.write(asked.seeds)}\n")
    if others := [t for t in anomaly_odds.tables(asked.data / "odds") if t not in TABLES]:
        lines = anomaly_page.lines_of(asked.seeds, others)
        sys.stdout.write("\n".join(["", *lines, ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
