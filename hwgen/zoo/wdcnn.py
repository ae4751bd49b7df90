"""WDCNN: a wide first kernel on raw samples, then small ones.

W. Zhang, G. Peng, C. Li, Y. Chen, Z. Zhang, "A New Deep Learning Model for Fault Diagnosis with
Good Anti-Noise and Domain Adaptation Ability on Raw Vibration Signals", Sensors 17 (2017) 425,
table 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from hwgen.training.recipe import Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._wide_first import Blocks, WideFirst


@dataclass(frozen=True)
class Wdcnn(WideFirst):
    """Five blocks; errors as of `Sampled`."""

    name: ClassVar[str] = "wdcnn"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=40, mixed=60)
    shortest: ClassVar[int] = 1024
    blocks: ClassVar[Blocks] = (
        (16, 64, 16, 24), (32, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 0),
    )  # fmt: skip


DESIGN = Wdcnn
