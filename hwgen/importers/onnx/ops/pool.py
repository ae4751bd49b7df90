"""Poolings."""

from __future__ import annotations

from dataclasses import replace

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.importers.onnx.windows import placed, sides
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.maxpool1d import MaxPool1d

Kind = type[AvgPool1d] | type[MaxPool1d]


def _pool(kind: Kind, call: Call, build: Builder) -> View:
    view = call.view()
    _, positions = view.over_positions()
    size = view.spatial(call.attributes["kernel_shape"], 1)
    stride = view.spatial(call.attributes.get("strides", ()), 1)
    if view.spatial(call.attributes.get("dilations", ()), 1) != 1:
        raise Unsupported("must see positions side by side, without dilation")
    left, right = sides(call, view, size, stride, positions)
    rest = (positions + left + right - size) % stride
    # A last group counts that begins within what is there.
    more = stride - rest if call.attributes.get("ceil_mode", 0) and rest else 0
    if more and (positions + left + right + more - size) // stride * stride >= positions + left:
        more = 0
    step = None if stride == size else stride
    if kind is MaxPool1d:
        right += more
        ends = None if right == left else right
        return placed(build.put(MaxPool1d(build.name(call), size, step, left, ends), view), view)
    if left != right:
        raise Unsupported(
            f"must have as much padding on the left as on the right, not {left} and {right}: each "
            f"mean has one divisor"
        )
    if more:
        raise Unsupported(f"must drop the last {rest} positions, which fill no group (ceil_mode 0)")
    if left and not call.attributes.get("count_include_pad", 0):
        raise Unsupported("must count its padding (count_include_pad): each mean has one divisor")
    return placed(build.put(AvgPool1d(build.name(call), size, step, left), view), view)


def average(call: Call, build: Builder) -> View:
    """Return means over groups of positions."""
    return _pool(AvgPool1d, call, build)


def largest(call: Call, build: Builder) -> View:
    """Return the largest of groups of positions, be they values or integers for them."""
    view = call.view()
    plain = replace(call, inputs=(replace(view, coded=None), *call.inputs[1:]))
    return replace(_pool(MaxPool1d, plain, build), coded=view.coded)


def overall(kind: Kind, call: Call, build: Builder, view: View) -> View:
    """Return one number a channel, of all positions: ``(channels, 1)``."""
    view = build.ready(view)
    if view.logical[1] == 1:
        return view
    return build.put(kind(build.name(call), view.logical[1]), view)


def _global(kind: Kind, call: Call, build: Builder) -> View:
    view = call.view()
    channels, _ = view.over_positions()
    return overall(kind, call, build, view).shaped((1, channels, *[1] * (len(view.shape) - 2)))


OPS = {
    "AveragePool": average,
    "MaxPool": largest,
    "GlobalAveragePool": lambda call, build: _global(AvgPool1d, call, build),
    "GlobalMaxPool": lambda call, build: _global(MaxPool1d, call, build),
}
