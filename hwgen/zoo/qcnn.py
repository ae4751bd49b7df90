"""QCNN: WDCNN's shape with quadratic neurons in all convolutions.

J.-X. Liao, H.-C. Dong, Z.-Q. Sun, J. Sun, S. Zhang, F.-L. Fan, "Attention-embedded Quadratic
Network (Qttention) for Effective and Interpretable Bearing Fault Diagnosis", IEEE Transactions on
Instrumentation and Measurement 72 (2023) 3511113. Its softmax is left to the loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from hwgen.training.recipe import Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._quadratic import QuadraticConv1d
from hwgen.zoo._wide_first import Blocks, WideFirst, WideFirstNet


class QuadraticNet(WideFirstNet):
    """Blocks of quadratic convolution, batch norm, ReLU and max-pool, and dense layers."""

    convolution = QuadraticConv1d


@dataclass(frozen=True)
class Qcnn(WideFirst):
    """Six blocks; errors as of `Sampled`."""

    name: ClassVar[str] = "qcnn"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=40, mixed=60, relinear=0.1)
    shortest: ClassVar[int] = 1024
    net: ClassVar[type[WideFirstNet]] = QuadraticNet
    quadratic: ClassVar[bool] = True
    blocks: ClassVar[Blocks] = (
        (16, 64, 8, 28), (32, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 0),
    )  # fmt: skip


DESIGN = Qcnn
