"""Scores of windows by a module that makes them again, and figures of merit of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from hwgen.metrics import auc, average_precision, macro_f1
from hwgen.network import Floats, Network
from hwgen.signals import Recording, windows
from hwgen.training.autoencoder import Reconstructing

Scorer = Callable[[Floats], Floats]
"""Takes windows ``(n, [channels,] window)`` in g and returns scores ``(n,)``."""

_BATCH = 256
_A_WINDOW = 4
"""Windows start so many to a window."""
_MOST = 2048
"""Windows of a recording; of a long one, they are further apart."""


def module_scorer(module: Reconstructing, scale: float) -> Scorer:
    """Return the squared errors that a module makes, in its evaluation mode."""

    def score(x: Floats) -> Floats:
        module.eval()
        found = [np.zeros(0)]
        with torch.no_grad():
            for start in range(0, len(x), _BATCH):
                part = (x[start : start + _BATCH] * scale).astype(np.float32)
                given, made = module(torch.from_numpy(part))
                found.append((given - made).double().square().flatten(1).sum(1).numpy())
        return np.concatenate(found)

    return score


def network_scorer(network: Network) -> Scorer:
    """Return the scores that a float network gives; it must have an input scale."""
    scale = network.input_scale
    if scale is None:
        raise ValueError("network.input_scale must be a number, not None, to take windows in g")
    return lambda x: network.run(np.asarray(x, np.float64) * scale)[:, 1]


def recording_scores(score: Scorer, recordings: Sequence[Recording], window: int) -> Floats:
    """Return the scores of windows of recordings, a quarter of a window apart, one after the other.

    Of long recordings, windows are further apart: there are at most 2,048 of each.
    """
    batches = _together(part for each in recordings for part in _parts(each, window))
    return np.concatenate([np.zeros(0), *map(score, batches)])


def _parts(recording: Recording, window: int) -> Iterator[Floats]:
    """Yield the windows of a recording, a batch of them at most."""
    stride = max(1, window // _A_WINDOW, -(-(len(recording.samples) - window) // _MOST))
    cut = windows(recording.samples, window, stride)
    yield from (cut[at : at + _BATCH] for at in range(0, len(cut), _BATCH))


def _together(parts: Iterable[Floats]) -> Iterator[Floats]:
    """Yield parts joined to a batch or more: a row of a table is a recording of one window."""
    waiting: list[Floats] = []
    for part in parts:
        waiting.append(part)
        if sum(map(len, waiting)) >= _BATCH:
            yield np.concatenate(waiting)
            waiting = []
    if waiting:
        yield np.concatenate(waiting)


@dataclass(frozen=True, eq=False)
class Judged:
    """Scores of windows that were not trained on.

    Parameters
    ----------
    threshold
        What is above it is an anomaly.
    healthy
        ``(n,)``.
    faulty
        By class, ``(n,)`` each; none where no fault is known.
    """

    threshold: float
    healthy: Floats
    faulty: dict[str, Floats]

    def metrics(self) -> dict[str, float]:
        """Return figures of merit.

        Returns
        -------
        ``false_alarms``: share of healthy windows above the threshold; where faults are known,
        ``auc``, ``average_precision``, ``f1`` (macro-F1 of both classes at the threshold) and
        ``detected``, the share of faulty windows above; ``auc NAME`` and ``detected NAME`` of
        each fault.
        """
        found = {"false_alarms": self._above(self.healthy)}
        if not self.faulty:
            return found
        every = np.concatenate(list(self.faulty.values()))
        scores = np.concatenate([self.healthy, every])
        labels = np.repeat([0, 1], [len(self.healthy), len(every)])
        alarms = (scores > self.threshold).astype(np.int64)
        found |= {
            "auc": auc(labels, scores),
            "average_precision": average_precision(labels, scores),
            "f1": macro_f1(labels, alarms, 2),
            "detected": self._above(every),
        }
        for name, values in self.faulty.items():
            each = np.repeat([0, 1], [len(self.healthy), len(values)])
            found[f"auc {name}"] = auc(each, np.concatenate([self.healthy, values]))
            found[f"detected {name}"] = self._above(values)
        return found

    def _above(self, scores: Floats) -> float:
        return float(np.mean(scores > self.threshold))
