"""Other shapes of the same numbers, and values side by side."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.model import FLOATS
from hwgen.importers.onnx.rows import row_of
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.importers.onnx.widen import widened
from hwgen.network import Shape
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.reshape import Reshape


def reshape(call: Call, build: Builder) -> View:
    """Return the numbers in another shape."""
    del build
    view = call.as_it_is()
    wanted = [int(size) for size in np.asarray(call.constant(1)).reshape(-1)]
    if not call.attributes.get("allowzero", 0):
        wanted = [view.shape[n] if size == 0 else size for n, size in enumerate(wanted)]
    if -1 in wanted:
        rest = math.prod(size for size in wanted if size != -1)
        wanted[wanted.index(-1)] = math.prod(view.shape) // max(1, rest)
    if math.prod(wanted) != math.prod(view.shape):
        raise Unsupported(
            f"must keep its {math.prod(view.shape)} numbers, not make {wanted} of them"
        )
    return view.shaped(tuple(wanted))


def flatten(call: Call, build: Builder) -> View:
    """Return the numbers in two axes."""
    del build
    view = call.as_it_is()
    axis = call.attributes.get("axis", 1) % (len(view.shape) + 1)
    return view.shaped((math.prod(view.shape[:axis]), math.prod(view.shape[axis:])))


def squeeze(call: Call, build: Builder) -> View:
    """Return the tensor without unit axes."""
    del build
    view = call.as_it_is()
    axes = call.given("axes", 1)
    rank = len(view.shape)
    if axes is None:
        gone = {n for n, size in enumerate(view.shape) if size == 1}
    else:
        gone = {axis % rank for axis in axes}
    return view.shaped(tuple(size for n, size in enumerate(view.shape) if n not in gone))


def unsqueeze(call: Call, build: Builder) -> View:
    """Return the tensor with more unit axes."""
    del build
    view = call.as_it_is()
    axes = call.given("axes", 1)
    rank = len(view.shape) + len(axes)
    new = {axis % rank for axis in axes}
    sizes = iter(view.shape)
    return view.shaped(tuple(1 if n in new else next(sizes) for n in range(rank)))


def expand(call: Call, build: Builder) -> View:
    """Return the numbers, which are repeated by who reads them."""
    del build
    view = call.view()
    wanted = tuple(int(size) for size in np.asarray(call.constant(1)).reshape(-1))
    whole = tuple(np.broadcast_shapes(view.shape, wanted))
    if whole == view.shape:
        return view
    return replace(view.shaped((1,) * (len(whole) - len(view.shape)) + view.shape), expanded=whole)


def transpose(call: Call, build: Builder) -> View:
    """Return the tensor with its axes in another order."""
    del build
    view = call.as_it_is()
    order = call.attributes.get("perm") or range(len(view.shape))[::-1]
    if sorted(order) != list(range(len(view.shape))):
        raise Unsupported(f"must name each of {len(view.shape)} axes once, not {list(order)}")
    return view.transposed(tuple(order))


def same(call: Call, build: Builder) -> View:
    """Return what is read: nothing is done when a network is used."""
    del build
    return call.as_it_is()


def dropout(call: Call, build: Builder) -> View:
    """Return what is read: nothing is dropped when a network is used."""
    if call.constant(2) is not None and np.any(call.constant(2)):
        raise Unsupported("drops values (training_mode); call model.eval() before the export")
    return same(call, build)


def cast(call: Call, build: Builder) -> View:
    """Return what is read: how precise a float is makes no difference."""
    if call.attributes.get("to") not in FLOATS:
        raise Unsupported("must make floats of floats, no whole numbers")
    return same(call, build)


def pad(call: Call, build: Builder) -> View:
    """Return a value with zeros around its positions, which a convolution takes in."""
    view = build.ready(call.view())
    if (mode := call.attributes.get("mode", "constant")) != "constant":
        raise Unsupported(f"must pad with zeros, not by {mode}")
    pads = call.given("pads", 1)
    value = call.given("value", 2, 0.0) or 0.0
    if np.any(np.asarray(value) != 0.0):
        raise Unsupported(f"must pad with zeros, not with {value}")
    axes, rank = call.constant(3), len(view.shape)
    chosen = range(rank) if axes is None else [int(axis) % rank for axis in axes]
    around = {axis: (pads[n], pads[n + len(pads) // 2]) for n, axis in enumerate(chosen)}
    place = view.axis_of(1) if len(view.logical) == 2 else None
    others = {n: each for n, each in around.items() if n != place and tuple(each) != (0, 0)}
    left, right = around.get(place, (0, 0)) if place is not None else (0, 0)
    if len(others) > 1 or min(left, right, *itertools.chain(*others.values()), 0) < 0:
        raise Unsupported("must put zeros around positions or channels, and nowhere else")
    for axis, (before, behind) in others.items():
        view = widened(call, build, view, axis, (int(before), int(behind)))
    # Its shape is still that without them: the convolution counts them in.
    return replace(view, pads=(int(left), int(right))) if (left, right) != (0, 0) else view


def concat(call: Call, build: Builder) -> View:
    """Return the channels of several values side by side, or their positions."""
    if len(call.views) < len(call.inputs):
        return _with_zeros(call, build)
    views = [build.ready(view) for view in call.views]
    if len(views) == 1:
        return views[0]
    axis = call.attributes["axis"] % len(views[0].shape)
    if any(view.places is not None for view in views):
        return row_of(call, build, views, axis)
    if _stacked(views, axis):
        made = build.put(Concat(build.name(call)), *views)
        logical = len(views), *views[0].logical
        shape = tuple(len(views) if n == axis else each for n, each in enumerate(views[0].shape))
        return replace(made, logical=logical, shape=shape, order=(0, 1, 2))
    if all(_over_positions(view, axis) for view in views):
        return behind(call, build, views, axis)
    return _channels(call, build, views, axis)


def _channels(call: Call, build: Builder, views: list[View], axis: int) -> View:
    """Return the channels of several values side by side, or all numbers of each in a row."""
    for view in views:
        whole = (view.shape[axis], view.axes[axis]) == (view.logical[0], (0,))
        alone = view.logical[0] == view.shape[axis] == 1
        flat = view.order == (0, 1) and view.axes[axis] == (0, 1)
        alike = (view.order, view.logical[1:]) == (views[0].order, views[0].logical[1:])
        if not (whole or alone or flat) or not alike:
            return row_of(call, build, views, axis)
    made = build.put(Concat(build.name(call)), *views)
    size = sum(view.shape[axis] for view in views)
    shape = tuple(size if n == axis else each for n, each in enumerate(views[0].shape))
    return replace(made, shape=shape, order=views[0].order)


def _with_zeros(call: Call, build: Builder) -> View:
    """Return channels with more of zeros, as shortcuts have them that get wider."""
    given, views = call.inputs, call.views
    constants = [np.asarray(call.constant(n)) for n, each in enumerate(given)
                 if not isinstance(each, View)]  # fmt: skip
    if not views or any(each.any() for each in constants):
        raise Unsupported("must put zeros beside a value, no other constants")
    axis = call.attributes["axis"] % len(views[0].shape)
    sizes = [(each.shape if isinstance(each, View) else np.shape(call.constant(n)))[axis]
             for n, each in enumerate(given)]  # fmt: skip
    first, last = (next(ns) for ns in (
        (n for n in order if isinstance(given[n], View))
        for order in (range(len(given)), range(len(given))[::-1])
    ))  # fmt: skip
    if last - first >= len(views):
        raise Unsupported("must put zeros before or behind values, not between them")
    _check_beside([each.shape for each in constants], views[0].shape, axis)
    inner = concat(replace(call, inputs=given[first : last + 1]), build)
    around = sum(sizes[:first]), sum(sizes[last + 1 :])
    return widened(call, build, inner, axis, around)


def _check_beside(shapes: list[Shape], like: Shape, axis: int) -> None:
    """Refuse constants that are not as large as a value but along an axis."""
    wanted = [size for n, size in enumerate(like) if n != axis]
    for shape in shapes:
        if [size for n, size in enumerate(shape) if n != axis] != wanted:
            raise Unsupported(f"has zeros of the shape {shape} beside values of {like}")


def _over_positions(view: View, axis: int) -> bool:
    """Return whether an axis is that of the positions, behind those of the windows."""
    channels, *rest = view.logical
    if not axis or len(rest) != 1 or (channels, *rest) == (1, 1):
        return False
    return view.axes[axis] == ((1,) if rest[0] > 1 else ()) and view.axis_of(0) != axis


def behind(call: Call, build: Builder, views: list[View], axis: int) -> View:
    """Return the positions of several values behind each other: in memory they lie like that."""
    first, name = views[0], build.name(call)
    channels = first.logical[0]
    place = first.axis_of(0) if channels > 1 else 1
    if any((view.logical[0], view.axis_of(0) if channels > 1 else 1) != (channels, place)
           for view in views):  # fmt: skip
        raise Unsupported("must put positions of as many channels behind each other")
    rows = [
        view if view.logical[1] == 1
        else build.put(Reshape(build.name(call, "_row"), math.prod(view.logical)), view)
        for view in views
    ]  # fmt: skip
    row = build.put(Concat(build.name(call, "_rows")), *rows)
    made = build.put(Reshape(name, channels), row)
    size = sum(view.shape[axis] for view in views)
    shape = tuple(size if n == axis else each for n, each in enumerate(first.shape))
    turned = place is not None and axis < place
    return replace(made, shape=shape, order=(1, 0) if turned else (0, 1))


def _stacked(views: list[View], axis: int) -> bool:
    """Return whether values are put one behind the other, as the states of several layers are."""
    first = views[0]
    alike = all(
        (each.shape, each.logical, each.order) == (first.shape, first.logical, (0, 1))
        for each in views
    )
    channels = first.logical[0] > 1 and first.logical[1:] == (1,)
    return alike and channels and set(first.shape[: axis + 1]) == {1}


OPS = {
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Expand": expand,
    "Transpose": transpose,
    "Identity": same,
    "Dropout": dropout,
    "Cast": cast,
    "Pad": pad,
    "Concat": concat,
}
