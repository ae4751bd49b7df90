"""From float network and calibration windows to the integer network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen import golden
from hwgen.errors import InputError
from hwgen.explore import shift as shifts
from hwgen.fixedpoint import Format, Integers
from hwgen.metrics import sqnr_db
from hwgen.network import Floats, Network
from hwgen.quantized import Bits, QuantizedModel, QuantizedOp
from hwgen.quantized.magnitude import EIGHTHS
from hwgen.quantized.op import room
from hwgen.quantized.samples import digitise


@dataclass(frozen=True)
class LayerStatistics:
    """How one layer fares in integers on the calibration windows.

    Parameters
    ----------
    name, op
        The layer.
    fmt
        Format of its output.
    shift
        Bits dropped at its rounding.
    sqnr_db
        Signal to quantization noise of the output, against the float layer in the float network.
    saturated, values
        Outputs at the positive end because the accumulator was beyond it, of how many.
    """

    name: str
    op: str
    fmt: Format
    shift: int
    sqnr_db: float | None
    saturated: int
    values: int

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return vars(self) | {"fmt": str(self.fmt), "width": self.fmt.width}


@dataclass(frozen=True)
class Calibration:
    """The integer network and how it was arrived at."""

    model: QuantizedModel
    layers: tuple[LayerStatistics, ...]
    method: str
    windows: int


def calibrate(
    network: Network,
    windows: npt.ArrayLike,
    bits: Bits,
    *,
    input_scale: float,
    classes: tuple[str, ...],
    sample_rate: float | None = None,
    method: str = "mse",
) -> Calibration:
    """Choose every format from data and return the integer network.

    Parameters
    ----------
    network
        Float network.
    windows
        ``(n, input_samples)`` sensor values in g, of the training part.
    bits, method
        Widths, and how a shift is chosen: a key of `hwgen.explore.shift.METHODS`.
    input_scale, classes, sample_rate
        As in `QuantizedModel`.

    Raises
    ------
    InputError
        If there are no windows, they do not fit the network or are not finite, the input scale is
        not a positive number, or the network does not begin with its one spectrum.
    """
    physical = np.asarray(windows, dtype=np.float64)
    _check(network, physical, input_scale)
    floats = network.activations(physical * input_scale)
    value = digitise(physical, bits)
    ops: list[QuantizedOp] = []
    statistics = []
    for index, layer in enumerate(network.layers):
        last = index == len(network.layers) - 1
        op, sums, shift = _fit(layer, ops, value, bits, input_scale, method, last=last)
        value = golden.run_op(op, value)
        ops.append(op)
        statistics.append(_statistics(op, value, sums, shift, floats[index]))
    model = QuantizedModel(
        name=network.name,
        input_samples=network.input_samples,
        classes=classes,
        ops=tuple(ops),
        bits=bits,
        input_scale=input_scale,
        sample_rate=sample_rate,
    )
    return Calibration(model, tuple(statistics), method, len(physical))


def _check(network: Network, windows: Floats, input_scale: float) -> None:
    """Refuse what the rules of the ops take for granted."""
    wanted = (network.input_samples,)
    if windows.ndim != 2 or windows.shape[1:] != wanted or not len(windows):
        raise InputError(
            f"calibration windows must be at least one of {wanted[0]} samples, not {windows.shape}"
        )
    if not np.isfinite(windows).all():
        raise InputError("calibration windows must be finite, but some are NaN or infinite")
    if not (np.isfinite(input_scale) and input_scale > 0):
        raise InputError(f"input scale must be a positive number, not {input_scale!r}")
    spectra = [layer.op == "spectrum" for layer in network.layers]
    if not spectra[0] or any(spectra[1:]):
        raise InputError("a network must begin with a spectrum and have no other one")


def _fit(
    layer: Any,
    before: list[QuantizedOp],
    value: Integers,
    bits: Bits,
    input_scale: float,
    method: str,
    *,
    last: bool,
) -> tuple[QuantizedOp, Integers, int]:
    """Return the op with the shift that fits its accumulators, those, and the bits dropped."""
    rule = room("hwgen.quantized", layer.op).quantize

    def make(shift: int) -> QuantizedOp:
        if not before:
            made: QuantizedOp = rule(layer, bits, input_scale, shift)
        else:
            made = rule(layer, before[-1].output, bits, shift, last=last)
        return made

    op = make(0)
    sums = golden.accumulate(op, value)
    if not hasattr(op, "shift") or last:
        return op, sums, 0
    extra = EIGHTHS if not before else 0
    shift = shifts.choose(method, sums, op.output.fmt)
    return make(shift - extra), sums, shift


def _statistics(
    op: QuantizedOp, value: Integers, sums: Integers, shift: int, reference: Floats
) -> LayerStatistics:
    out = op.output
    scale = out.scale.reshape((-1,) + (1,) * (len(out.shape) - 1))
    ratio = sqnr_db(reference, value * scale)
    top = np.asarray(out.fmt.max, dtype=np.int64)
    saturated = int(((sums >> shift) > top).sum()) if shift else 0
    return LayerStatistics(
        name=op.name,
        op=op.op,
        fmt=out.fmt,
        shift=shift,
        sqnr_db=ratio if np.isfinite(ratio) else None,
        saturated=saturated,
        values=int(value.size),
    )
