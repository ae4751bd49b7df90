"""What training knows of a network that makes its input again: an autoencoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from hwgen.errors import UsageError
from hwgen.network import Graph, Layer
from hwgen.training.design import Design, State
from hwgen.training.recipe import Optimisation, Recipe


class Reconstructing(nn.Module):
    """A module that gives what it is to make again, and what it makes of it.

    Attributes
    ----------
    unit
        What a standard deviation, or the RMS of samples, is in both.
    """

    unit: float = 1.0

    def given(self, x: Tensor) -> Tensor:
        """Return what is made again ``(n, numbers)`` of scaled windows ``(n, ..., window)``."""
        raise NotImplementedError

    def made(self, given: Tensor) -> Tensor:
        """Return the reconstruction ``(n, numbers)``."""
        raise NotImplementedError

    def measure(self, x: Tensor) -> None:
        """Take from healthy scaled windows what is measured, not trained; nothing, as a rule."""

    def forward(self, x: Tensor, noise: float = 0.0) -> tuple[Tensor, Tensor]:
        """Return both; what is made again has `noise`, in standard deviations, added before."""
        given = self.given(x)
        seen = given + noise * self.unit * torch.randn_like(given) if noise else given
        return given, self.made(seen)


@dataclass(frozen=True)
class Autoencoder(Design):
    """Sizes of an autoencoder.

    Its graph ends in a score without a threshold (`hwgen.network.anomaly`).
    """

    task: ClassVar[str] = "anomaly"
    recipes: ClassVar[Mapping[str, Recipe]]

    def module(self, channels: int, classes: int, plan: Optimisation) -> Reconstructing:
        """Return a new module."""
        raise NotImplementedError

    def graph(self, state: State) -> Graph[Layer]:
        """Return what a module with the tensors `state` scores in its evaluation mode."""
        raise NotImplementedError


def check_widths(hidden: int | None, code: int | None, most: int) -> None:
    """Refuse numbers of neurons that are not from 1 to `most`; None is the network's own.

    Raises
    ------
    UsageError
        Naming the option.
    """
    for name, value in (("hidden", hidden), ("code", code)):
        if value is not None and not 1 <= value <= most:
            raise UsageError(f"--{name} must be from 1 to {most}, not {value}")
