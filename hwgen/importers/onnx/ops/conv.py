"""Convolutions: along one axis, whatever number of unit axes stands beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call, units
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.importers.onnx.windows import placed, sides
from hwgen.network.ops.conv1d import Conv1d


def conv(call: Call, build: Builder) -> View:
    """Return the value of a convolution."""
    view = call.view()
    before, view = view.pads, replace(view, pads=(0, 0))
    _, positions = view.over_positions()
    weight = np.asarray(call.constant(1), dtype=np.float64)
    kernel = view.spatial(weight.shape[2:], 1)
    bias = call.constant(2)
    stride = view.spatial(call.attributes.get("strides", ()), 1)
    dilation = view.spatial(call.attributes.get("dilations", ()), 1)
    padded = positions + sum(before)
    left, right = sides(call, view, dilation * (kernel - 1) + 1, stride, padded)
    left, right = left + before[0], right + before[1]
    layer = Conv1d(
        build.name(call),
        weight.reshape(*weight.shape[:2], kernel),
        np.zeros(len(weight)) if bias is None else bias,
        stride,
        left,
        relu=False,
        groups=call.attributes.get("group", 1),
        dilation=dilation,
        padding_right=None if left == right else right,
        unit=units(weight, call.unit(1)),
    )
    return placed(build.put(layer, view), view)


def transposed(call: Call, build: Builder) -> View:
    """Refuse a convolution that makes values longer."""
    del call, build
    raise Unsupported("makes values longer: transposed convolutions are not supported")


OPS = {"Conv": conv, "ConvTranspose": transposed}
