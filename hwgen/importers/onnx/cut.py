"""Numbers of a value that a reshape has cut anew: rows of a window, say, for a recurrent layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call, Value
from hwgen.importers.onnx.ops import elementwise
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network.ops.add import Add
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.relu import Relu
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.table import Table

_SHAPES = ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Cast")
"""Ops that take numbers by their order alone."""

_ALONG = ("Conv", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool")
"""Ops that go along positions."""


def anew(call: Call, build: Builder) -> tuple[Value | None, ...]:
    """Return what a node reads, with layers that cut values anew where it reads them so.

    What goes by the order of numbers, or by each of them, leaves them as they are: the next reshape
    may put them together again.
    """
    numbers = [np.size(each) for each in call.inputs if isinstance(each, np.ndarray)]
    each_alone = call.op in elementwise.OPS and len(call.views) == 1 and set(numbers) <= {1}
    if call.op in _SHAPES or each_alone:
        return call.inputs
    return tuple(
        _read(call, each, build) if isinstance(each, View) and each.coded is None else each
        for each in call.inputs
    )


def _read(call: Call, view: View, build: Builder) -> View:
    if not _along(call, view, build):
        return _cut(view, build)
    plain = build.ready(replace(view, pads=(0, 0)))
    made = build.put(Reshape(build.name(Call("row", "", (), {})), 1), plain)
    return replace(made, shape=view.shape, pads=view.pads)


def _along(call: Call, view: View, build: Builder) -> bool:
    """Return whether a node reads numbers as positions that the network has as channels."""
    numbers = view.logical[0]
    if call.op not in _ALONG or numbers == 1 or view.logical[1:] != (1,):
        return False
    if view.shape[:2] != (1, 1) or numbers not in view.shape:
        return False
    # One filter over what were channels from the beginning is a dense layer.
    filters = call.inputs[1] if call.op == "Conv" else None
    several = not isinstance(filters, np.ndarray) or filters.shape[:2] != (1, 1)
    return several or _were_positions(view.value, build)


def _were_positions(value: str, build: Builder) -> bool:
    """Return whether functions and constants of each number lead back to positions."""
    nodes = {node.name: node for node in build.nodes}
    while value in nodes and isinstance(nodes[value].op, BatchNorm1d | Relu | Table | Add):
        value = nodes[value].inputs[0]
    return value in nodes and isinstance(nodes[value].op, Reshape)


def _cut(view: View, build: Builder) -> View:
    """Return a tensor as channels and positions; as it is where memory has another order."""
    if view.expanded is not None or view.is_whole:
        return view
    try:
        whole = view.merged()
    except Unsupported:
        return view
    if whole.is_whole:
        return view
    sizes = [size for size in whole.shape if size > 1]
    # In memory positions follow each other, the channels of one are side by side.
    order = [axis for axis in whole.order if whole.logical[axis] > 1]
    if len(sizes) != 2 or order == [0, 1]:
        return view
    name = build.name(Call("rows", "", (), {}))
    made = build.put(Reshape(name, sizes[1]), whole)
    return replace(made, shape=whole.shape, order=(1, 0))
