"""Means and maxima over all positions, over all channels, or over both."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.ops.pool import Kind, overall
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network import Layer, Output, Shape
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.reshape import Reshape
from hwgen.passes.grids import grid_of


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
    if view.grouped and over != {2}:
        raise Unsupported("must take all positions of a group together, and groups apart")
    keep = call.attributes.get("keepdims", 1)
    shape = tuple(
        1 if n in gone else size for n, size in enumerate(view.shape) if keep or n not in gone
    )
    if not over:
        return view.shaped(shape)
    if view.grouped:
        return _of_groups(kind, call, build, view, shape)
    made = overall(kind, call, build, view) if 1 in over else build.ready(view)
    if 0 in over:
        made = (
            _largest_channel(call, build, made) if kind is MaxPool1d else _mean(call, build, made)
        )
    return replace(made, shape=shape)


def _mean(call: Call, build: Builder, view: View) -> View:
    """Return the mean of the channels of each position, or of flat numbers."""
    share = 1.0 / view.logical[0]
    # Of numbers on a grid the sums are exact.
    graph = build.graph((Output(view.value, "values"),))
    unit = None if grid_of(graph, view.value) is None else (share,)
    row, name = np.full((1, view.logical[0]), share), build.name(call)
    if len(view.logical) == 1:
        return build.put(Dense(name, row, np.zeros(1), unit=unit), view)
    weight = row[:, :, np.newaxis]
    layer: Layer = Conv1d(name, weight, np.zeros(1), 1, 0, relu=False, unit=unit)
    return build.put(layer, view)


def _largest_channel(call: Call, build: Builder, view: View) -> View:
    """Return the largest of the channels of each position: they are positions side by side."""
    row = build.put(Reshape(build.name(call, "_row"), 1), view)
    return build.put(MaxPool1d(build.name(call), view.logical[0]), row)


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
