"""QCNN of 16 filters a layer: a tenth of the parameters, and the dense layers as small.

Of the bearing experiment of F.-L. Fan, H.-C. Dong, Z. Wu, L. Ruan, T. Zeng, Y. Cui, J.-X. Liao,
"One Neuron Saved Is One Neuron Earned: On Parametric Efficiency of Quadratic Networks",
arXiv:2303.06316.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.zoo._wide_first import Blocks
from hwgen.zoo.qcnn import Qcnn


@dataclass(frozen=True)
class Qcnn16(Qcnn):
    """Six blocks of 16 filters; errors as of `Sampled`."""

    name: ClassVar[str] = "qcnn16"
    hidden: ClassVar[int] = 20
    blocks: ClassVar[Blocks] = (
        (16, 64, 8, 28), (16, 3, 1, 1), (16, 3, 1, 1), (16, 3, 1, 1), (16, 3, 1, 1), (16, 3, 1, 0),
    )  # fmt: skip


DESIGN = Qcnn16
