"""Tables of ODDS and the published protocol on them, and what others have published.

S. Rayana, ODDS library (Stony Brook University, 2016), as .mat files of X and y. The protocol and
the figures are those of J.-X. Liao et al., arXiv:2204.01707: 80 % of the normal rows train, the
rest of them and all anomalies test, standard scores are of the rows that train.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwgen.network import Floats
from hwgen.neurons.table_files import read_table

TABLES = ("arrhythmia", "glass", "optdigits", "pendigits", "pima", "vertebral")
"""Those that the published ones and ../shared/data/odds both have."""

NETWORKS = ("ae", "qae", "hae-x", "hae-y", "hae-i")

_TRAIN = 0.8

PUBLISHED = {
    "ae": {"2022": (0.807, 0.571, 0.652, 0.943, 0.657, 0.568)},
    "qae": {"2022": (0.807, 0.587, 0.599, 0.949, 0.652, 0.567)},
    "hae-x": {
        "2022": (0.820, 0.593, 0.680, 0.944, 0.726, 0.558),
        "2024": (0.832, 0.605, 0.772, 0.962, 0.739, 0.574),
    },
    "hae-y": {
        "2022": (0.822, 0.606, 0.681, 0.938, 0.722, 0.558),
        "2024": (0.816, 0.608, 0.787, 0.943, 0.695, 0.573),
    },
    "hae-i": {
        "2022": (0.817, 0.583, 0.617, 0.948, 0.721, 0.558),
        "2024": (0.817, 0.591, 0.668, 0.967, 0.701, 0.573),
    },
}
"""AUC on `TABLES` by network and version of the paper."""


def published(network: str, table: str) -> float:
    """Return the highest published AUC of a network on a table."""
    number = TABLES.index(table)
    return max(figures[number] for figures in PUBLISHED[network].values())


@dataclass(frozen=True, eq=False)
class Rows:
    """A table, split by one seed.

    Parameters
    ----------
    train, test
        ``(n, features)`` standard scores; a feature that is constant in `train` is as it is less
        its mean.
    labels
        ``(n,)`` of `test`, 1 for an anomaly.
    contamination
        Share of anomalies in the whole table.
    """

    train: Floats
    test: Floats
    labels: np.ndarray
    contamination: float


def rows(folder: Path, table: str, seed: int) -> Rows:
    """Return a table as the protocol has it."""
    found, _ = read_table(folder / f"{table}.mat", task="classify")
    anomaly = np.asarray(found.y).astype(float) != 0
    x = np.asarray(found.x, np.float64)
    normal = np.random.default_rng(seed).permutation(np.flatnonzero(~anomaly))
    border = round(_TRAIN * len(normal))
    tested = np.concatenate([normal[border:], np.flatnonzero(anomaly)])
    train, test = x[normal[:border]], x[tested]
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    there = deviation > 1e-9 * np.maximum(1.0, np.abs(mean))
    scale = np.where(there, deviation, 1.0)
    return Rows(
        (train - mean) / scale,
        (test - mean) / scale,
        anomaly[tested].astype(np.int64),
        float(anomaly.mean()),
    )
