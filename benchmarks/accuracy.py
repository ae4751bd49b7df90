"""Trains, quantizes, measures, and writes docs/accuracy.md: every row with its command.

Usage: python benchmarks/accuracy.py DATA [--keep] [--seeds N] [--more N]

DATA is a folder of recordings, one class per file. All is run anew; with --keep what an earlier
run left in build/accuracy is taken as it is. It takes hours.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from hwgen import importers

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "accuracy"
PAGE = ROOT / "docs" / "accuracy.md"
PROCESSES = 2


@dataclass(frozen=True)
class Training:
    """Networks that differ in their seed alone."""

    name: str
    title: str
    options: str
    seeds: int


@dataclass(frozen=True)
class Quantization:
    """One way of quantizing all networks of a training."""

    name: str
    title: str
    options: str


def trainings(seeds: int, more: int) -> list[Training]:
    """Return what is trained."""
    few = min(2, seeds)
    return [
        Training("default", "default, -6 dB", "--snr -6", max(seeds, more)),
        Training("kd", "default with classical distillation, -6 dB", "--snr -6 --method kd", few),
        Training("dkd", "default with decoupled distillation, -6 dB", "--snr -6 --method dkd", few),
        Training("published", "published, -6 dB", "--snr -6 --recipe published", few),
        Training("zero", "default, 0 dB", "--snr 0", few),
        Training("clean", "default, clean", "", few),
        Training("mixed", "mixed, -9 dB to clean", "--recipe mixed", few),
    ]


def widths(feature: int, conv: int, activation: int, dense: int, adc: int = 12) -> str:
    """Return the options for bit widths."""
    return (
        f"--adc-bits {adc} --feature-bits {feature} --conv-weight-bits {conv} "
        f"--activation-bits {activation} --dense-weight-bits {dense}"
    )


QUANTIZATIONS = [
    Quantization("q16", "default widths", ""),
    Quantization("q8888", "12-bit ADC, 8/8/8/8", widths(8, 8, 8, 8)),
    Quantization("q7588", "12-bit ADC, 7/5/8/8", widths(7, 5, 8, 8)),
    Quantization("q6565", "12-bit ADC, 6/5/6/5", widths(6, 5, 6, 5)),
    Quantization("q6464", "12-bit ADC, 6/4/6/4", widths(6, 4, 6, 4)),
    Quantization("t6464", "the same, fine-tuned", f"{widths(6, 4, 6, 4)} --qat"),
    Quantization("t6484", "12-bit ADC, 6/4/8/4, fine-tuned", f"{widths(6, 4, 8, 4)} --qat"),
    Quantization("search", "found for a drop of at most 0.1", "--max-drop 0.1"),
]


def run(path: Path, *arguments: str) -> None:
    """Run one hwgen command unless `path`, which it makes, is there."""
    if path.exists():
        return
    program = Path(sys.executable).with_name("hwgen")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [str(program), *arguments],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"hwgen {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def checkpoint(name: str, seed: int) -> Path:
    """Return the path of a trained network."""
    return FOLDER / f"{name}-{seed}.pt"


def report_of(quantization: str, seed: int) -> Path:
    """Return the path of a quantization's report."""
    return FOLDER / f"{quantization}-{seed}-report" / "report.json"


def work(data: str, plans: Sequence[Training], seeds: int) -> None:
    """Train, then quantize the first `seeds` networks of the first plan, two at a time."""
    runs = [
        (
            checkpoint(plan.name, seed),
            ["train", "--data", data, *plan.options.split(), "--seed", str(seed)],
        )
        for plan in plans
        for seed in range(plan.seeds)
    ]
    several("train", [(path, [*words, "-o", str(path)]) for path, words in runs])
    first = plans[0].name
    measured = [
        (
            report_of(way.name, seed),
            ["quantize", str(checkpoint(first, seed)), "--data", data, "--snr", "-6",
             *way.options.split(), "-o", str(FOLDER / f"{way.name}-{seed}.json")],
        )
        for way in QUANTIZATIONS
        for seed in range(seeds)
    ]  # fmt: skip
    on_clean = [
        (
            report_of("on-clean", seed),
            ["quantize", str(checkpoint(first, seed)), "--data", data,
             "-o", str(FOLDER / f"on-clean-{seed}.json")],
        )
        for seed in range(seeds)
    ]  # fmt: skip
    several("quantize", measured + on_clean)


def several(what: str, runs: list[tuple[Path, list[str]]]) -> None:
    """Run commands two at a time, with a progress bar."""
    with ThreadPoolExecutor(PROCESSES) as pool:
        waiting = [pool.submit(run, path, *words) for path, words in runs]
        for each in track(waiting, description=what):
            each.result()


def spread(values: Sequence[float]) -> str:
    """Return mean and standard deviation, and the least."""
    if len(values) == 1:
        return f"{values[0]:.4f}"
    return f"{np.mean(values):.4f} ± {np.std(values, ddof=1):.4f}, least {min(values):.4f}"


def draws(name: str, seeds: int) -> list[float]:
    """Return each network's F1 of the published draw."""
    metas = [importers.load(checkpoint(name, seed)).meta for seed in range(seeds)]
    return [meta.metrics["f1_draws"] for meta in metas if meta is not None]


def training_rows(plans: Sequence[Training]) -> list[str]:
    """Return the table of trainings."""
    rows = [
        "| recipe | tested at | seeds | F1, published draw | F1, dense sweep | collapsed | "
        "command |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for plan in plans:
        metas = [importers.load(checkpoint(plan.name, s)).meta for s in range(plan.seeds)]
        metrics = [meta.metrics for meta in metas if meta is not None]
        places = [key.removeprefix("f1 ") for key in metrics[0] if key.startswith("f1 ")] or [""]
        for place in places:
            end = f" {place}" if place else ""
            cells = [
                plan.title,
                place.removeprefix("at ") or plan.title.rpartition(", ")[2],
                str(plan.seeds),
                spread([each[f"f1_draws{end}"] for each in metrics]),
                spread([each[f"f1{end}"] for each in metrics]),
                str(round(sum(each["restarts"] for each in metrics))),
                f"`hwgen train --data DATA {plan.options} --seed SEED -o CKPT`".replace("  ", " "),
            ]
            rows.append(f"| {' | '.join(cells)} |")
    return rows


def quantization_rows(seeds: int) -> list[str]:
    """Return the table of quantizations."""
    rows = [
        "| bits | F1 float | F1 fixed | drop, mean | drop, worst | agreement | command |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for way in QUANTIZATIONS:
        found = [accuracy(way.name, seed) for seed in range(seeds)]
        drops = [100 * (each["float_f1"] - each["fixed_f1"]) for each in found]
        cells = [
            way.title,
            *(f"{np.mean([each[key] for each in found]):.4f}" for key in ("float_f1", "fixed_f1")),
            f"{np.mean(drops):.3f}",
            f"{max(drops):.3f}",
            f"{np.mean([each['agreement'] for each in found]):.4f}",
            f"`hwgen quantize CKPT --data DATA --snr -6 {way.options} -o m.json`".replace(
                "  ", " "
            ),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def search_rows(seeds: int) -> list[str]:
    """Return what the search chose for each network."""
    rows = [
        "| seed | ADC/data/twiddle/feature/conv/activation/dense | LUT4 | DSP | EBR "
        "| drop, held out | drop, test |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for seed in range(seeds):
        report = json.loads(report_of("search", seed).read_text())
        chosen, cost = report["search"]["chosen"], report["search"]["chosen"]["cost"]
        test = 100 * (report["accuracy"]["float_f1"] - report["accuracy"]["fixed_f1"])
        names = ("adc", "data", "twiddle", "feature", "conv_weight", "activation", "dense_weight")
        bits = "/".join(str(chosen["bits"][name]) for name in names)
        cells = [seed, bits, cost["lut4"], cost["dsp"], cost["ebr"], f"{chosen['drop']:.3f}",
                 f"{test:.3f}"]  # fmt: skip
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return rows


def accuracy(name: str, seed: int) -> dict[str, Any]:
    """Return a report's section of this name."""
    result: dict[str, Any] = json.loads(report_of(name, seed).read_text())["accuracy"]
    return result


def page(plans: Sequence[Training], seeds: int, more: int) -> str:
    """Return docs/accuracy.md."""
    clean = spread([accuracy("on-clean", seed)["float_f1"] for seed in range(seeds)])
    parts = {
        "TRAININGS": training_rows(plans),
        "QUANTIZATIONS": quantization_rows(seeds),
        "SEARCHES": search_rows(seeds),
        "ON_CLEAN": [clean],
        "MODELS": [str(seeds)],
        "MORE": [str(more)],
        "SAME": [spread(draws(plans[0].name, plans[1].seeds))],
    }
    text = Path(__file__).with_name("accuracy.md").read_text()
    for name, lines in parts.items():
        text = text.replace(f"@{name}@", "\n".join(lines))
    return text


def main() -> None:
    """Run everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--more", type=int, default=20)
    given = parser.parse_args()
    if not given.keep:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    plans = trainings(given.seeds, given.more)
    work(str(Path(given.data).resolve()), plans, given.seeds)
    PAGE.write_text(page(plans, given.seeds, given.more))
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
