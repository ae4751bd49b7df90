"""Steps of an optimiser and of its learning rate, as a recipe has them."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from hwgen.training.neurons import slowness
from hwgen.training.recipe import Optimisation


class Stepper:
    """Changes the weights of one network by their gradients.

    Parameters
    ----------
    model
        The network.
    plan
        Which optimiser, which rates.
    total
        Steps of the whole run.
    """

    def __init__(self, model: nn.Module, plan: Optimisation, total: int) -> None:
        self._model = model
        self._plan = plan
        self._total = total
        self.optimizer = optimizer_of(model, plan)
        self._peaks = [group["lr"] for group in self.optimizer.param_groups]

    def step(self, number: int) -> None:
        """Take step `number` from 0; gradients are there, and are gone afterwards."""
        if self._plan.renewed:
            # As published: whatever the optimiser and the schedule remember is lost.
            self.optimizer = optimizer_of(self._model, self._plan)
            number = 0
        rate = learning_rate(number / self._total, self._plan)
        for group, peak in zip(self.optimizer.param_groups, self._peaks, strict=True):
            group["lr"] = peak * rate
        self.optimizer.step()
        self.optimizer.zero_grad()


def learning_rate(done: float, plan: Optimisation) -> float:
    """Return the rate, relative to its peak, when a share `done` of the run is over."""
    rising = min(1.0, (done + 1e-3) / plan.warm_up) if plan.warm_up else 1.0
    last = plan.final_rate / plan.learning_rate
    return rising * (last + (1 - last) * 0.5 * (1 + math.cos(math.pi * done)))


def optimizer_of(model: nn.Module, plan: Optimisation) -> torch.optim.Optimizer:
    """Return an optimiser whose steps suit the size of each parameter.

    Adam's steps do not depend on the gradient's size, so a first convolution whose weights are
    larger by an input gain needs steps larger by as much; they are not decayed.
    """
    if plan.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), plan.learning_rate, momentum=plan.momentum)
    kind = torch.optim.Adam if plan.optimizer == "adam" else torch.optim.AdamW
    return kind(_groups(model, plan), lr=plan.learning_rate, weight_decay=plan.weight_decay)


def _groups(model: nn.Module, plan: Optimisation) -> list[dict[str, Any]]:
    """Return parameters by what their steps and their decay are."""
    gain = getattr(model, "input_gain", 1.0)
    first: dict[str, Any] = {
        "params": [], "lr": plan.learning_rate * gain, "weight_decay": 0.0
    }  # fmt: skip
    slow: dict[int, dict[str, Any]] = {}
    rest: dict[str, Any] = {"params": []}
    learning = ((name, each) for name, each in model.named_parameters() if each.requires_grad)
    for name, parameter in learning:
        times = slowness(name)
        if gain != 1.0 and name.removeprefix("net.") == "conv1.weight":
            first["params"].append(parameter)
        elif times:
            # Decay would draw a bias of 1 to 0, and with it the neuron.
            rate = plan.learning_rate * plan.relinear**times
            group = slow.setdefault(times, {"params": [], "lr": rate, "weight_decay": 0.0})
            group["params"].append(parameter)
        else:
            rest["params"].append(parameter)
    return [group for group in (first, *slow.values(), rest) if group["params"]]
