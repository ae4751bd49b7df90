"""Quantization-aware fine-tuning: the integer network learns to answer as its float network did.

What the training sees is the hardware's own arithmetic: features by the golden model, the layers
behind them by `hwgen.training.fake`, their integers by the quantized rules, anew at every step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hwgen.network import Floats, Network, rules
from hwgen.quantized import QuantizedModel
from hwgen.quantized.make import requantized
from hwgen.training.descent import Descent
from hwgen.training.features import BATCH, features_of, gather_features
from hwgen.training.imitation import Imitation, score
from hwgen.training.recipe import Averaging, Optimisation
from hwgen.training.sources import Labels, Source

Progress = Callable[[int, int], None]
"""Called with the work done and all work, in units of about the same time."""

_STEPS_A_BATCH = 4
"""The features of one batch of windows take as long as so many steps."""

_OBJECTIVE = Imitation()
_OPTIMISATION = Optimisation(
    epochs=8,
    batch=128,
    steps=250,
    learning_rate=2e-3,
    weight_decay=0.0,
    averaging=Averaging(start=0.0, decay=0.99),
)


@dataclass(frozen=True)
class FineTuning:
    """A recipe of fine-tuning.

    Parameters
    ----------
    windows
        Whose features are gathered before the first step.
    optimisation
        After each of its epochs the average of the weights is a candidate.
    objective
        What is minimised.
    """

    windows: int = 20_000
    optimisation: Optimisation = _OPTIMISATION
    objective: Imitation = _OBJECTIVE


@dataclass(frozen=True, eq=False)
class FineTuned:
    """The best candidate on held-out windows; the start if none is better.

    Parameters
    ----------
    network, model
        Float network, and the integer network that the quantized rules make of it with the
        shifts of the start.
    f1, start_f1
        Macro-F1 of this and of the start's integer network on the held-out windows.
    epoch
        Of the candidate, from 1; 0 for the start.
    """

    network: Network
    model: QuantizedModel
    f1: float
    start_f1: float
    epoch: int


def finetune(
    network: Network,
    model: QuantizedModel,
    source: Source,
    held: tuple[Floats, Labels],
    *,
    start: Network | None = None,
    seed: int = 0,
    plan: FineTuning = FineTuning(),
    progress: Progress | None = None,
) -> FineTuned:
    """Move the float weights so that the integer network loses as little as possible.

    Parameters
    ----------
    network
        Trained float network: what the integer network is to imitate.
    model
        What calibration made of it; its bits, first op and shifts are kept.
    source
        Gives windows of the training part.
    held
        Windows ``(n >= 1, samples)`` in g and their classes ``(n,)``, of neither `source` nor the
        test part.
    start
        Where the weights begin; None: those of `network`. What integers stand for
        (`hwgen.training.latent.dequantized`) is a better place if they were chosen well.
    seed
        0 or more; of windows and their order. The same seed gives the same network.

    Raises
    ------
    InputError
        If an op has no file in `hwgen.training.fake`, or no integer form.
    """
    rules.check(network, rules.CANONICAL)
    optimisation, rng = plan.optimisation, np.random.default_rng(seed)
    work = _Work(plan, progress)
    judged = features_of(network, model, *held)
    features = gather_features(
        network, model, source, plan.windows, rng, lambda: work.did(_STEPS_A_BATCH)
    )
    descent = Descent(start or network, model, features, plan.objective, optimisation, rng)
    before = best = score(model, judged, plan.objective.temperature)
    result = network, model
    number = 0
    for epoch in range(1, optimisation.epochs + 1):
        if not descent.epoch(lambda: work.did(1)):
            break
        moved = descent.network()
        candidate = requantized(moved, model)
        found = score(candidate, judged, plan.objective.temperature)
        if found > best:
            best, result, number = found, (moved, candidate), epoch
    return FineTuned(*result, best.f1, before.f1, number)


class _Work:
    """Counts what is done."""

    def __init__(self, plan: FineTuning, progress: Progress | None) -> None:
        steps = plan.optimisation.epochs * plan.optimisation.steps
        self._all = steps + -(-plan.windows // BATCH) * _STEPS_A_BATCH
        self._done = 0
        self._progress = progress

    def did(self, units: int) -> None:
        self._done += units
        if self._progress:
            self._progress(self._done, self._all)
