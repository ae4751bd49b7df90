"""What follows from constants in an ONNX model, worked out before the nodes are looked at."""

from __future__ import annotations

import logging
import math
import warnings
from typing import Any

import numpy as np

from hwgen.network.layer import MAX_ELEMENTS

_MOVING = frozenset((
    "Slice", "Concat", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Identity",
    "Cast", "ReduceSum", "ReduceMean", "ReduceL2", "ReduceSumSquare",
))  # fmt: skip
"""Ops whose result is no larger than what they read."""

_EACH = frozenset(("Add", "Sub", "Mul", "Div", "Pow", "Sqrt", "Neg", "Abs", "Exp", "Reciprocal"))
"""Ops whose result has the shape that what they read has together."""


def _should_fold(node: Any) -> bool | None:
    """Return whether a node must be worked out, or must not; None for the library's own choice.

    It leaves what is large and easily told, which others are then made of, and what reads many
    numbers, as the gates of an LSTM are cut out of its weights; and works out ranges of any length.
    """
    known = [each and each.const_value for each in node.inputs]
    if node.op_type in _MOVING or node.op_type in _EACH:
        return _stays_small(node.op_type, [each for each in known if each is not None])
    if node.op_type not in ("ConstantOfShape", "Range") or None in known:
        return None
    numbers = [np.asarray(each.numpy(), dtype=np.float64) for each in known]
    if node.op_type == "ConstantOfShape":
        return bool(np.prod(numbers[0]) <= MAX_ELEMENTS)
    start, stop, step = (float(each.reshape(-1)[0]) for each in numbers)
    few = step != 0 and abs(stop - start) <= abs(step) * MAX_ELEMENTS
    return None if few else False


def _stays_small(op: str, known: list[Any]) -> bool | None:
    """Return whether constants of any size give no more than what they are."""
    shapes = [tuple(map(int, each.shape)) for each in known]
    most = sum(map(math.prod, shapes))
    if op in _EACH:
        most = math.prod(np.broadcast_shapes(*shapes))
    return True if most <= MAX_ELEMENTS else None


def folded(model: Any, quantisers: str) -> Any:
    """Return the model with what follows from constants worked out, the quantisers left alone.

    Parameters
    ----------
    model
        Of ONNX.
    quantisers
        The domain that they are in.
    """
    import onnx_ir

    if all(node.domain != quantisers for node in model.graph.node):
        return onnx_ir.to_proto(_worked_out(onnx_ir.from_proto(model)))
    shapes = _shapes(model, quantisers)
    made = onnx_ir.from_proto(model)
    for each in made.graph.all_nodes():
        if each.domain == quantisers and (found := shapes.get(each.outputs[0].name)) is not None:
            each.outputs[0].shape = found
            each.outputs[0].dtype = onnx_ir.DataType.FLOAT
    return onnx_ir.to_proto(_worked_out(made))


def _shapes(model: Any, quantisers: str) -> dict[str | None, Any]:
    """Return the shapes of what quantisers give, which are those of what they read, by name."""
    import onnx
    import onnx_ir
    from onnx import helper

    bare, read = type(model)(), {}
    bare.CopyFrom(model)
    for node in bare.graph.node:
        if node.domain == quantisers:
            read[node.output[0]] = node.input[0]
            cast = helper.make_node("Cast", node.input[:1], node.output, to=onnx.TensorProto.FLOAT)
            node.CopyFrom(cast)
    made = _worked_out(onnx_ir.from_proto(bare)).graph
    values = [*made.inputs, *(value for each in made.all_nodes() for value in each.outputs)]
    shapes: dict[str | None, Any] = {value.name: value.shape for value in values}
    for (
        name,
        before,
    ) in read.items():  # in order: of quantisers behind each other the first is known
        shapes.setdefault(name, shapes.get(before))
    return shapes


def _worked_out(made: Any) -> Any:
    from onnxscript import optimizer

    logger = logging.getLogger("onnxscript")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries, about their own future
        logger.setLevel(logging.CRITICAL)  # what it leaves as it is is looked at afterwards
        optimizer.fold_constants(made, onnx_shape_inference=True, should_fold=_should_fold)
        optimizer.remove_unused_nodes(made)
        return made
