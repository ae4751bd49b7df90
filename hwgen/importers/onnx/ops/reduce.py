"""Means and maxima over all positions."""

from __future__ import annotations

import math
from dataclasses import replace

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.ops.pool import Kind, overall
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network import Shape
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.maxpool1d import MaxPool1d


def _reduced(kind: Kind, call: Call, build: Builder) -> View:
    view = call.as_it_is()
    view = view if view.grouped else view.merged()
    rank = len(view.shape)
    axes = call.given("axes", 1)
    if axes is None or axes == []:
        if axes is not None and call.attributes.get("noop_with_empty_axes", 0):
            return view
        axes = range(rank)
    gone = {axis % rank for axis in ([axes] if isinstance(axes, int) else axes)}
    over = {logical for axis in gone for logical in view.axes[axis]}
    if over != {2} if view.grouped else over - {1}:
        raise Unsupported("must take all positions together, and channels apart")
    keep = call.attributes.get("keepdims", 1)
    shape = tuple(
        1 if n in gone else size for n, size in enumerate(view.shape) if keep or n not in gone
    )
    if not over:
        return view.shaped(shape)
    if view.grouped:
        return _of_groups(kind, call, build, view, shape)
    made = overall(kind, call, build, view)
    return replace(made, shape=shape)


def _of_groups(kind: Kind, call: Call, build: Builder, view: View, shape: Shape) -> View:
    """Return one number of each group of positions."""
    channels, groups, size = view.logical
    assert view.grouped is not None
    stride = view.grouped[1] - view.grouped[0]
    flat = View(view.value, build.shapes[view.value], (), (0, 1), view.curve)
    layer = kind(build.name(call), size, None if stride == size else stride)
    made = build.put(layer, flat)
    order = tuple(axis for axis in view.order if axis != 2)
    return replace(made, logical=(channels, groups), shape=shape, order=order)


def summed(call: Call, build: Builder) -> View:
    """Return sums over positions: as many times the mean."""
    before, made = call.view(), _reduced(AvgPool1d, call, build)
    positions = math.prod(before.logical) // math.prod(made.logical)
    return build.curved(made, lambda x: positions * x)


OPS = {
    "ReduceMean": lambda call, build: _reduced(AvgPool1d, call, build),
    "ReduceMax": lambda call, build: _reduced(MaxPool1d, call, build),
    "ReduceSum": summed,
}
