"""Means and maxima over all positions."""

from __future__ import annotations

import math
from dataclasses import replace

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.ops.pool import Kind, overall
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.maxpool1d import MaxPool1d


def _reduced(kind: Kind, call: Call, build: Builder) -> View:
    view, rank = call.view(), len(call.view().shape)
    axes = call.given("axes", 1)
    if axes is None or axes == []:
        if axes is not None and call.attributes.get("noop_with_empty_axes", 0):
            return view
        axes = range(rank)
    gone = {axis % rank for axis in ([axes] if isinstance(axes, int) else axes)}
    over = {logical for axis in gone for logical in view.axes[axis]}
    if over - {1}:
        raise Unsupported("must take all positions together, and channels apart")
    keep = call.attributes.get("keepdims", 1)
    shape = tuple(
        1 if n in gone else size for n, size in enumerate(view.shape) if keep or n not in gone
    )
    if not over:
        return view.shaped(shape)
    made = overall(kind, call, build, view)
    return replace(made, shape=shape)


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
