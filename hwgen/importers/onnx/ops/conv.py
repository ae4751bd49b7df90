"""Convolutions: along one axis, whatever number of unit axes stands beside it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call, units
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.importers.onnx.windows import placed, sides
from hwgen.network import Floats
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense


def conv(call: Call, build: Builder) -> View:
    """Return the value of a convolution."""
    view = call.view()
    before, view = view.pads, replace(view, pads=(0, 0))
    weight = np.asarray(call.constant(1), dtype=np.float64)
    across = _across_channels(view, weight)
    positions = view.logical[0] if across else view.over_positions()[1]
    kernel = view.spatial(weight.shape[2:], 1)
    bias = call.constant(2)
    stride = view.spatial(call.attributes.get("strides", ()), 1)
    dilation = view.spatial(call.attributes.get("dilations", ()), 1)
    padded = positions + sum(before)
    left, right = sides(call, view, dilation * (kernel - 1) + 1, stride, padded)
    left, right = left + before[0], right + before[1]
    if across:
        if call.unit(1) is not None:
            raise Unsupported("must have weights without quantisers where it goes over channels")
        taps = weight.reshape(-1), stride, dilation, (left, right)
        return _dense(call, build, view, *taps, 0.0 if bias is None else float(np.sum(bias)))
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


def _across_channels(view: View, weight: Floats) -> bool:
    """Return whether one filter goes over numbers that are channels of one position (ECA-Net)."""
    numbers = view.logical[0]
    return (
        numbers > 1
        and math.prod(view.logical) == math.prod(view.shape) == numbers
        and view.shape[:2] == weight.shape[:2] == (1, 1)
    )


def _dense(
    call: Call, build: Builder, view: View, taps: Floats, stride: int, dilation: int,
    around: tuple[int, int], bias: float,
) -> View:  # fmt: skip
    """Return the dense layer that a convolution over channels is."""
    numbers, (left, right) = view.logical[0], around
    positions = (numbers + left + right - dilation * (len(taps) - 1) - 1) // stride + 1
    if positions < 1:
        raise Unsupported(f"has a kernel that does not fit its {numbers} numbers")
    rows = np.zeros((positions, numbers))
    for row, tap in np.ndindex(positions, len(taps)):
        place = row * stride + tap * dilation - left
        if 0 <= place < numbers:
            rows[row, place] = taps[tap]
    made = build.put(Dense(build.name(call), rows, np.full(positions, bias)), view)
    shape = tuple(positions if size > 1 else 1 for size in view.shape)
    return made.shaped(shape)


OPS = {"Conv": conv}
