"""One layer to integers, on the values that reach it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen import golden
from hwgen.calibration import shift as shifts
from hwgen.calibration.rounding import Compensated
from hwgen.errors import UsageError
from hwgen.fixedpoint import Integers
from hwgen.network import Floats
from hwgen.quantized import Bits, QuantizedOp
from hwgen.quantized.magnitude import EIGHTHS
from hwgen.quantized.op import declared, room

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
class Fitted:
    """An op that fits its accumulators.

    Parameters
    ----------
    op
        The integer op.
    sums
        Its accumulators on the calibration windows.
    shift
        Bits that they lose.
    """

    op: QuantizedOp
    sums: Integers
    shift: int


def fit_spectrum(
    layer: Any, sums: Integers, bits: Bits, input_scale: float, method: Method
) -> Fitted:
    """Return the front-end whose features fit magnitudes `sums` (golden ``accumulate``)."""
    rule = room("hwgen.quantized.ops", layer.op).quantize
    out = rule(layer, bits, input_scale, 0).output.fmt
    shift = shifts.choose(method.range, sums, out)
    return Fitted(rule(layer, bits, input_scale, shift - EIGHTHS), sums, shift)


def fit_layer(
    layer: Any,
    before: QuantizedOp,
    value: Integers,
    reference: Floats,
    bits: Bits,
    method: Method,
    *,
    last: bool,
) -> Fitted:
    """Return a layer behind the front-end.

    Parameters
    ----------
    layer
        Float layer.
    before, value
        The op before, and its outputs on the calibration windows.
    reference
        What reaches the layer in the float network on the same windows.
    """
    rule = room("hwgen.quantized.ops", layer.op).quantize
    bits = declared(bits, layer.op)
    source = before.output
    options: dict[str, Any] = {}
    if hasattr(layer, "weight") and method.rounding == "compensated":
        layer, options = _compensated(layer, before, value, reference, bits, last=last)
    op = rule(layer, source, bits, 0, last=last, **options)
    sums = golden.accumulate(op, value)
    if not hasattr(op, "shift") or last:
        return Fitted(op, sums, 0)
    shift = shifts.choose(method.range, sums, op.output.fmt)
    # The shift has no part in weights and biases: they need not be found again.
    op = dataclasses.replace(op, shift=shift, scale=op.output.scale * 2.0**shift)
    return Fitted(op, sums, shift)


def _compensated(
    layer: Any,
    before: QuantizedOp,
    value: Integers,
    reference: Floats,
    bits: Bits,
    *,
    last: bool,
) -> tuple[Any, dict[str, Any]]:
    """Return the layer with the bias that makes its outputs right on average, and the rounding.

    Bias correction: M. Nagel et al., Data-Free Quantization Through Weight Equalization and Bias
    Correction, ICCV 2019, section 4.2, with the mean measured.
    """
    rule = room("hwgen.quantized.ops", layer.op).quantize
    plain = rule(layer, before.output, bits, 0, last=last)
    columns = room("hwgen.golden.ops", layer.op).columns(plain, value)
    rounding = _Remembered(Compensated(columns))
    op = rule(layer, before.output, bits, 0, last=last, rounding=rounding)
    sums = golden.accumulate(op, value)
    if last:
        sums = sums << op.align
    linear = dataclasses.replace(layer, relu=False).apply(reference)
    scale = op.output.scale.reshape((-1,) + (1,) * (sums.ndim - 2))
    others = tuple(axis for axis in range(sums.ndim) if axis != 1)
    error = (linear - sums * scale).mean(axis=others)
    return dataclasses.replace(layer, bias=layer.bias + error), {"rounding": rounding}


class _Remembered:
    """A rounding that does the same rows at the same steps only once."""

    def __init__(self, rounding: Compensated) -> None:
        self._rounding = rounding
        self._known: tuple[Floats, Floats, tuple[Integers, Floats]] | None = None

    def __call__(
        self, rows: Floats, scale: Floats, most: int, *, together: bool
    ) -> tuple[Integers, Floats]:
        if self._known is None or not (
            np.array_equal(rows, self._known[0]) and np.array_equal(scale, self._known[1])
        ):
            result = self._rounding(rows, scale, most, together=together)
            self._known = rows, scale, result
        return self._known[2]
