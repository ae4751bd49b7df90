"""From float network and calibration windows to the integer network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen import golden
from hwgen.calibration.fit import Method, fit_layer, fit_spectrum
from hwgen.errors import InputError
from hwgen.network import Floats, Network
from hwgen.quantized import Bits, QuantizedModel, QuantizedOp
from hwgen.quantized.op import room
from hwgen.quantized.samples import digitise


@dataclass(frozen=True, eq=False)
class Calibration:
    """The integer network and how it was arrived at."""

    model: QuantizedModel
    method: Method
    windows: int


def calibrate(
    network: Network,
    windows: npt.ArrayLike,
    bits: Bits,
    *,
    input_scale: float,
    classes: tuple[str, ...],
    sample_rate: float | None = None,
    method: Method = Method(),  # noqa: B008 - it is frozen
) -> Calibration:
    """Choose every format from data and return the integer network.

    Parameters
    ----------
    network
        Float network.
    windows
        ``(n, input_samples)`` sensor values in g, of the training part.
    bits, method
        Widths, and how shifts and integer weights are chosen.
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
    floats = network.activations(physical * input_scale)[:-1]
    first = network.layers[0]
    raw = room("hwgen.quantized.ops", first.op).quantize(first, bits, input_scale, 0)
    fitted = fit_spectrum(
        first, golden.accumulate(raw, digitise(physical, bits)), bits, input_scale, method
    )
    ops: list[QuantizedOp] = [fitted.op]
    value = room("hwgen.golden.ops", fitted.op.op).rounded(fitted.op, fitted.sums)
    for layer, reference in zip(network.layers[1:], floats, strict=True):
        last = layer is network.layers[-1]
        fitted = fit_layer(layer, ops[-1], value, reference, bits, method, last=last)
        value = golden.run_op(fitted.op, value)
        ops.append(fitted.op)
    model = QuantizedModel(
        name=network.name,
        input_samples=network.input_samples,
        classes=classes,
        ops=tuple(ops),
        bits=bits,
        input_scale=input_scale,
        sample_rate=sample_rate,
    )
    return Calibration(model, method, len(physical))


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
