"""Constants that stand among the nodes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.view import Unsupported
from hwgen.network import Floats
from hwgen.network.layer import MAX_ELEMENTS


def constant(call: Call, build: Builder) -> Floats:
    """Return the array, list or number that a node holds."""
    del build
    (value,) = call.attributes.values()
    return _array(value)


def of_shape(call: Call, build: Builder) -> Floats:
    """Return one number in a shape, as `zeros_like` is exported."""
    del build
    shape = tuple(int(size) for size in np.asarray(call.constant(0)).reshape(-1))
    if min(shape, default=1) < 0 or math.prod(shape) > MAX_ELEMENTS:
        raise Unsupported(f"must make at most {MAX_ELEMENTS:,} numbers, not {shape}")
    value = call.attributes.get("value")
    return np.full(shape, 0.0 if value is None else _array(value).reshape(-1)[0])


def _array(value: Any) -> Floats:
    from onnx import numpy_helper

    found: Floats = numpy_helper.to_array(value) if hasattr(value, "dims") else np.asarray(value)
    return found


OPS = {"Constant": constant, "ConstantOfShape": of_shape}
