"""One run of training: the optimiser's loop, which can go on from the end of any epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hwgen.metrics import macro_f1
from hwgen.training.average import State, WeightAverage, copied
from hwgen.training.batches import Batches
from hwgen.training.losses import Objective
from hwgen.training.optimiser import Stepper
from hwgen.training.recipe import Optimisation

Snapshot = dict[str, Any]
"""A run between two epochs: dicts, lists, numbers and tensors only."""
Progress = Callable[[int, int, float], None]
"""Called after each epoch with its number from 1, the number of epochs, and the mean loss."""
HeldOut = tuple[Tensor, Tensor]
"""Scaled windows ``(n, window)`` and labels ``(n,)``."""

_BATCH = 256


class Diverged(Exception):  # noqa: N818 - an outcome, which the caller counts
    """The loss or a weight is no longer a number."""


def fit(
    model: nn.Module,
    batches: Batches,
    objective: Objective,
    plan: Optimisation,
    *,
    seed: int,
    held: HeldOut | None = None,
    resume: Snapshot | None = None,
    keep: Callable[[Snapshot], None] | None = None,
    progress: Progress | None = None,
) -> None:
    """Train `model` in place.

    Parameters
    ----------
    seed
        Of what is random within the model; the batches have their own.
    held
        What decides the best epoch, for a plan that keeps it.
    resume
        Where an earlier run with the same arguments was; the outcome is the same as its would be.
    keep
        Called after each epoch with where the run is; the snapshot shares its tensors with it.

    Raises
    ------
    Diverged
        If the loss or a weight becomes NaN or infinite.
    """
    if plan.keep_best and held is None:
        raise ValueError("held must be given to keep the best epoch, not None")
    run = _Run(model, batches.steps, plan)
    if resume:
        run.restore(resume)
    for epoch in range(run.epoch, plan.epochs):
        loss = run.one_epoch(batches, objective, seed)
        if held is not None and plan.keep_best:
            run.judge(*held)
        if keep:
            keep(run.snapshot())
        if progress:
            progress(epoch + 1, plan.epochs, loss)
    run.finish()


class _Run:
    """A network on its way, with all that is not in its weights."""

    def __init__(self, model: nn.Module, steps: int, plan: Optimisation) -> None:
        self._model = model
        self._plan = plan
        self._total = plan.epochs * steps
        self._stepper = Stepper(model, plan, self._total)
        self._average = WeightAverage(plan.averaging) if plan.averaging else None
        self._first_averaged = plan.averaging.start * self._total if plan.averaging else 0.0
        self._best: State = {}
        self._best_f1 = -1.0
        self.epoch = 0

    def one_epoch(self, batches: Batches, objective: Objective, seed: int) -> float:
        """Return the mean loss of the next epoch."""
        self._model.train()
        losses = []
        with torch.random.fork_rng(devices=[]):  # drop-out; torch's own generator is kept
            torch.manual_seed(int(np.random.default_rng([seed, self.epoch]).integers(1 << 62)))
            for step, (x, labels) in enumerate(batches.epoch(self.epoch)):
                value = objective(self._model, x, labels, self.epoch + 1)
                value.backward()
                number = self.epoch * batches.steps + step
                self._stepper.step(number)
                if self._average and number >= self._first_averaged:
                    self._average.add(self._model)
                losses.append(value.item())
                if not math.isfinite(losses[-1]):
                    raise Diverged
        self.epoch += 1
        return float(np.mean(losses))

    def judge(self, x: Tensor, labels: Tensor) -> None:
        """Remember the weights if they are the best so far on held-out windows."""
        self._model.eval()
        with torch.no_grad():
            logits = torch.cat([self._model(part) for part in x.split(_BATCH)])
        f1 = macro_f1(labels.numpy(), logits.argmax(1).numpy(), logits.shape[1])
        if f1 > self._best_f1:
            self._best, self._best_f1 = copied(self._model.state_dict()), f1

    def finish(self) -> None:
        """Give the model its final weights, and check that they are numbers."""
        chosen = self._best or (self._average.state if self._average else {})
        if chosen:
            self._model.load_state_dict(chosen)
        self._model.eval()
        if not all(torch.isfinite(p).all() for p in self._model.parameters()):
            raise Diverged

    def snapshot(self) -> Snapshot:
        """Return all that the next epochs depend on."""
        return {
            "epoch": self.epoch,
            "model": self._model.state_dict(),
            "optimizer": self._stepper.optimizer.state_dict(),
            "average": self._average.state if self._average else {},
            "averaged": self._average.count if self._average else 0,
            "best": self._best,
            "best_f1": self._best_f1,
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to where `snapshot` was taken."""
        self.epoch = snapshot["epoch"]
        self._model.load_state_dict(snapshot["model"])
        self._stepper.optimizer.load_state_dict(snapshot["optimizer"])
        if self._average:
            self._average.state = copied(snapshot["average"])
            self._average.count = snapshot["averaged"]
        self._best, self._best_f1 = snapshot["best"], snapshot["best_f1"]
