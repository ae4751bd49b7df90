"""Parts of a value: some of its channels, or some of its positions."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.ops.layout import behind, concat
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.slice import AXES, Slice

_MOST_PIECES = 64
"""Of one value that are put side by side again: each is read by itself."""


def _part(call: Call, build: Builder, view: View, axis: int, ends: tuple[int, int]) -> View:
    """Return what lies between two places of an axis of a tensor."""
    begin, end = ends
    if view.pads != (0, 0):  # the places are those of what is padded, the shape is not
        raise Unsupported("must not read zeros that are put around a value")
    if (begin, end) == (0, view.shape[axis]):
        return view
    if begin >= end:
        raise Unsupported("must take at least one number, not none")
    logical = view.axes[axis]
    if len(logical) != 1:
        raise Unsupported("must take channels or positions, not both in one axis")
    if len(view.logical) == 3:
        if logical == (0,) and end - begin == 1 and view.grouped is None:
            return _one_way(call, build, view, axis, begin)
        view = view.merged()
        logical = view.axes[axis]
    ready = build.ready(view)
    layer = Slice(build.name(call), AXES[logical[0]], begin, end - begin)
    shape = tuple(end - begin if n == axis else size for n, size in enumerate(view.shape))
    return replace(build.put(layer, ready), shape=shape, order=view.order)


def _one_way(call: Call, build: Builder, view: View, axis: int, way: int) -> View:
    """Return what one way of a recurrent layer gives."""
    _, units, _ = view.logical
    layer = Slice(build.name(call), AXES[0], way * units, units)
    shape = tuple(1 if n == axis else size for n, size in enumerate(view.shape))
    order = tuple(each - 1 for each in view.order if each != 0)
    return replace(build.put(layer, view), shape=shape, order=order)


def some(call: Call, build: Builder) -> View:
    """Return what lies between two places of some axes."""
    view = call.as_it_is()
    rank = len(view.shape)
    starts, stops = (_whole(call.given(name, n)) for n, name in enumerate(("starts", "ends"), 1))
    axes = _whole(call.given("axes", 3, range(len(starts))))
    steps = _whole(call.constant(4, np.ones(len(starts))))
    for axis, start, stop, step in zip(axes, starts, stops, steps, strict=True):
        found = range(*slice(start, stop, step).indices(view.shape[axis % rank]))
        view = _every(call, build, view, axis % rank, found)
    return view


def _every(call: Call, build: Builder, view: View, axis: int, places: range) -> View:
    """Return numbers at even distances along an axis of a tensor."""
    step = places.step
    if len(places) <= 1 or step == 1:
        begin = places.start
        return _part(call, build, view, axis, (begin, begin + len(places)))
    if step < 0 or view.axes[axis] != (1,) or len(view.logical) != 2:
        return _chosen(call, build, view, axis, list(places))
    part = _part(call, build, view, axis, (places.start, places.stop))
    # The largest of one is that one.
    made = build.put(MaxPool1d(build.name(call), 1, step), part)
    shape = tuple(len(places) if n == axis else size for n, size in enumerate(view.shape))
    return replace(made, shape=shape, order=part.order)


def _chosen(call: Call, build: Builder, view: View, axis: int, places: list[int]) -> View:
    """Return numbers along an axis by their places, in pieces of those that follow each other."""
    ends = [n for n in range(1, len(places)) if places[n] != places[n - 1] + 1]
    pairs = list(itertools.pairwise([0, *ends, len(places)]))
    if len(pairs) > _MOST_PIECES:
        raise Unsupported(
            f"must take numbers that stand side by side, in at most {_MOST_PIECES} pieces, not "
            f"{len(pairs)}"
        )
    if ends:
        view = view.merged()
    pieces = [
        _part(call, build, view, axis, (places[begin], places[end - 1] + 1)) for begin, end in pairs
    ]
    if not ends:
        return pieces[0]
    if view.axes[axis] == (1,):
        return behind(call, build, [build.ready(piece) for piece in pieces], axis)
    return concat(replace(call, inputs=tuple(pieces), attributes={"axis": axis}), build)


def split(call: Call, build: Builder) -> tuple[View, ...]:
    """Return parts that follow each other along an axis."""
    view = call.as_it_is()
    axis = call.attributes.get("axis", 0) % len(view.shape)
    sizes = call.given("split", 1)
    if sizes is None:
        count = call.attributes.get("num_outputs", call.outputs)
        each = -(-view.shape[axis] // count)
        sizes = [min(each, view.shape[axis] - n * each) for n in range(count)]
    ends = list(itertools.accumulate(_whole(sizes), initial=0))
    return tuple(_part(call, build, view, axis, pair) for pair in itertools.pairwise(ends))


def gather(call: Call, build: Builder) -> View:
    """Return numbers along an axis, by their places."""
    view = call.as_it_is()
    axis = call.attributes.get("axis", 0) % len(view.shape)
    places = _within(call.constant(1), view.shape[axis])
    flat = places.reshape(-1)
    if places.ndim > 1 or not len(flat):
        raise Unsupported("must take one or more numbers by one row of places")
    made = _chosen(call, build, view, axis, flat.tolist())
    if places.ndim:
        return made
    return made.shaped(tuple(size for n, size in enumerate(made.shape) if n != axis))


def groups(call: Call, build: Builder) -> View:
    """Return groups of positions, of one size and one distance, as adaptive pooling has them."""
    view, index = build.ready(call.view()), np.asarray(call.constant(1))
    axes, count = view.axes, index.shape[-1]
    if index.ndim == 2 and count == 1 and not call.attributes.get("batch_dims", 0):
        return _chosen(call, build, view, 0, _within(index[:, 0], view.shape[0]).tolist())
    places = [n for n in range(count) if axes[n] == (1,)]
    others = [n for n in range(count) if n not in places]
    if call.attributes.get("batch_dims", 0) or len(places) != 1 or any(axes[n] for n in others):
        raise Unsupported("must gather groups of positions, and nothing else")
    table = _within(index[..., places[0]], view.shape[places[0]])
    sizes = [size for size in table.shape if size > 1]
    if len(sizes) != 2:
        raise Unsupported("must gather two or more groups of two or more positions")
    plain = table.reshape(sizes)
    order = (1, 2) if (np.diff(plain, axis=1) == 1).all() else (2, 1)
    plain = plain if order == (1, 2) else plain.T
    starts, size = plain[:, 0], plain.shape[1]
    stride = int(starts[1] - starts[0])
    whole = np.arange(0, view.logical[1] - size + 1, max(1, stride))
    if not np.array_equal(plain, whole[:, np.newaxis] + np.arange(size)):
        raise Unsupported(
            f"gathers groups of the {view.logical[1]} positions that differ in size or distance; "
            f"pool to a number of positions that divides them, or save the network by torch.export "
            f"(.pt2), where any number is taken"
        )
    left = tuple(each for axis in axes[count:] for each in axis)
    made = (*order, *left, *(axis for axis in (0,) if axis not in left))
    return replace(
        view, logical=(view.logical[0], *plain.shape), shape=(*table.shape, *view.shape[count:]),
        order=made, grouped=tuple(map(int, starts)),
    )  # fmt: skip


def _within(places: Any, size: int) -> npt.NDArray[Any]:
    """Return places from the start of an axis of `size` numbers, where some count from its end."""
    found = np.asarray(places)
    if found.size and not -size <= found.min() <= found.max() < size:
        raise Unsupported(f"must take numbers 0 to {size - 1}, not {found.min()} to {found.max()}")
    return found % size


def _whole(numbers: Any) -> list[int]:
    return [int(each) for each in np.asarray(list(numbers)).reshape(-1)]


OPS = {"Slice": some, "Split": split, "Gather": gather, "GatherND": groups}
