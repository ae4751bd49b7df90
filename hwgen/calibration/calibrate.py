"""From float network and calibration windows to the integer network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen import golden
from hwgen.calibration.fit import Method, Reached, fit
from hwgen.calibration.threshold import settled
from hwgen.errors import InputError
from hwgen.fixedpoint import Integers
from hwgen.network import SAMPLES, Floats, Layer, Network, Node, rules
from hwgen.network.ops.score import Score
from hwgen.quantized import Activations, Precision, QuantizedModel, QuantizedOp
from hwgen.quantized.align import Alignment
from hwgen.quantized.kept import own_steps
from hwgen.quantized.make import assembled
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops.score import QuantizedScore
from hwgen.quantized.samples import digitise, sampled
from hwgen.signals.task import Task


@dataclass(frozen=True, eq=False)
class Calibration:
    """The integer network and how it was arrived at."""

    model: QuantizedModel
    method: Method
    windows: int


def calibrate(
    network: Network,
    windows: npt.ArrayLike,
    bits: Precision,
    task: Task,
    *,
    method: Method = Method(),  # noqa: B008 - it is frozen
) -> Calibration:
    """Choose every format from data and return the integer network.

    Parameters
    ----------
    network
        Float network.
    windows
        ``(n, *input_shape)`` sensor values in g, of the training part; of a network with a score
        healthy ones.
    bits, method
        Widths, and how shifts and integer weights are chosen.
    task
        What the network is for.

    Raises
    ------
    InputError
        If a layer has no integer form (`hwgen.passes`), there are no windows, they do not fit the
        network or are not finite, the input scale is not a positive number.
    """
    physical = np.asarray(windows, dtype=np.float64)
    _check(network, physical, task.input_scale)
    floats: dict[str, Floats] = {SAMPLES: physical * task.input_scale}
    floats = network.activations(floats[SAMPLES]) | floats
    ops: dict[str, QuantizedOp] = {}

    alignment = Alignment(network, bits, task.input_scale)

    def step(node: Node[Layer], before: tuple[_Value, ...]) -> _Value:
        reached = Reached(
            tuple(each.value for each in before),
            tuple(each.integers for each in before),
            tuple(floats[name] for name in node.inputs),
        )
        exact = Chosen(exact=node.name == network.class_output)
        told = alignment.told(node.name, exact, own_steps(node.op, reached.values[0]))
        fitted = fit(node.op, reached, bits, method, told)
        op = fitted.op
        if isinstance(op, QuantizedScore) and isinstance(node.op, Score):
            op = settled(op, node.op.threshold, floats[node.name][:, 1], fitted.sums[:, 1])
        alignment.made(op)
        ops[node.name] = op
        return _Value(op.output, golden.rounded(op, fitted.sums))

    samples = sampled(network.input_shape, bits, task.input_scale)
    given = {SAMPLES: _Value(samples, digitise(physical, bits))}
    network.graph.walk(step, given, keep=())
    return Calibration(assembled(network, ops, bits, task), method, len(physical))


@dataclass(frozen=True, eq=False)
class _Value:
    """A value on the calibration windows, and what its integers are."""

    value: Activations
    integers: Integers


def _check(network: Network, windows: Floats, input_scale: float) -> None:
    """Refuse what the rules of the ops take for granted."""
    rules.check(network, rules.CANONICAL)
    wanted = network.input_shape
    if windows.shape[1:] != wanted or not windows.size:
        raise InputError(
            f"calibration windows must be at least one of {wanted[-1]} samples, not {windows.shape}"
        )
    if not np.isfinite(windows).all():
        raise InputError("calibration windows must be finite, but some are NaN or infinite")
    if not (np.isfinite(input_scale) and input_scale > 0):
        raise InputError(f"input scale must be a positive number, not {input_scale!r}")
