"""Functions of one number that a table can hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from hwgen.network.layer import Floats

MAX_ORDER = 8
"""Of powers. A value of order k has k times the octaves of its inputs; eight of 8 bits are 64."""

Function = Callable[[Floats, float], Floats]
"""Of values and of a slope (or an ELU's alpha), which most functions do without."""


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


def _identity(x: Floats, _: float) -> Floats:
    return x


def _relu(x: Floats, _: float) -> Floats:
    return np.maximum(x, 0.0)


def _relu6(x: Floats, _: float) -> Floats:
    return np.clip(x, 0.0, 6.0)


def _elu(x: Floats, slope: float) -> Floats:
    return np.where(x >= 0, x, slope * np.expm1(np.minimum(x, 0.0)))


def _selu(x: Floats, _: float) -> Floats:
    # Klambauer et al., Self-Normalizing Neural Networks, NIPS 2017.
    return 1.0507009873554805 * _elu(x, 1.6732632423543772)


def _gelu(x: Floats, _: float) -> Floats:
    result: Floats = x * special.ndtr(x)
    return result


def _gelu_tanh(x: Floats, _: float) -> Floats:
    # Hendrycks and Gimpel, Gaussian Error Linear Units, 2016: the approximation.
    result: Floats = 0.5 * x * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (x + 0.044715 * x**3)))
    return result


def _softplus(x: Floats, _: float) -> Floats:
    result: Floats = np.logaddexp(x, 0.0)
    return result


def _mish(x: Floats, slope: float) -> Floats:
    result: Floats = x * np.tanh(_softplus(x, slope))
    return result


def _hardtanh(x: Floats, _: float) -> Floats:
    return np.clip(x, -1.0, 1.0)


def _softsign(x: Floats, _: float) -> Floats:
    return x / (1.0 + np.abs(x))


def _square(x: Floats, _: float) -> Floats:
    return x * x


def _power(order: int) -> Function:
    return lambda x, _: x**order


def _abs(x: Floats, _: float) -> Floats:
    result: Floats = np.abs(x)
    return result


def _sign(x: Floats, _: float) -> Floats:
    result: Floats = np.sign(x)
    return result


FUNCTIONS: dict[str, Function] = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "hard_sigmoid": _hard_sigmoid,
    "hard_swish": _hard_swish,
    "leaky_relu": _leaky_relu,
    "silu": _silu,
    "identity": _identity,
    "relu": _relu,
    "relu6": _relu6,
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "softplus": _softplus,
    "mish": _mish,
    "hardtanh": _hardtanh,
    "softsign": _softsign,
    "square": _square,
    **{f"power{order}": _power(order) for order in range(3, MAX_ORDER + 1)},
    "abs": _abs,
    "sign": _sign,
}
"""By name: what `torch.nn.functional`, or torch itself, has under it, at its defaults.

``"power3"`` and so on are ``x**3``.
"""

USUAL_SLOPE = {"leaky_relu": 0.01, "elu": 1.0}
"""The slope of a function that has one, where nobody says another: torch's default."""


def power_of(name: str) -> int:
    """Return which power a function is; 1 for the value itself, 0 for none."""
    found = {"identity": 1, "square": 2}.get(name)
    return found or (int(name[5:]) if name.startswith("power") else 0)
