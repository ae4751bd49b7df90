"""A graph's nodes as they stand in the file, with what is in the way of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hwgen.importers.records import Survey, Surveyed
from hwgen.network import Shape


def survey(name: str, model: Any, reasons: Mapping[int, str]) -> Survey:
    """Return what there is to see of a cleaned model.

    Parameters
    ----------
    reasons
        Why nodes cannot be done, by their numbers.
    """
    shapes = _shapes(model)
    sizes = {each.name: tuple(each.dims) for each in model.graph.initializer}
    nodes = tuple(
        Surveyed(
            named(node),
            node.op_type.lower(),
            _shape(shapes, node),
            sum(math.prod(sizes[each]) for each in node.input if each in sizes),
            _macs(node.op_type, [sizes.get(each) for each in node.input], _shape(shapes, node)),
            reasons.get(number),
        )
        for number, node in enumerate(model.graph.node)
    )  # fmt: skip
    (samples,) = (each.name for each in model.graph.input if each.name not in sizes)
    ends = tuple((each.name, shapes.get(each.name, ())) for each in model.graph.output)
    return Survey(name, shapes.get(samples, ()), nodes, ends)


def named(node: Any) -> str:
    """Return the name of a node, or of the first tensor that it gives."""
    return str(node.name or next(filter(None, node.output)))


def _shape(shapes: Mapping[str, Shape], node: Any) -> Shape:
    """Return the shape of the first tensor that a node gives."""
    return shapes.get(next(filter(None, node.output)), ())


def _shapes(model: Any) -> dict[str, Shape]:
    """Return the shapes of one window's tensors, as far as they follow from the nodes."""
    import onnx

    try:
        graph = onnx.shape_inference.infer_shapes(model).graph
    except (onnx.shape_inference.InferenceError, ValueError, RuntimeError):
        graph = model.graph
    found = {}
    for value in (*graph.input, *graph.value_info, *graph.output):
        sizes = [each.dim_value for each in value.type.tensor_type.shape.dim]
        found[value.name] = tuple(sizes[1:])
    return found


def _macs(op: str, read: list[Shape | None], shape: Shape) -> int:
    """Return the products with weights: each meets every position of the output."""
    weights = next((each for each in read if each and len(each) > 1), None)
    if weights is None or op not in ("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU"):
        return 0
    positions = math.prod(shape[1:]) if op == "Conv" else 1
    return int(np.prod(weights, dtype=np.int64)) * positions
