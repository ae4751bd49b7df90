"""The steps of fine-tuning: each sees the integers that its float weights quantize to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from hwgen.network import Network
from hwgen.quantized import QuantizedModel
from hwgen.quantized.make import requantized
from hwgen.training import fake
from hwgen.training.average import WeightAverage
from hwgen.training.features import Features
from hwgen.training.imitation import Imitation
from hwgen.training.latent import Latent
from hwgen.training.optimiser import Stepper
from hwgen.training.recipe import Averaging, Optimisation


class Descent:
    """Float weights on their way from a start.

    Parameters
    ----------
    network, model
        The start, float and integer.
    features
        To learn from.
    objective, plan
        What is minimised, and how.
    rng
        Draws the order.
    """

    def __init__(
        self,
        network: Network,
        model: QuantizedModel,
        features: Features,
        objective: Imitation,
        plan: Optimisation,
        rng: np.random.Generator,
    ) -> None:
        self._start = network, model
        self._model = model
        self._features = features
        self._objective = objective
        self._plan = plan
        self._rng = rng
        self._latent = Latent(network, model)
        self._stepper = Stepper(self._latent, plan, plan.epochs * plan.steps)
        self._average = WeightAverage(plan.averaging or Averaging(0.0))
        total = plan.epochs * plan.steps
        self._first_averaged = total * plan.averaging.start if plan.averaging else total
        self._number = 0
        self._order = np.empty(0, dtype=np.int64)

    def epoch(self, stepped: Callable[[], None]) -> bool:
        """Take the steps of one epoch; False if the loss or a gradient is no longer a number."""
        for _ in range(self._plan.steps):
            loss = self._loss(self._batch())
            loss.backward()
            gradients = [p.grad for p in self._latent.parameters() if p.grad is not None]
            if not all(bool(torch.isfinite(value).all()) for value in (loss, *gradients)):
                return False
            self._stepper.step(self._number)
            if self._number >= self._first_averaged:
                self._average.add(self._latent)
            self._number += 1
            stepped()
        return True

    def network(self) -> Network:
        """Return the float network with the average of the weights, or the last if none is due."""
        latent = Latent(*self._start)
        latent.load_state_dict(self._average.state or self._latent.state_dict())
        return latent.network()

    def _batch(self) -> Tensor:
        """Return the next indices; every window comes once before any comes again."""
        while len(self._order) < self._plan.batch:
            more = self._rng.permutation(len(self._features.labels))
            self._order = np.concatenate([self._order, more])
        batch, self._order = np.split(self._order, [self._plan.batch])
        return torch.from_numpy(batch)

    def _loss(self, batch: Tensor) -> Tensor:
        model = requantized(self._latent.network(), self._model)
        dtype = fake.exact_dtype(model)
        x = {name: values[batch].to(dtype) for name, values in self._features.x.items()}
        logits = fake.run(model, self._latent.weights(), x)
        real = (logits * torch.from_numpy(model.logits.scale)).float()
        return self._objective(real, self._features.labels[batch], self._features.guide[batch])
