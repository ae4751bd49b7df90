"""Measures design points, processors, other generators, growth and the tool; writes the page.

Usage: python benchmarks/run.py [CHECKPOINT] [--data DIR] [--keep] [--only PART[/ITEM] ...]
       [--limit SECONDS]

Without CHECKPOINT one is trained, on the recordings in DIR or on synthetic signals; without both
it is the one of the run before. Everything is measured anew; with --keep what nothing has changed
for is taken as it is. The page, docs/benchmarks.md, is made from all that is known.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence

import chips
import flow
import growth
import host
import page
import peers
import points
from store import Part, keep, results
from subject import Subject, chosen

from hwgen.errors import HwgenError


def parts_of(subject: Subject, limit: float = peers.LIMIT) -> list[Part]:
    """Return all parts, in the order in which they are measured."""
    return [
        host.part(subject),
        points.part(subject),
        chips.part(subject),
        flow.part(subject),
        peers.part(subject, limit),
        growth.part(),
    ]


def selected(parts: Sequence[Part], only: Sequence[str]) -> Iterator[tuple[Part, str]]:
    """Yield the items that are named, all if none is; exits for a name that there is not."""
    known = {part.name for part in parts} | {f"{p.name}/{item}" for p in parts for item in p.items}
    if strange := set(only) - known:
        sys.exit(f"--only must be one of {', '.join(sorted(known))}, not {', '.join(strange)}")
    for part in parts:
        for item in part.items:
            if not only or part.name in only or f"{part.name}/{item}" in only:
                yield part, item


def measure(part: Part, item: str) -> bool:
    """Measure an item and keep what it gives; return whether it went well."""
    try:
        row = part.items[item]()
    except (HwgenError, ValueError, subprocess.CalledProcessError) as error:
        row = {"broken": peers.reason(str(error))}
    keep(part, item, row)
    if "broken" in row:
        sys.stderr.write(f"{part.name}/{item}: {row['broken']}\n")
    return "broken" not in row


def main() -> int:
    """Measure what is asked for and write the page; return 1 if something could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("checkpoint", nargs="?")
    parser.add_argument("--data")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--page", action="store_true", help="measure nothing")
    parser.add_argument("--only", nargs="+", default=[], metavar="PART[/ITEM]")
    parser.add_argument("--limit", type=float, default=peers.LIMIT, help="of a peer's tool")
    given = parser.parse_args()
    subject = chosen(given.checkpoint, given.data)
    if not given.page:
        subject.checkpoint()  # its digest is part of what decides the figures
    parts = parts_of(subject, given.limit)
    well = True
    for part, item in [] if given.page else selected(parts, given.only):
        known = results(part).get(item)
        if given.keep and known and known.current and "broken" not in known.row:
            continue
        sys.stderr.write(f"{part.name}/{item}\n")
        well &= measure(part, item)
    sys.stdout.write(f"{page.write(subject, parts)}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
