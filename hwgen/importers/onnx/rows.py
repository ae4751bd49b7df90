"""Flattened values of several sizes side by side, as a row of numbers that a dense layer reads."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.ops import elementwise
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.reshape import Reshape

_SHAPES = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Cast"}
"""Ops that keep the order of numbers, in whatever shape."""

_READERS = {"Gemm", "MatMul", "BatchNormalization", "Concat", *elementwise.OPS}
"""Ops that find each number where it is."""


def row_of(call: Call, build: Builder, views: list[View], axis: int) -> View:
    """Return values side by side of which each is a row of numbers.

    In memory the channels of a position are side by side, in the tensor the positions of a channel
    are: which is which is kept for the one that reads the row.
    """
    if not all(_is_row(view, axis) for view in views):
        raise Unsupported("must put channels side by side, or positions of as many channels")
    name, begin = build.name(call), 0
    rows, places = [], []
    for view in views:
        numbers = math.prod(view.logical)
        whole = view.logical[1:] == (1,)
        rows.append(view if whole else build.put(Reshape(build.name(call, "_row"), numbers), view))
        places.append(begin + _places(view))
        begin += numbers
    made = build.put(Concat(name), *rows)
    shape = tuple(begin if n == axis else 1 for n in range(len(views[0].shape)))
    found = np.concatenate(places)
    moved = not np.array_equal(found, np.arange(begin))
    return replace(made, shape=shape, places=tuple(found.tolist()) if moved else None)


def _is_row(view: View, axis: int) -> bool:
    """Return whether all numbers of a value are along one axis of a tensor."""
    return len(view.logical) <= 2 and view.shape[axis] == math.prod(view.shape)


def _places(view: View) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return where the numbers of a flattened value are in memory."""
    found = np.arange(math.prod(view.logical))
    if view.places is not None:
        return np.array(view.places)
    if view.order != (0, 1):
        return found
    return found.reshape(view.logical[::-1]).T.reshape(-1)


def check_read(call: Call) -> None:
    """Refuse a node that would read a row's numbers as channels and positions.

    Raises
    ------
    Unsupported
        If one of its inputs is such a row.
    """
    if call.op in _SHAPES:
        return
    for view in call.views:
        if call.op not in _READERS or max(view.shape) != math.prod(view.shape):
            check_whole(view)


def check_whole(view: View) -> None:
    """Refuse a value whose numbers are in no order of channels and positions."""
    if view.places is not None:
        raise Unsupported(
            "must not read flattened values of several sizes that stand side by side: they must "
            "be read by a dense layer, with functions of each number or a batch normalisation "
            "between"
        )
