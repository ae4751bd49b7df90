"""Constants that stand among the nodes."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.network import Floats


def constant(call: Call, build: Builder) -> Floats:
    """Return the array, list or number that a node holds."""
    del build
    (value,) = call.attributes.values()
    return _array(value)


def _array(value: Any) -> Floats:
    from onnx import numpy_helper

    found: Floats = numpy_helper.to_array(value) if hasattr(value, "dims") else np.asarray(value)
    return found


OPS = {"Constant": constant}
