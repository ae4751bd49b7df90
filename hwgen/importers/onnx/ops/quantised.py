"""Quantisers of a training: QONNX's `Quant` and its like, `QuantizeLinear` and `DequantizeLinear`.

Of constants they give constants that know the unit of their integers; of values, a grid.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call, Trained, Value, per_channel
from hwgen.importers.onnx.model import QUANTISERS
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network import Floats
from hwgen.network.grid import ROUNDINGS, Grid
from hwgen.network.ops.quantizer import Quantizer

DOMAINS = (QUANTISERS,)

_NEAREST = {"ROUND": "even", "HALF_EVEN": "even", "FLOOR": "floor", "CEIL": "ceil"}
_BY_SIZE = {
    "HALF_UP": "up",
    "HALF_DOWN": "down",
    "DOWN": "floor",
    "ROUND_TO_ZERO": "floor",
    "UP": "ceil",
}
"""Of modes that go by the size of a number: what they are where there is no negative one."""

MAX_BITS = 32

_WHOLE = ("int4", "uint4", "int2", "uint2")
"""Kinds of integers that NumPy itself does not have."""


def _bits(call: Call, number: int) -> int:
    """Return a width that a node has as an input."""
    found = np.unique(np.asarray(_needed(call, number, "bit width"), dtype=np.float64))
    if len(found) != 1 or not float(found[0]).is_integer() or not 1 <= found[0] <= MAX_BITS:
        raise Unsupported(
            f"must have one bit width, a whole number from 1 to {MAX_BITS}, not {found.tolist()}"
        )
    return int(found[0])


def _needed(call: Call, number: int, what: str) -> Any:
    found = call.inputs[number] if number < len(call.inputs) else None
    if found is None or isinstance(found, View):
        raise Unsupported(
            f"must have a constant {what} (input {number}), not one that the network computes; "
            f"export the network in evaluation mode (model.eval())"
        )
    return call.constant(number)


def _scale(call: Call, number: int) -> Floats:
    scale = np.asarray(_needed(call, number, "scale"), dtype=np.float64)
    if not scale.size or not np.isfinite(scale).all() or not (scale > 0).all():
        raise Unsupported("must have a scale of positive numbers")
    return scale


def _zero_point(value: Any) -> Floats:
    found = np.asarray(0.0 if value is None else _whole(value), dtype=np.float64)
    if not found.size or (found != np.round(found)).any():
        raise Unsupported("must have a zero point that is a whole number")
    return found


def _whole(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(np.int64) if array.dtype.name in _WHOLE else array


def _range(bits: int, *, signed: bool, narrow: bool) -> tuple[int, int]:
    """Return the integers of a QONNX quantiser."""
    if signed:
        return -(1 << (bits - 1)) + narrow, (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1 - narrow


def _rounding(call: Call, low: int, usual: str = "ROUND") -> str:
    """Return how a node rounds, for integers from `low` on."""
    mode = str(call.attributes.get("rounding_mode", usual)).upper()
    if mode in _NEAREST:
        return _NEAREST[mode]
    if mode not in _BY_SIZE:
        raise Unsupported(f"must round by one of {', '.join([*_NEAREST, *_BY_SIZE])}, not {mode}")
    if low < 0:
        raise Unsupported(
            f"rounds numbers of both signs by {mode}, which goes by their size; export it with the "
            f"rounding mode ROUND, FLOOR or CEIL"
        )
    return _BY_SIZE[mode]


def quant(call: Call, build: Builder) -> Value:
    """Return what QONNX's `Quant` makes of a constant or of a value."""
    bits = _bits(call, 3)
    signed = bool(call.attributes.get("signed", 1))
    if bits == 1 and signed:
        return bipolar(call, build)
    low, high = _range(bits, signed=signed, narrow=bool(call.attributes.get("narrow", 0)))
    zero = _zero_point(_needed(call, 2, "zero point"))
    return _rounded(call, build, _scale(call, 1), zero, (low, high), _rounding(call, low))


def _rounded(
    call: Call,
    build: Builder,
    scale: Floats,
    zero: Floats,
    ends: tuple[int, int],
    rounding: str,
) -> Value:
    found = call.inputs[0]
    if not isinstance(found, View):
        x = np.asarray(call.constant(0))
        exact = np.float32 if x.dtype == np.float32 else np.float64
        # As precisely as the network was trained: a half may be one there.
        ratio = (x.astype(exact) / scale.astype(exact)).astype(np.float64)
        whole = ROUNDINGS[rounding](np.clip(ratio + zero, *ends)) - zero
        return _trained(whole * scale, scale)
    if zero.size != 1:
        raise Unsupported("must have one zero point for all values")
    view = build.ready(found)
    channels = build.shapes[view.value][0]
    step = scale.reshape(-1) if scale.size == 1 else per_channel(scale, view, channels)
    offset = int(zero.reshape(()))
    if rounding == "even" and offset % 2:
        rounding = "odd"  # even with the zero point is odd without it
    grid = Grid(tuple(step.tolist()), ends[0] - offset, ends[1] - offset, rounding)
    made = build.put(Quantizer(build.name(call), grid=grid), view)
    return replace(made, shape=view.shape, order=view.order)


def _trained(value: Floats, scale: Floats) -> Trained:
    if np.broadcast_shapes(value.shape, scale.shape) != value.shape:
        raise Unsupported(f"must have scales that fit {value.shape}, not {scale.shape}")
    return Trained(value, np.broadcast_to(scale, value.shape))


def bipolar(call: Call, build: Builder) -> Value:
    """Return the signs of a constant times its scale."""
    del build
    if isinstance(call.inputs[0], View):
        raise Unsupported(
            "makes values of two numbers, -1 and 1, which is not supported; quantise values with "
            "2 bits or more (weights may have 1)"
        )
    scale = _scale(call, 1)
    signs = np.where(np.asarray(call.constant(0)) >= 0, 1.0, -1.0)
    return _trained(signs * scale, scale)


def trunc(call: Call, build: Builder) -> Value:
    """Return values without their last bits: of QONNX's version 1 (5 inputs) or 2 (7)."""
    scale, zero = _scale(call, 1), _zero_point(_needed(call, 2, "zero point"))
    if scale.size != 1 or zero.any():
        raise Unsupported("must have one scale, and 0 as its zero point")
    step, newer = float(scale.reshape(())), len(call.inputs) > 5
    last = _bits(call, 6 if newer else 4)
    if newer:
        after = float(_scale(call, 4).reshape(()))
        octaves = round(float(np.log2(after / step)))
        signed = bool(call.attributes.get("signed", 1))
        ends = _range(last, signed=signed, narrow=bool(call.attributes.get("narrow", 0)))
    else:
        octaves, after = _bits(call, 3) - last, step
        # Whether there is a sign is not said; what comes out is within this either way.
        ends = -(1 << last), (1 << last) - 1
    if octaves < 0:
        raise Unsupported(f"must drop bits, not add {-octaves}")
    coarse = step * 2.0**octaves
    rounding = _rounding(call, ends[0], "FLOOR")
    if not isinstance(call.inputs[0], View):
        raise Unsupported("must read a value of the network, not a constant")
    made = _rounded(call, build, np.asarray(coarse), zero, ends, rounding)
    assert isinstance(made, View)
    return build.curved(made, lambda x: x * (after / coarse)) if after != coarse else made


def _along(values: Floats, like: tuple[int, ...], axis: int) -> Floats:
    """Return one number, or one for each place of an axis, so that it broadcasts to a tensor."""
    if values.size == 1:
        return values.reshape(())
    if values.ndim != 1 or not -len(like) <= axis < len(like) or len(values) != like[axis]:
        raise Unsupported(
            f"must have one scale, or one for each of axis {axis} of {like}, not {values.shape} "
            f"(blocks are not supported)"
        )
    return values.reshape([-1 if n == axis % len(like) else 1 for n in range(len(like))])


_KINDS = {
    "int2": (-2, 1),
    "uint2": (0, 3),
    "int4": (-8, 7),
    "uint4": (0, 15),
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int16": (-32768, 32767),
    "uint16": (0, 65535),
    "int32": (-(1 << 31), (1 << 31) - 1),
}


def _kind(call: Call) -> tuple[int, int]:
    """Return the integers of a QuantizeLinear."""
    from onnx import helper

    name = "uint8"
    if (code := call.attributes.get("output_dtype", 0)) != 0:
        name = helper.tensor_dtype_to_np_dtype(code).name
    elif call.constant(2) is not None:
        name = np.asarray(call.constant(2)).dtype.name
    if name not in _KINDS:
        raise Unsupported(f"must make integers of {', '.join(_KINDS)}, not {name}")
    return _KINDS[name]


def quantize_linear(call: Call, build: Builder) -> Value:
    """Return the integers of a value, seen as that value; of a constant, the integers."""
    found = call.inputs[0]
    axis = int(call.attributes.get("axis", 1))
    like = found.shape if isinstance(found, View) else np.shape(call.constant(0))
    scale = _along(_scale(call, 1), like, axis)
    zero = _along(_zero_point(call.constant(2)), like, axis)
    made = _rounded(call, build, scale, zero, _kind(call), "even")
    if isinstance(made, Trained):
        return np.asarray(made.value / made.unit + zero)
    if scale.size != 1 or not isinstance(made, View):
        raise Unsupported("must have one scale for all values")
    return replace(made, coded=(float(scale.reshape(())), int(zero.reshape(()))))


def dequantize_linear(call: Call, build: Builder) -> Value:
    """Return the value that integers stand for."""
    del build
    found = call.inputs[0]
    axis = int(call.attributes.get("axis", 1))
    if isinstance(found, View):
        scale, zero = _scale(call, 1), _zero_point(call.constant(2))
        if scale.size != 1 or zero.size != 1:
            raise Unsupported("must have one scale and one zero point for all values")
        own = float(scale.reshape(())), int(zero.reshape(()))
        if found.coded != own:
            raise Unsupported(
                "must read what a QuantizeLinear of the same scale and zero point gives"
            )
        return replace(found, coded=None)
    whole = np.asarray(_whole(call.constant(0)))
    if whole.dtype.name not in _KINDS and whole.dtype.kind not in "iuf":
        raise Unsupported(f"must read integers, not {whole.dtype.name}")
    whole = whole.astype(np.float64)
    scale = _along(_scale(call, 1), whole.shape, axis)
    zero = _along(_zero_point(call.constant(2)), whole.shape, axis)
    return _trained((whole - zero) * scale, scale)


def _refused(way_out: str) -> Any:
    def refuse(call: Call, build: Builder) -> Value:
        del call, build
        raise Unsupported(way_out)

    return refuse


_INTEGER = _refused(
    "computes with integers itself; export pairs of QuantizeLinear and DequantizeLinear instead "
    "(onnxruntime: quant_format=QuantFormat.QDQ)"
)

REFUSED = {
    "FloatQuant": _refused(
        "quantises to small floats, which is not supported; train with integers (Quant)"
    ),
    "MultiThreshold": _refused(
        "is what FINN makes of quantisers; give the file as the training exports it, with Quant"
    ),
    "DynamicQuantizeLinear": _refused(
        "measures each window, which is not in hardware; quantise statically, with calibration"
    ),
    **dict.fromkeys(
        (
            "QLinearConv",
            "QLinearMatMul",
            "QLinearAdd",
            "QGemm",
            "QLinearGlobalAveragePool",
            "QLinearAveragePool",
            "QLinearConcat",
            "QLinearSigmoid",
            "QLinearLeakyRelu",
            "QLinearMul",
            "ConvInteger",
            "MatMulInteger",
        ),
        _INTEGER,
    ),
}
"""What is known and not supported, each with a way out."""

OPS = {
    "Quant": quant,
    "IntQuant": quant,
    "BipolarQuant": bipolar,
    "Trunc": trunc,
    "QuantizeLinear": quantize_linear,
    "DequantizeLinear": dequantize_linear,
    **REFUSED,
}
