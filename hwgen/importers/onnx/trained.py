"""What becomes of a quantised constant on its way to a layer: another shape, or another unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hwgen.importers.onnx.builder import Call, Trained
from hwgen.importers.onnx.view import Unsupported
from hwgen.network import Floats

LAYERS = ("Conv", "Gemm", "MatMul", "LSTM", "GRU")
"""Ops that keep the integers of their weights, or say that they do not."""


def plain(call: Call) -> Any:
    """Return the inputs of a node as numbers, but for the weights of a layer."""
    return tuple(
        each.value if isinstance(each, Trained) and call.op not in LAYERS else each
        for each in call.inputs
    )


def changed(call: Call) -> Trained:
    """Return what a node makes of a constant of the training.

    Raises
    ------
    Unsupported
        If integers would be no integers of one unit any more.
    """
    found = call.inputs[0]
    if call.op in ("Mul", "Div"):
        return _scaled(call)
    if call.op not in _SHAPES or not isinstance(found, Trained):
        raise Unsupported("must not change weights behind their quantiser")
    turned = _SHAPES[call.op](call, found.value)
    return Trained(turned, _SHAPES[call.op](call, np.array(found.unit)))


def _scaled(call: Call) -> Trained:
    one, two = call.inputs
    if not isinstance(one, Trained):
        one, two = two, one
    if isinstance(two, Trained) or (call.op == "Div" and not isinstance(call.inputs[0], Trained)):
        raise Unsupported("must not change weights behind their quantiser, but for a factor")
    assert isinstance(one, Trained)
    factor = np.asarray(two, dtype=np.float64)
    factor = 1.0 / factor if call.op == "Div" else factor
    if not np.isfinite(factor).all() or not factor.all():
        raise Unsupported("must multiply weights by finite numbers other than 0")
    value = one.value * factor
    return Trained(value, np.broadcast_to(one.unit * np.abs(factor), value.shape))


def _reshaped(call: Call, x: Floats) -> Floats:
    wanted = [int(size) for size in np.asarray(call.constant(1)).reshape(-1)]
    if not call.attributes.get("allowzero", 0):
        wanted = [x.shape[n] if size == 0 else size for n, size in enumerate(wanted)]
    return x.reshape(wanted)


def _axes(call: Call) -> tuple[int, ...]:
    axes = call.given("axes", 1, ())
    return tuple(int(axis) for axis in ([axes] if isinstance(axes, int) else axes))


def _flattened(call: Call, x: Floats) -> Floats:
    axis = call.attributes.get("axis", 1)
    return x.reshape(int(np.prod(x.shape[:axis])), -1)


def _transposed(call: Call, x: Floats) -> Floats:
    return np.transpose(x, call.attributes.get("perm"))


def _squeezed(call: Call, x: Floats) -> Floats:
    return np.squeeze(x, _axes(call) or None)


def _same(call: Call, x: Floats) -> Floats:
    del call
    return x


_SHAPES: dict[str, Callable[[Call, Floats], Floats]] = {
    "Transpose": _transposed,
    "Reshape": _reshaped,
    "Flatten": _flattened,
    "Squeeze": _squeezed,
    "Unsqueeze": lambda call, x: np.expand_dims(x, _axes(call)),
    "Identity": _same,
    "Cast": _same,
    "Dropout": _same,
}
