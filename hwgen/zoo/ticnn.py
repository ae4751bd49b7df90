"""TICNN: a wide first kernel whose weights are dropped at random in training, then small ones.

W. Zhang, C. Li, G. Peng, Y. Chen, Z. Zhang, "A deep convolutional neural network with new training
methods for bearing fault diagnosis under noisy environment and different working load",
Mechanical Systems and Signal Processing 100 (2018) 439-453: six convolutions, the first of 64 taps
and stride 8, and a rate of drop-out of its kernel that is drawn anew for each batch, from 0.1 to
0.9. Built as the paper has it: code that is passed around under this name applies its third
convolution four times and leaves the last three unused; here each of the six has its own weights.
The paper's very small batches and its ensemble are not taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from hwgen.training.recipe import Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._wide_first import Blocks, WideFirst, WideFirstNet

_DROPPED = 0.1, 0.9
"""Lowest and highest rate at which weights of the first kernel are dropped."""


class TicnnNet(WideFirstNet):
    """The weights of the first kernel are dropped at random in training."""

    def convolved(self, number: int, x: Tensor) -> Tensor:
        """Return what a block's convolution makes of its input; the first one's with drop-out."""
        if number > 1 or not self.training:
            return super().convolved(number, x)
        conv = self.get_submodule("conv1")
        rate = float(torch.empty(()).uniform_(*_DROPPED))
        dropped = {
            name: functional.dropout(weight, rate)
            for name, weight in conv.named_parameters()
            if name.endswith("weight")
        }
        y: Tensor = torch.func.functional_call(conv, dropped, (x,))
        return y


@dataclass(frozen=True)
class Ticnn(WideFirst):
    """Six blocks; errors as of `Sampled`."""

    name: ClassVar[str] = "ticnn"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=40, mixed=60)
    shortest: ClassVar[int] = 1024
    blocks: ClassVar[Blocks] = (
        (16, 64, 8, 28), (32, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 0),
    )  # fmt: skip
    net: ClassVar[type[WideFirstNet]] = TicnnNet


DESIGN = Ticnn
