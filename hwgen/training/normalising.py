"""Windows that are normalised by themselves, in torch: as `hwgen.network.ops.normalise` has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_LEAST = 1e-12
"""A spread below this is none."""


def _score(x: Tensor) -> Tensor:
    centred = x - x.mean(dim=-1, keepdim=True)
    return _over(centred, x.std(dim=-1, correction=0, keepdim=True))


def _largest(x: Tensor) -> Tensor:
    return _over(x, x.abs().amax(dim=-1, keepdim=True))


def _between(x: Tensor) -> Tensor:
    low, high = x.amin(dim=-1, keepdim=True), x.amax(dim=-1, keepdim=True)
    return _over(x - low, high - low)


def _both_ways(x: Tensor) -> Tensor:
    low, high = x.amin(dim=-1, keepdim=True), x.amax(dim=-1, keepdim=True)
    return _over((x - low) + (x - high), high - low)


def _over(x: Tensor, spread: Tensor) -> Tensor:
    there = spread > _LEAST
    return torch.where(there, x / torch.where(there, spread, 1.0), 0.0)


METHODS: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": lambda x: x - x.mean(dim=-1, keepdim=True),
    "z-score": _score,
    "max-abs": _largest,
    "min-max": _between,
    "min-max-signed": _both_ways,
}
"""What is done to windows ``(n, [channels,] samples)``, by name."""


@dataclass(frozen=True)
class Normalising:
    """A hook that runs before a module.

    Parameters
    ----------
    method
        One of `METHODS`.
    """

    method: str

    def __call__(self, module: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the module's arguments, of which the first is windows, normalised."""
        del module
        windows, *others = args
        return METHODS[self.method](windows), *others
