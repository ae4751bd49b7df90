"""Rows that a search works on: standardised, and in parts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from hwgen.neurons.table import Table


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a table as numbers of a size of about 1.

    Parameters
    ----------
    x
        ``(n, inputs)``, float64.
    y
        ``(n, 1)`` values, standardised, or ``(n,)`` classes.
    classes
        How many there are; 0 where values are to be met.
    """

    x: Tensor
    y: Tensor
    classes: int

    @property
    def outputs(self) -> int:
        """Of a neuron layer that is to answer: a class each, or one."""
        return self.classes or 1

    def losses(self, answers: Tensor) -> Tensor:
        """Return the loss of each row, ``(n,)``: squared error, or cross-entropy in nats."""
        if self.classes:
            return functional.cross_entropy(answers, self.y, reduction="none")
        return (answers - self.y).square().squeeze(1)


@dataclass(frozen=True, eq=False)
class Scale:
    """What makes inputs and values of a size of 1, taken from the rows that train.

    Parameters
    ----------
    mean, deviation
        ``(inputs,)``, subtracted and divided by.
    of_values
        Mean and deviation of the values; 0 and 1 of classes.
    """

    mean: np.ndarray
    deviation: np.ndarray
    of_values: tuple[float, float]

    @property
    def uncentred(self) -> Scale:
        """The same with the inputs' own zero: each divided by its root mean square."""
        rms = np.sqrt(self.deviation**2 + self.mean**2)
        return replace(self, mean=np.zeros_like(self.mean), deviation=rms)

    @property
    def off_centre(self) -> bool:
        """Whether an input's mean is far enough from 0 for its zero to matter."""
        return bool((np.abs(self.mean) > _OFF * self.deviation).any())


_OFF = 0.05
"""Of a deviation."""
_CHANCE = 4.0
"""Standard errors of a mean of 0."""


def scale_of(table: Table, part: np.ndarray) -> Scale:
    """Return the scale of some rows; a column that does not change in them is left as it is.

    An input whose mean may well be 0 keeps its own zero: taking off a mean of mere chance would
    add terms of lower orders to what is found.
    """
    x = table.x[part]
    mean = x.mean(0)
    deviation = x.std(0)
    deviation[deviation <= 1e-12 * np.maximum(1, np.abs(x).max(0))] = 1.0
    mean[np.abs(mean) < _CHANCE * deviation / len(x) ** 0.5] = 0
    if table.classes:
        return Scale(mean, deviation, (0.0, 1.0))
    y = table.y[part]
    return Scale(mean, deviation, (float(y.mean()), float(y.std()) or 1.0))


def rows_of(table: Table, part: np.ndarray, scale: Scale) -> Rows:
    """Return some rows of a table at a scale."""
    x = torch.from_numpy((table.x[part] - scale.mean) / scale.deviation)
    if table.classes:
        return Rows(x, torch.from_numpy(table.y[part].astype(np.int64)), len(table.classes))
    mean, deviation = scale.of_values
    return Rows(x, torch.from_numpy((table.y[part] - mean) / deviation)[:, None], 0)


def parted(table: Table, share: float, seed: int, of: np.ndarray | None = None) -> tuple[
    np.ndarray, np.ndarray
]:  # fmt: skip
    """Return the numbers of rows in two parts by chance, each class divided alike.

    Parameters
    ----------
    share
        Of the second part, at least one row of each class that has two.
    of
        Numbers of the rows to be parted; None: all.
    """
    rows = np.arange(len(table.x)) if of is None else of
    rng = np.random.default_rng(seed)
    groups = [rows]
    if table.classes:
        groups = [rows[table.y[rows] == number] for number in range(len(table.classes))]
    first, second = [], []
    for group in groups:
        mixed = rng.permutation(group)
        count = min(max(1, round(share * len(group))), len(group) - 1) if len(group) else 0
        second.append(mixed[:count])
        first.append(mixed[count:])
    return np.sort(np.concatenate(first)), np.sort(np.concatenate(second))
