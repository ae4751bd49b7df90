"""Products with a constant matrix: dense layers, and convolutions of one tap."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call, by_place, units
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network import Floats
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense


def gemm(call: Call, build: Builder) -> View:
    """Return ``alpha * x @ weight + beta * bias``."""
    get = call.attributes.get
    if get("transA", 0):
        raise Unsupported("must not read the samples' side transposed (transA)")
    weight = np.asarray(call.constant(1), dtype=np.float64)
    weight = weight.T if get("transB", 0) else weight
    bias = np.asarray(call.constant(2, 0.0), dtype=np.float64) * get("beta", 1.0)
    if bias.size not in (1, weight.shape[1]):
        raise Unsupported(f"must have a bias an output ({weight.shape[1]}), not {bias.shape}")
    bias = np.broadcast_to(bias.reshape(-1), (weight.shape[1],))
    unit, alpha = call.unit(1), get("alpha", 1.0)
    if unit is not None:
        unit = (unit.T if get("transB", 0) else unit) * abs(alpha)
    return _product(call, build, weight * alpha, bias, unit)


def matmul(call: Call, build: Builder) -> View:
    """Return ``x @ weight``, along the last axis; or ``weight @ x``, of the channels."""
    if len(call.inputs) == 2 and isinstance(call.inputs[1], View) and len(call.views) == 1:
        return _of_channels(call, build, call.view(1))
    if not isinstance(call.inputs[0], View) or len(call.views) > 1:
        raise Unsupported(
            "multiplies two values of the network as matrices: attention is not supported"
        )
    weight = np.asarray(call.constant(1), dtype=np.float64)
    if weight.ndim != 2:
        raise Unsupported(f"must have a matrix as its constant, not {weight.shape}")
    return _product(call, build, weight, np.zeros(weight.shape[1]), call.unit(1))


def _product(call: Call, build: Builder, weight: Floats, bias: Floats, unit: Floats | None) -> View:
    """Return the product of the last axis with ``(inputs, outputs)`` weights."""
    view, weight, unit = _without_zeros(call.view(), weight, unit)
    if view.shape[-1:] != weight.shape[:1]:
        raise Unsupported(f"takes {weight.shape[0]} values, not a tensor of {view.shape}")
    axes, beside = view.axes, [size for size in view.shape[:-1] if size > 1]
    outputs = weight.shape[1]
    each = units(weight.T, None if unit is None else unit.T)
    if not beside:
        layer = Dense(build.name(call), _by_channel(weight.T, view), bias, unit=each)
        made = build.put(layer, view)
        return made.shaped((*view.shape[:-1], outputs))
    if len(view.logical) != 2 or axes[-1] != (0,) or len(beside) > 1:
        raise Unsupported("mixes positions: a dense layer must read channels, or all values")
    taps = weight.T[:, :, np.newaxis]
    conv = Conv1d(build.name(call), taps, bias, 1, 0, relu=False, unit=each)
    made = build.put(conv, view)
    return replace(made, shape=(*view.shape[:-1], outputs), order=(1, 0))


def _of_channels(call: Call, build: Builder, view: View) -> View:
    """Return a constant matrix times a value ``(1, channels, positions)``."""
    weight = np.asarray(call.constant(0), dtype=np.float64)
    if weight.ndim == 3 and len(weight) == 1:
        weight = weight[0]
    if weight.ndim != 2 or len(view.logical) != 2 or view.shape != (1, *view.logical):
        raise Unsupported(
            f"must multiply the channels of (1, channels, positions) by a matrix, not a value of "
            f"the shape {view.shape} by {weight.shape}"
        )
    if weight.shape[1] != view.logical[0] or view.order != (0, 1):
        raise Unsupported(f"takes {weight.shape[1]} channels, not {view.logical[0]}")
    unit = call.unit(0)
    each = units(weight, None if unit is None else unit.reshape(weight.shape))
    taps, bias = weight[:, :, np.newaxis], np.zeros(len(weight))
    return build.put(Conv1d(build.name(call), taps, bias, 1, 0, relu=False, unit=each), view)


def _without_zeros(
    view: View, weight: Floats, unit: Floats | None
) -> tuple[View, Floats, Floats | None]:
    """Return a row of numbers without the zeros around it, and weights without those for them."""
    (left, right), last = view.pads, view.shape[-1]
    if not left + right or math.prod(view.shape) != last or len(weight) != last + left + right:
        return view, weight, unit
    kept = slice(left, left + last)
    return replace(view, pads=(0, 0)), weight[kept], None if unit is None else unit[kept]


def _by_channel(weight: Floats, view: View) -> Floats:
    """Return weights of flattened values in the order of channels, each with its positions."""
    if view.places is not None:
        return by_place(weight, view)
    if len(view.logical) == 1 or view.order == (0, 1):
        return weight
    channels, positions = view.logical
    turned = weight.reshape(-1, positions, channels).transpose(0, 2, 1)
    return turned.reshape(len(weight), -1)


OPS = {"Gemm": gemm, "MatMul": matmul}
