"""Back through a function of one number: by its slope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from hwgen.network import Floats
from hwgen.network.functions import FUNCTIONS, MAX_ORDER, USUAL_SLOPE
from hwgen.network.ops.table import Table


def back(op: Table, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del y
    slope = USUAL_SLOPE.get(op.function, 0.0) if op.slope is None else op.slope
    return (g * SLOPES[op.function](xs[0], slope),)


def _sigmoid(x: Floats, slope: float = 0.0) -> Floats:
    open_ = FUNCTIONS["sigmoid"](x, slope)
    return open_ * (1.0 - open_)


def _tanh(x: Floats, _: float = 0.0) -> Floats:
    found: Floats = 1.0 - np.square(np.tanh(x))
    return found


def _inside(low: float, high: float, slope: float) -> Callable[[Floats, float], Floats]:
    return lambda x, _: np.where((x > low) & (x < high), slope, 0.0)


def _silu(x: Floats, slope: float) -> Floats:
    return FUNCTIONS["sigmoid"](x, slope) + x * _sigmoid(x)


def _hard_swish(x: Floats, slope: float) -> Floats:
    return FUNCTIONS["hard_sigmoid"](x, slope) + x * _inside(-3.0, 3.0, 1 / 6)(x, slope)


def _elu(x: Floats, slope: float) -> Floats:
    return np.where(x >= 0, 1.0, slope * np.exp(np.minimum(x, 0.0)))


def _selu(x: Floats, _: float) -> Floats:
    return 1.0507009873554805 * _elu(x, 1.6732632423543772)


def _gelu(x: Floats, _: float) -> Floats:
    found: Floats = special.ndtr(x) + x * np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)
    return found


def _gelu_tanh(x: Floats, _: float) -> Floats:
    root = np.sqrt(2.0 / np.pi)
    inner = root * (x + 0.044715 * x**3)
    found: Floats = 0.5 * (1.0 + np.tanh(inner))
    return found + 0.5 * x * _tanh(inner) * root * (1.0 + 3 * 0.044715 * x**2)


def _mish(x: Floats, _: float) -> Floats:
    soft = np.logaddexp(x, 0.0)
    found: Floats = np.tanh(soft) + x * _tanh(soft) * FUNCTIONS["sigmoid"](x, 0.0)
    return found


def _power(order: int) -> Callable[[Floats, float], Floats]:
    return lambda x, _: order * x ** (order - 1)


SLOPES: dict[str, Callable[[Floats, float], Floats]] = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "hard_sigmoid": _inside(-3.0, 3.0, 1 / 6),
    "hard_swish": _hard_swish,
    "leaky_relu": lambda x, slope: np.where(x >= 0, 1.0, slope),
    "silu": _silu,
    "identity": lambda x, _: np.ones_like(x),
    "relu": _inside(0.0, np.inf, 1.0),
    "relu6": _inside(0.0, 6.0, 1.0),
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "softplus": FUNCTIONS["sigmoid"],
    "mish": _mish,
    "hardtanh": _inside(-1.0, 1.0, 1.0),
    "softsign": lambda x, _: 1.0 / np.square(1.0 + np.abs(x)),
    "square": lambda x, _: 2.0 * x,
    **{f"power{order}": _power(order) for order in range(3, MAX_ORDER + 1)},
    "abs": lambda x, _: np.sign(x),
    "sign": lambda x, _: np.zeros_like(x),
}
"""By name, as `hwgen.network.functions.FUNCTIONS`; at a kink, one of both sides'."""
