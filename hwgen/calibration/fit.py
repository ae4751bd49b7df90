"""One layer to integers, on the values that reach it."""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen import golden
from hwgen.calibration import shift as shifts
from hwgen.calibration.factors import factored
from hwgen.calibration.rounding import Compensated, seen
from hwgen.errors import UsageError
from hwgen.fixedpoint import Integers
from hwgen.network import Floats, Layer
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.quantized import Activations, Precision, QuantizedOp
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Bools, Chosen, room

ROUNDINGS = ("nearest", "compensated")
"""Each weight for itself; or so that the layer's outputs are right, bias included."""


@dataclass(frozen=True)
class Method:
    """How formats and integers are chosen from data.

    Parameters
    ----------
    range
        How an accumulator's shift is chosen: a key of `hwgen.calibration.shift.METHODS`.
    rounding
        How weights become integers: one of `ROUNDINGS`.

    Raises
    ------
    UsageError
        If there is no such method.
    """

    range: str = "mse"
    rounding: str = "nearest"

    def __post_init__(self) -> None:
        if self.range not in shifts.METHODS:
            raise UsageError(
                f"calibration must be one of {', '.join(shifts.METHODS)}, not {self.range!r}"
            )
        if self.rounding not in ROUNDINGS:
            raise UsageError(
                f"rounding must be one of {', '.join(ROUNDINGS)}, not {self.rounding!r}"
            )

    def __str__(self) -> str:
        return f"{self.range}, {self.rounding}"


@dataclass(frozen=True, eq=False)
class Reached:
    """What reaches a layer on the calibration windows.

    Parameters
    ----------
    values
        What each value that it reads is: shape, format, scale.
    integers
        The values, ``(n, *shape)`` each.
    floats
        The same in the float network.
    """

    values: tuple[Activations, ...]
    integers: tuple[Integers, ...]
    floats: tuple[Floats, ...]


@dataclass(frozen=True, eq=False)
class Fitted:
    """An op that fits its accumulators.

    Parameters
    ----------
    op
        The integer op.
    sums
        Its exact sums on the calibration windows (`hwgen.golden.accumulate`).
    """

    op: QuantizedOp
    sums: Integers


def fit(layer: Layer, reached: Reached, bits: Precision, method: Method, chosen: Chosen) -> Fitted:
    """Return the op of a layer whose shift and weights fit what reaches it.

    Parameters
    ----------
    chosen
        What its rule is told but for shift and rounding.
    """
    free = "weight" in layer.tensors() and getattr(layer, "unit", None) is None
    if method.rounding == "compensated":
        if free:
            layer, chosen = _compensated(layer, reached, bits, chosen)
        elif isinstance(layer, Bilinear1d):
            layer, chosen = _compensated_factors(layer, reached, bits, chosen)
    op = integer_op(layer, reached.values, bits, chosen)
    if layer.grid is not None:
        # Its shift follows from the grid.
        return Fitted(op, golden.accumulate(op, *reached.integers))
    return fit_shifts(op, reached.integers, method)


def fit_shifts(op: Any, xs: tuple[Integers, ...], method: Method) -> Fitted:
    """Return the op with the shifts that its exact sums ask for, and these.

    Parameters
    ----------
    xs
        ``(n, *shape)`` integers that it reads.
    """
    room_of = room("hwgen.golden.ops", op.op)
    if hasattr(room_of, "factors"):
        op = factored(op, room_of.factors(op, *xs), method.range)
    return Fitted(*fit_shift(op, golden.accumulate(op, *xs), method))


def fit_shift(op: QuantizedOp, sums: Integers, method: Method) -> tuple[QuantizedOp, Integers]:
    """Return the op with the shift that its exact sums ask for, and these."""
    if not op.rounds:
        return op, sums
    # The shift has no part in weights and biases: they need not be found again.
    return op.shifted(shifts.choose(method.range, sums, op.output.fmt) - op.guard), sums


def _compensated(
    layer: Layer, reached: Reached, bits: Precision, chosen: Chosen
) -> tuple[Layer, Chosen]:
    """Return the layer with the bias that makes its outputs right on average, and the rounding.

    Bias correction: M. Nagel et al., Data-Free Quantization Through Weight Equalization and Bias
    Correction, ICCV 2019, section 4.2, with the mean measured.
    """
    plain = integer_op(layer, reached.values, bits, chosen)
    columns_of = room("hwgen.golden.ops", layer.op).columns
    columns = seen(lambda x: columns_of(plain, x), reached.integers[0])
    chosen = dataclasses.replace(chosen, rounding=_Remembered(Compensated(columns)))
    op: Any = integer_op(layer, reached.values, bits, chosen)
    sums = golden.accumulate(op, *reached.integers)
    if chosen.exact:
        sums = golden.rounded(op, sums)
    kind: Any = layer
    linear = dataclasses.replace(kind, relu=False).apply(*reached.floats)
    step = op.output.scale * 2.0 ** -getattr(op, "shift", 0)
    scale = step.reshape((-1,) + (1,) * (sums.ndim - 2))
    others = tuple(axis for axis in range(sums.ndim) if axis != 1)
    error = (linear - sums * scale).mean(axis=others)
    return dataclasses.replace(kind, bias=kind.bias + error), chosen


def _compensated_factors(
    layer: Bilinear1d, reached: Reached, bits: Precision, chosen: Chosen
) -> tuple[Layer, Chosen]:
    """Return the same of a layer that multiplies two sums: both are right on average."""
    room_of = room("hwgen.golden.ops", layer.op)
    plain = integer_op(layer, reached.values, bits, chosen)
    columns = seen(lambda x: room_of.columns(plain, x), reached.integers[0])
    chosen = dataclasses.replace(chosen, rounding=_Remembered(Compensated(columns), 2))
    op: Any = integer_op(layer, reached.values, bits, chosen)
    sums = room_of.factors(op, reached.integers[0])
    (x,) = reached.floats
    halves = [half.apply(x.reshape(len(x), -1, op.length)) for half in layer.halves]
    error = np.concatenate(halves, axis=1) - sums * op.unit[:, np.newaxis]
    one, other = np.split(error.mean(axis=(0, 2)), 2)
    moved = dataclasses.replace(layer, bias_r=layer.bias_r + one, bias_g=layer.bias_g + other)
    return moved, chosen


class _Remembered:
    """A rounding that does the same rows at the same steps only once.

    Parameters
    ----------
    most
        Sets of rows that it remembers.
    """

    def __init__(self, rounding: Compensated, most: int = 1) -> None:
        self._rounding = rounding
        self._known: deque[tuple[Floats, Floats, tuple[Integers, Floats]]] = deque(maxlen=most)

    def __call__(
        self,
        rows: Floats,
        scale: Floats,
        most: int,
        *,
        together: bool = False,
        bound: Bools | None = None,
    ) -> tuple[Integers, Floats]:
        for known, steps, result in self._known:
            if np.array_equal(rows, known) and np.array_equal(scale, steps):
                return result
        result = self._rounding(rows, scale, most, together=together, bound=bound)
        self._known.append((rows, scale, result))
        return result
