"""Functions of one number that a table can hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hwgen.network.layer import Floats

Function = Callable[[Floats, float], Floats]
"""Of values and of a slope, which most functions do without."""


def _sigmoid(x: Floats, _: float) -> Floats:
    # Of the absolute value: the exponential of a large one would overflow.
    small = np.exp(-np.abs(x))
    result: Floats = np.where(x >= 0, 1.0, small) / (1.0 + small)
    return result


def _tanh(x: Floats, _: float) -> Floats:
    result: Floats = np.tanh(x)
    return result


def _hard_sigmoid(x: Floats, _: float) -> Floats:
    return np.clip(x / 6.0 + 0.5, 0.0, 1.0)


def _hard_swish(x: Floats, slope: float) -> Floats:
    return x * _hard_sigmoid(x, slope)


def _leaky_relu(x: Floats, slope: float) -> Floats:
    return np.where(x >= 0, x, slope * x)


def _silu(x: Floats, slope: float) -> Floats:
    return x * _sigmoid(x, slope)


FUNCTIONS: dict[str, Function] = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "hard_sigmoid": _hard_sigmoid,
    "hard_swish": _hard_swish,
    "leaky_relu": _leaky_relu,
    "silu": _silu,
}
"""By name: what `torch.nn.functional` has under it, at its defaults."""
