"""Measures when a quadratic neuron is worth its gates; writes that section of docs/quadratic.md.

Usage: python benchmarks/quadratic.py [--data DIR] [--snr DB] [--seeds N]
       [--only circles|hyper|synthetic|recordings ...] [--minutes M] [--page]

Conventional and quadratic networks of growing size learn points on circles and on hyper-circles,
synthetic bearings, and the recordings in DIR if there are such. F1 is of several trainings of
each, float and fixed; each architecture is placed and routed once. What is known is in
build/quadratic/TASK: a run that was stopped, or whose M minutes were over (60 if not said), goes
on where it was. --page measures nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import quadratic_nets as nets
from machine import machine
from quadratic_points import (
    CLOCK_MHZ,
    DIMENSIONS,
    FOLDER,
    PARALLEL,
    ROUTED,
    TASKS,
    Asked,
    Point,
    elsewhere,
    keep,
    points,
    records,
)
from quadratic_steps import steps
from zoo_steps import Step, current

from hwgen.errors import HwgenError

MINUTES = 60.0


def todo(
    asked: Asked, tasks: Sequence[str], folder: Path = FOLDER
) -> Iterator[tuple[Point, str, Step]]:
    """Yield what is not known yet, task by task: the seeds of all points, then their routes.

    A convolutional architecture is routed for one data set, but for those in `BOTH`.
    """
    for task in tasks:
        every = [(point, steps(point, asked, folder)) for point in points(task)]
        for routes in (False, True):
            for point, each in every:
                for key, step in each.items():
                    if (key == ROUTED) != routes or current(records(point, folder), key, step):
                        continue
                    if not routes or not elsewhere(point, folder):
                        yield point, key, step


def measure(
    asked: Asked,
    tasks: Sequence[str],
    say: Callable[[str], object],
    *,
    until: float,
    folder: Path = FOLDER,
) -> bool:
    """Find out what is not known; return whether all went well.

    Parameters
    ----------
    until
        Of `time.monotonic`: nothing is begun later.
    """
    well = True
    for point, key, step in todo(asked, tasks, folder):
        name = f"{point.task}/{point.architecture}: {key}"
        begin = time.monotonic()
        if begin > until:
            say(f"{name} and what follows: no time left; the same command goes on")
            return well
        say(name)
        try:
            row = step.work()
        except (HwgenError, ValueError) as error:
            row = {"failed": str(error).splitlines()[0][:300]}
        row["seconds"] = round(time.monotonic() - begin, 1)
        keep(point, key, {"basis": step.basis, "machine": machine(), "asked": told(asked, point),
                          "row": row}, folder)  # fmt: skip
        if "failed" in row:
            say(f"{name}: {row['failed']}")
            well = False
    return well


def told(asked: Asked, point: Point) -> dict[str, Any]:
    """Return what a record says of how it was made, but for where things were."""
    known: dict[str, Any] = {"parallel": PARALLEL[point.task], "clock_mhz": CLOCK_MHZ}
    return known if point.task in DIMENSIONS else known | {"snr": asked.snr, "epochs": nets.EPOCHS}


def _given(words: Sequence[str] | None = None) -> tuple[Asked, list[str], float]:
    """Return what the command line says: what is asked, the tasks, and minutes to measure for."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--data")
    parser.add_argument("--snr", type=float, default=Asked.snr)
    parser.add_argument("--seeds", type=int, default=Asked.seeds)
    parser.add_argument("--only", nargs="+", choices=TASKS, default=[])
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--page", action="store_true", help="measure nothing")
    given = parser.parse_args(words)
    if given.seeds < 1:
        parser.error(f"--seeds must be at least 1, not {given.seeds}")
    if "recordings" in given.only and given.data is None:
        parser.error("--only recordings needs --data DIR")
    data = None if given.data is None else str(Path(given.data).resolve())
    tasks = [task for task in TASKS if task in (given.only or TASKS)]
    if data is None:
        tasks = [task for task in tasks if task != "recordings"]
    return Asked(data, given.snr, given.seeds), [] if given.page else tasks, given.minutes


def main() -> int:
    """Measure what is asked for, write the page; return 1 if something could not be measured."""
    asked, tasks, minutes = _given()
    until = time.monotonic() + 60 * minutes
    well = measure(asked, tasks, lambda line: sys.stderr.write(f"{line}\n"), until=until)
    import quadratic_page

    sys.stdout.write(f"{quadratic_page.write(quadratic_page.known())}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
