"""Fully connected layer with an optional ReLU."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, tensor, units, usual


@dataclass(frozen=True, eq=False)
class Dense(Layer):
    """``y = weight @ flatten(x) + bias``; a 2-D input is flattened channel-major.

    Parameters
    ----------
    weight
        ``(outputs, inputs)``.
    bias
        ``(outputs,)``.
    relu
        Whether negative outputs become zero (a hidden layer); the last layer has none.
    unit
        What one is worth in the integer weights of each row, as of a convolution.
    """

    op: ClassVar[str] = "dense"
    weight: Floats
    bias: Floats
    relu: bool = False
    unit: tuple[float, ...] | None = usual(None)

    def __post_init__(self) -> None:
        weight = tensor(f"{self.name}.weight", self.weight, 2)
        bias = tensor(f"{self.name}.bias", self.bias, 1)
        if len(bias) != len(weight):
            raise InputError(
                f"{self.name}.bias must have one value an output ({len(weight)}), not {len(bias)}"
            )
        object.__setattr__(self, "weight", weight)
        object.__setattr__(self, "bias", bias)
        object.__setattr__(self, "unit", units(self.name, self.unit, len(weight)))

    def output_shape(self, shape: Shape) -> Shape:
        """``(any shape of `inputs` values) -> (outputs,)``."""
        outputs, inputs = self.weight.shape
        if math.prod(shape) != inputs:
            raise InputError(f"{self.name} takes {inputs} values, not {math.prod(shape)} {shape}")
        return (outputs,)

    def columns(self, scale: Floats) -> Floats:
        """Return scales as the weights meet them, ``(inputs,)``."""
        return columns(scale, self.weight.shape[1])

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, outputs)``."""
        y = x.reshape(len(x), -1) @ self.weight.T + self.bias
        return np.maximum(y, 0.0) if self.relu else y


def columns(scale: Floats, inputs: int) -> Floats:
    """Return the scale of each of `inputs` flattened values, of those of the channels."""
    return np.repeat(scale, inputs // len(scale))


LAYER = Dense
