"""Comparisons, and what is chosen by them: steps from 0 to 1, and products with these."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.ops.elementwise import binary
from hwgen.importers.onnx.view import Unsupported, View

_TURNED = ("Less", "GreaterOrEqual")
_INVERTED = ("GreaterOrEqual", "LessOrEqual")


def compared(call: Call, build: Builder) -> View:
    """Return 1 where one input is above the other (or below, or equal), and 0 elsewhere."""
    one, two = call.inputs
    if call.op in _TURNED:
        one, two = two, one
    apart = binary(replace(call, op="Sub", inputs=(one, two)), build)
    if not isinstance(apart, View):
        raise Unsupported("compares constants; have the exporter work them out")
    # Two known functions behind each other: one sign is -1, 0 or 1.
    step = build.curved(build.curved(apart, np.sign), lambda x: np.maximum(x, 0.0))
    return _other(build, step) if call.op in _INVERTED else step


def _other(build: Builder, step: View) -> View:
    return build.curved(step, lambda x: 1.0 - x)


def inverted(call: Call, build: Builder) -> View:
    """Return 0 where there is 1, and 1 where there is 0."""
    return _other(build, call.view())


def chosen(call: Call, build: Builder) -> View:
    """Return one value where a condition is 1, and another where it is 0; one of them is zero."""
    condition = call.view()
    for number, side in ((2, condition), (1, _other(build, condition))):
        other = call.inputs[number]
        if isinstance(other, np.ndarray) and not np.any(other):
            rest = call.inputs[3 - number]
            made = binary(replace(call, op="Mul", inputs=(rest, side)), build)
            assert isinstance(made, View)
            shape = made.expanded or made.shape
            if np.broadcast_shapes(shape, other.shape) != shape:
                raise Unsupported(f"must choose a value of {shape}, not repeat it")
            return made
    raise Unsupported("must choose between a value and zero, not between two values")


OPS = {
    **dict.fromkeys(("Greater", "Less", "GreaterOrEqual", "LessOrEqual"), compared),
    "Not": inverted,
    "Where": chosen,
}
