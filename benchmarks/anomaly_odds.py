"""AUC of autoencoders, and of methods of others, on tables of ODDS; a record a table and method."""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anomaly_fixed
import numpy as np
from anomaly_fixed import BITS
from anomaly_seeds import Seeds
from anomaly_tables import NETWORKS, TABLES, Rows, rows

from hwgen import files
from hwgen.metrics import auc, average_precision, macro_f1
from hwgen.network import Floats, Network

SEEDS = 10
RECIPES = ("published", "default")
FIXED = "fixed"
"""In the place of a recipe: the default one, in fixed point."""
FOLDER = Path("build/anomaly")
OTHERS = ("OCSVM", "isolation forest", "PCA", "LOF")
"""Of scikit-learn, at its defaults but for what `_other` says."""


def networks(
    folder: Path, table: str, network: str, recipe: str = "default", seeds: int = SEEDS
) -> list[tuple[Network, Rows]]:
    """Return a float network a seed, with its threshold, and the rows that it was made from.

    A window is the standard scores of a row: the float network takes ``Rows.test`` as it is.
    They are those whose figures are in the table, if as many seeds are asked for.
    """
    tables = [rows(folder, table, seed) for seed in range(seeds)]
    return list(zip(Seeds(network, recipe, tables).networks(), tables, strict=True))


def methods() -> list[tuple[str, str]]:
    """Return what is measured: networks with their recipes, and methods of others if they are."""
    own = [(network, recipe) for recipe in RECIPES for network in NETWORKS]
    there = importlib.util.find_spec("sklearn") is not None
    return own + [(name, "") for name in OTHERS if there]


def tables(folder: Path) -> tuple[str, ...]:
    """Return the tables that a folder has: the published ones in their order, then all others."""
    found = {path.stem for path in folder.glob("*.mat")}
    return (*(name for name in TABLES if name in found), *sorted(found - {*TABLES}))


def measure(folder: Path, say: Callable[[str], object], seeds: int, until: float) -> None:
    """Find out what is not known yet, until a time of `time.monotonic`: floats, then integers."""
    asked = [(*method, _figures) for method in methods()]
    asked += [(name, FIXED, _fixed) for name in NETWORKS]
    for name, recipe, figures in asked:
        for table in tables(folder):
            path = record_path(table, name, recipe, seeds)
            if path.is_file():
                continue
            begin = time.monotonic()
            if begin > until:
                say("no time left; the same command goes on")
                return
            found = figures(folder, table, name, recipe, seeds)
            found["seconds"] = round(time.monotonic() - begin, 1)
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write_text(path, json.dumps(found))
            told = {key: round(float(np.mean(found[key])), 4) for key in ("auc", *BITS)
                    if key in found}  # fmt: skip
            say(f"{table} {name} {recipe}: {told} +- {np.std(found['auc'], ddof=1):.3f} "
                f"({found['seconds']} s)")  # fmt: skip


def _fixed(folder: Path, table: str, name: str, recipe: str, seeds: int) -> dict[str, Any]:
    """Return AUC of each seed of the default recipe, in floats and with each of `BITS`."""
    del recipe
    found: dict[str, Any] = {key: [] for key in ("auc", *BITS)}
    for network, split in networks(folder, table, name, "default", seeds):
        found["auc"].append(auc(split.labels, network.run(split.test)[:, 1]))
        for key, bits in BITS.items():
            model = anomaly_fixed.quantized(network, split.train, bits)
            found[key].append(auc(split.labels, anomaly_fixed.scores(model, split.test)))
    return found


def record_path(table: str, name: str, recipe: str, seeds: int) -> Path:
    """Return where a record is."""
    return FOLDER / table / f"{name}-{recipe}-{seeds}.json".replace(" ", "-")


def known(seeds: int) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the records that there are, by table, method and recipe."""
    more = [(network, FIXED) for network in NETWORKS]
    measured = {*TABLES, *(path.name for path in FOLDER.glob("*") if path.is_dir())}
    every = [(table, name, recipe) for table in measured for name, recipe in (*_all(), *more)]
    paths = {key: record_path(*key, seeds) for key in every}
    return {key: json.loads(files.read_text(p)) for key, p in paths.items() if p.is_file()}


def _all() -> list[tuple[str, str]]:
    own = [(network, recipe) for recipe in RECIPES for network in NETWORKS]
    return own + [(name, "") for name in OTHERS]


def _figures(folder: Path, table: str, name: str, recipe: str, seeds: int) -> dict[str, Any]:
    """Return AUC, average precision and F1 at the threshold of each seed."""
    tables = [rows(folder, table, seed) for seed in range(seeds)]
    if recipe:
        made = Seeds(name, recipe, tables)
        trained, tested = (
            made.scores([getattr(each, part) for each in tables]) for part in ("train", "test")
        )
    else:
        pairs = [_other(name, each, seed) for seed, each in enumerate(tables)]
        trained, tested = ([pair[number] for pair in pairs] for number in (0, 1))
    found: dict[str, Any] = {"auc": [], "average_precision": [], "f1": []}
    for each, fitted, scores in zip(tables, trained, tested, strict=True):
        limit = np.quantile(fitted, 1 - each.contamination, method="higher")
        found["auc"].append(auc(each.labels, scores))
        found["average_precision"].append(average_precision(each.labels, scores))
        found["f1"].append(macro_f1(each.labels, (scores > limit).astype(np.int64), 2))
    return found


def _other(name: str, table: Rows, seed: int) -> tuple[Floats, Floats]:
    """Return scores of the rows that trained and of the others, high for an anomaly."""
    if name == "PCA":
        return _components(table)
    from sklearn.ensemble import IsolationForest
    from sklearn.neighbors import LocalOutlierFactor
    from sklearn.svm import OneClassSVM

    kind = {
        "OCSVM": OneClassSVM,
        "isolation forest": lambda: IsolationForest(random_state=seed),
        "LOF": lambda: LocalOutlierFactor(novelty=True),
    }[name]
    fitted = kind().fit(table.train)
    return tuple(-fitted.decision_function(x) for x in (table.train, table.test))  # type: ignore[return-value]


def _components(table: Rows) -> tuple[Floats, Floats]:
    """Return the squared errors of as many principal components as HAE's code has numbers."""
    _, _, axes = np.linalg.svd(table.train, full_matrices=False)
    kept = axes[: max(1, table.train.shape[1] // 4)]
    return tuple(np.square(x - x @ kept.T @ kept).sum(axis=1) for x in (table.train, table.test))  # type: ignore[return-value]
