"""What nodes give for some windows: of those in front of a spectrum, and no others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hwgen.importers.onnx.model import FLOATS
from hwgen.network import Floats

_PLAIN = frozenset((
    "Abs", "Add", "Cast", "Clip", "Concat", "Conv", "Div", "Flatten", "Gather", "Gemm", "Identity",
    "MatMul", "Max", "Min", "Mul", "Neg", "Pow", "Reciprocal", "ReduceL2", "ReduceMean",
    "ReduceSum", "ReduceSumSquare", "Reshape", "Slice", "Split", "Sqrt", "Squeeze", "Sub", "Sum",
    "Transpose", "Unsqueeze",
))  # fmt: skip
"""Ops that are carried out by ONNX's own reference."""

_BROADCAST = ("Add", "Clip", "Div", "Max", "Min", "Mul", "Pow", "Sub", "Sum")

_GROWN = 16
"""Times as many numbers as a window has: more are no spectrum."""

_MOST_NODES = 500
"""Nodes that are carried out: a spectrum has a few."""

_LAST_WITH_ATTRIBUTES = 19
"""Last opset in which a DFT's axis is an attribute, and the second axis the usual one."""

Windows = list[Floats]
"""A tensor for each of a few windows."""


class Evaluator:
    """Carries out nodes one by one.

    Parameters
    ----------
    opset
        Of the model.
    constants
        By name.
    window
        Samples a window.
    """

    def __init__(self, opset: int, constants: Mapping[str, Any], window: int) -> None:
        self._opset, self._constants, self._window = opset, constants, window
        self._left = _MOST_NODES

    def run(self, node: Any, known: Mapping[str, Windows]) -> list[Windows] | None:
        """Return what a node gives; None where that is not worked out.

        Parameters
        ----------
        node
            Of the model.
        known
            Tensors that depend on the samples.
        """
        names = [name for name in node.input if name]
        if not all(name in known or name in self._constants for name in names):
            return None
        moving = [known[name] for name in names if name in known]
        if not moving or node.op_type not in {"DFT", *_PLAIN} or not self._left:
            return None
        self._left -= 1
        still = {name: _double(self._constants[name]) for name in names if name not in known}
        each: list[dict[str, Any]] = [
            still | {name: known[name][n] for name in names if name in known}
            for n in range(len(moving[0]))
        ]
        if node.op_type == "Cast":  # how precise floats are makes no difference
            return moving if node.attribute[0].i in FLOATS else None
        try:
            return self._made(node, each)
        except Exception:  # of a library, about a node of anybody: the walk says what is wrong
            return None

    def _made(self, node: Any, each: list[dict[str, Any]]) -> list[Windows] | None:
        """Return what a node gives, by what it reads for each window."""
        if node.op_type == "DFT":
            return [[self._transform(node, given) for given in each]]
        if not self._few(node, each[0]):
            return None
        return [list(found) for found in zip(*self._plain(node, each), strict=True)]

    def _few(self, node: Any, given: Mapping[str, Any]) -> bool:
        """Return whether the numbers that a node gives are as few as those of a spectrum."""
        sizes = [np.shape(given[name]) for name in node.input if name]
        first, *rest = sizes
        if node.op_type in _BROADCAST:
            size = math.prod(np.broadcast_shapes(*sizes))
        elif node.op_type == "Gather":
            size = math.prod(first) * math.prod(rest[0])
        elif node.op_type == "Concat":
            size = sum(map(math.prod, sizes))
        elif node.op_type in ("MatMul", "Gemm"):
            size = math.prod(first) * max(rest[0])
        elif node.op_type == "Conv":
            size = rest[0][0] if self._of_one_position(node, rest[0]) else self._most + 1
        else:
            size = 0
        return size <= self._most * (self._window if node.op_type in ("MatMul", "Gemm") else 1)

    def _of_one_position(self, node: Any, weight: tuple[int, ...]) -> bool:
        """Return whether a kernel is as long as the window, and nothing is put around that."""
        alone = {"kernel_shape", "strides", "group", "dilations"}
        plain = all(
            each.name in alone or (each.name == "pads" and not any(each.ints))
            or (each.name == "auto_pad" and each.s in (b"NOTSET", b"VALID"))
            for each in node.attribute
        )  # fmt: skip
        return plain and math.prod(weight[2:]) == self._window

    @property
    def _most(self) -> int:
        return _GROWN * self._window

    def _plain(self, node: Any, each: list[dict[str, Any]]) -> list[Any]:
        """Return the outputs for each window, by ONNX's reference."""
        from onnx import TensorProto, helper
        from onnx.reference import ReferenceEvaluator

        def told(names: Any) -> list[Any]:
            kind = TensorProto.DOUBLE  # the reference takes what it gets
            return [
                helper.make_tensor_value_info(name, kind, None)
                for name in dict.fromkeys(names)
                if name
            ]

        graph = helper.make_graph([node], "node", told(node.input), told(node.output))
        runner = ReferenceEvaluator(graph, opsets={"": self._opset})
        with np.errstate(all="ignore"):
            return [runner.run(None, given) for given in each]

    def _transform(self, node: Any, given: Mapping[str, Any]) -> Floats:
        """Return real and imaginary parts of a DFT that is as long as the window."""
        from onnx import helper

        told = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        first, *rest = node.input
        x = np.asarray(given[first])
        length, axis = (given.get(name) for name in [*rest, "", ""][:2])
        if axis is None:
            axis = told.get("axis", 1 if self._opset <= _LAST_WITH_ATTRIBUTES else -2)
        place = int(np.reshape(axis, ())) % x.ndim
        values = x[..., 0] + 1j * x[..., 1] if x.shape[-1] == 2 else np.squeeze(x, -1)
        points = values.shape[place]
        if told.get("inverse", 0) or points != self._window:
            raise ValueError("no forward transform of a window")
        if length is not None and int(np.reshape(length, ())) != points:
            raise ValueError("a transform of another length")
        found = np.fft.fft(values, axis=place)
        if told.get("onesided", 0):
            found = found.take(range(points // 2 + 1), axis=place)
        return np.stack([found.real, found.imag], axis=-1)


def _double(value: Any) -> Any:
    """Return floats in double precision, as the windows are; anything else as it is."""
    floats = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype(np.float64) if floats else value
