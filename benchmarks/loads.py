"""Trains networks at one load, tests them at others, and prints a table: every row has its command.

Usage: python benchmarks/loads.py DATA --test-data DIR [--test-data DIR ...] [--seeds N]
       [--rows NAME,...] [--keep] [--class-from REGEX]

DATA holds recordings of the loads that train, DIR those of another load; each is as for
`hwgen train`. With --keep, what an earlier run left in build/loads is taken as it is. It takes
minutes for each network.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwgen import importers
from hwgen.flow.train import TrainingOptions, train_checkpoint
from hwgen.signals import Reading

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "loads"
RATIOS = ("clean", "at 0 dB", "at -6 dB")
"""At which the recipes without a ratio of their own are tested."""


@dataclass(frozen=True)
class Row:
    """Networks that differ in their seed alone.

    Parameters
    ----------
    name
        Of the row.
    options
        As `hwgen train` takes them.
    training
        The same.
    """

    name: str
    options: str
    training: TrainingOptions


ROWS = (
    Row("mixed", "--recipe mixed", TrainingOptions(recipe="mixed")),
    Row("general", "--recipe general", TrainingOptions(recipe="general")),
    Row(
        "general-16",
        "--recipe general --filters 16",
        TrainingOptions(recipe="general", shape={"filters": 16}),
    ),
    Row(
        "teacher",
        "--recipe general --network teacher",
        TrainingOptions("teacher", recipe="general"),
    ),
    Row("wdcnn", "--recipe general --network wdcnn", TrainingOptions("wdcnn", recipe="general")),
)


def trained(
    row: Row, seed: int, data: str, others: Sequence[str], reading: Reading
) -> Mapping[str, float]:
    """Return the figures of one network, trained unless it is there."""
    path = FOLDER / f"{row.name}-{seed}.pt"
    if not path.exists():
        train_checkpoint(
            data,
            path,
            row.training,
            say=lambda _: None,
            seed=seed,
            test_data=others,
            reading=reading,
        )
    meta = importers.load(path).meta
    return {} if meta is None else meta.metrics


def spread(values: Sequence[float]) -> str:
    """Return mean and standard deviation."""
    if len(values) == 1:
        return f"{values[0]:.3f}"
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def lines(row: Row, places: Sequence[str], found: Sequence[Mapping[str, float]]) -> list[str]:
    """Return the table's lines: one for each place, the part that tests at home first."""
    made = []
    for place in ("home", *places):
        front = "f1" if place == "home" else f"f1 on {place}"
        cells = [spread([each[f"{front} {ratio}"] for each in found]) for ratio in RATIOS]
        command = f"`hwgen train --data DATA --test-data DIR {row.options} --seed SEED -o CKPT`"
        made.append(f"| {row.name} | {place} | {len(found)} | {' | '.join(cells)} | {command} |")
    return made


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("--test-data", action="append", required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", default=",".join(row.name for row in ROWS))
    parser.add_argument("--class-from")
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    if FOLDER.exists() and not asked.keep:
        shutil.rmtree(FOLDER)
    FOLDER.mkdir(parents=True, exist_ok=True)
    places = [Path(each).resolve().name for each in asked.test_data]
    print(f"seeds 0 to {asked.seeds - 1}; F1 of a dense sweep, mean ± deviation over the seeds")
    print("| row | tested on | seeds | clean | 0 dB | -6 dB | command |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    reading = Reading(class_from=asked.class_from)
    for row in (row for row in ROWS if row.name in asked.rows.split(",")):
        found = [
            trained(row, seed, asked.data, asked.test_data, reading) for seed in range(asked.seeds)
        ]
        print("\n".join(lines(row, places, found)), flush=True)


if __name__ == "__main__":
    main()
