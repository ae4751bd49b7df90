"""What each ONNX op becomes computes what onnxruntime says."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.importers.onnx import ops
from hwgen.importers.onnx.limits import limited
from tests.importers.onnx.models import check, model


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def singles(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def groups(count: int, size: int, stride: int) -> np.ndarray:
    """Return places of groups of positions, ``(count, size, 1)``."""
    return (stride * np.arange(count)[:, np.newaxis] + np.arange(size))[..., np.newaxis]


W, B = (5, 3, 4), (5,)
FLAT = {"shape": (1, 12)}
"""Of the samples: one channel of twelve, as numbers."""

CASES: dict[str, tuple[str, dict]] = {
    "convolution": ("y = Conv (x, w, b)", {"w": W, "b": B}),
    "no bias": ("y = Conv (x, w)", {"w": W}),
    "stride, dilation": ("y = Conv <strides=[2], dilations=[3]> (x, w)", {"w": W}),
    "padding": ("y = Conv <pads=[1, 2], kernel_shape=[4]> (x, w)", {"w": W}),
    "same, upper": ('y = Conv <auto_pad="SAME_UPPER", strides=[3]> (x, w)', {"w": W}),
    "same, lower": ('y = Conv <auto_pad="SAME_LOWER"> (x, w)', {"w": W}),
    "valid": ('y = Conv <auto_pad="VALID"> (x, w)', {"w": W}),
    "depthwise": ("y = Conv <group=3> (x, w, b)", {"w": (6, 1, 5), "b": (6,)}),
    "two axes, positions last": (
        "a = Unsqueeze (x, n) y = Conv <pads=[0, 1, 0, 2], strides=[1, 2]> (a, w)",
        {"n": ints(2), "w": (5, 3, 1, 4)},
    ),
    "two axes, positions first": (
        "y = Conv <pads=[1, 0, 1, 0]> (x, w)", {"shape": (1, 3, 40, 1), "w": (5, 3, 4, 1)},
    ),
    "pad": ("a = Pad (x, p) y = Conv (a, w)", {"p": ints(0, 0, 2, 0, 0, 1), "w": W}),
    "pad, its axes": (
        "a = Pad (x, p, , s) y = Conv (a, w)", {"p": ints(2, 1), "s": ints(-1), "w": W},
    ),
    "pad, as it was": (
        "a = Pad <pads=[0,0,3,0,0,1]> (x) y = Conv (a, w)", {"opset": 9, "w": W},
    ),
    "transposed": ("y = ConvTranspose (x, w, b)", {"w": (3, 5, 4), "b": (5,)}),
    "transposed, stride": ("y = ConvTranspose <strides=[2]> (x, w, b)",
                           {"w": (3, 5, 4), "b": (5,)}),
    "transposed, usual": ("y = ConvTranspose <strides=[2], pads=[1, 1]> (x, w)", {"w": (3, 5, 4)}),
    "transposed, more of it": (
        "y = ConvTranspose <strides=[3], pads=[2, 0], output_padding=[2]> (x, w)", {"w": (3, 2, 7)},
    ),
    "transposed, fewer taps than stride": (
        "y = ConvTranspose <strides=[4], output_padding=[1]> (x, w)", {"w": (3, 2, 3)},
    ),
    "transposed, stride 1": ("y = ConvTranspose <pads=[2, 1]> (x, w)", {"w": (3, 5, 4)}),
    "transposed, in groups": ("y = ConvTranspose <strides=[2], group=3> (x, w)", {"w": (3, 2, 4)}),
    "transposed, same": (
        'y = ConvTranspose <strides=[3], auto_pad="SAME_UPPER"> (x, w)', {"w": (3, 5, 5)},
    ),
    "transposed, length said": (
        "y = ConvTranspose <strides=[2], output_shape=[77]> (x, w)", {"w": (3, 5, 4)},
    ),
    "transposed, two axes": (
        "a = Unsqueeze (x, n) c = ConvTranspose <strides=[1, 2], pads=[0, 1, 0, 1]> (a, w)"
        " y = Conv (c, v)",
        {"n": ints(2), "w": (3, 5, 1, 4), "v": (4, 5, 1, 3)},
    ),
    "transposed, then normalised": (
        "a = ConvTranspose <strides=[2]> (x, w) b = BatchNormalization (a, g, h, m, s)"
        " c = Relu (b) y = Conv (c, v)",
        {"w": (3, 5, 2), "g": (5,), "h": (5,), "m": (5,), "s": np.full(5, 2, np.float32),
         "v": (4, 5, 3)},
    ),
    "positions repeated": (
        'y = Resize <mode="nearest", coordinate_transformation_mode="asymmetric",'
        ' nearest_mode="floor"> (x, , s)', {"s": singles(1, 1, 3)},
    ),
    "positions repeated, to a size": (
        'a = Resize <mode="nearest", coordinate_transformation_mode="asymmetric",'
        ' nearest_mode="floor"> (x, , , s) y = Conv (a, w)', {"s": ints(1, 3, 80), "w": W},
    ),
    "positions repeated, as it was": (
        'y = Upsample <mode="nearest"> (x, s)', {"opset": 9, "s": singles(1, 1, 2)},
    ),
    "max-pool": ("y = MaxPool <kernel_shape=[3], strides=[2]> (x)", {}),
    "max-pool, padded": ("y = MaxPool <kernel_shape=[3], strides=[2], pads=[1, 1]> (x)", {}),
    "max-pool, stride 1": ("y = MaxPool <kernel_shape=[4]> (x)", {}),
    "ceiling that changes nothing": (
        "y = MaxPool <kernel_shape=[4], strides=[4], ceil_mode=1> (x)", {},
    ),
    "average": ("y = AveragePool <kernel_shape=[5], strides=[5]> (x)", {}),
    "average, padded": (
        "y = AveragePool <kernel_shape=[4], strides=[3], pads=[2,2], count_include_pad=1> (x)", {},
    ),
    "global average": ("y = GlobalAveragePool (x)", {}),
    "global maximum": ("y = GlobalMaxPool (x)", {}),
    "mean over positions": ("y = ReduceMean <keepdims=0> (x, a)", {"a": ints(2)}),
    "mean, as it was": ("y = ReduceMean <axes=[-1], keepdims=1> (x)", {"opset": 13}),
    "maximum over positions": ("y = ReduceMax (x, a)", {"a": ints(-1)}),
    "sum over positions": ("y = ReduceSum <keepdims=0> (x, a)", {"a": ints(2)}),
    "mean over a unit axis": (
        "a = GlobalAveragePool (x) y = ReduceMean <keepdims=0> (a, n)", {"n": ints(2)},
    ),
    "mean of two axes": (
        "a = Unsqueeze (x, n) y = ReduceMean <keepdims=0> (a, m)", {"n": ints(2), "m": ints(2, 3)},
    ),
    "mean over channels": ("y = ReduceMean (x, a)", {"a": ints(1)}),
    "maximum over channels": ("y = ReduceMax <keepdims=0> (x, a)", {"a": ints(1)}),
    "sum over channels": ("y = ReduceSum (x, a)", {"a": ints(-2)}),
    "mean of everything": ("y = ReduceMean (x, a)", {"a": ints(1, 2)}),
    "maximum of everything": ("y = ReduceMax (x)", {}),
    "maximum over channels that are last": (
        "a = Transpose <perm=[0,2,1]> (x) b = ReduceMax (a, n) y = Transpose <perm=[0,2,1]> (b)",
        {"n": ints(2)},
    ),
    "mean of flat numbers": (
        "a = Gemm (x, w) b = ReduceMean (a, n) y = Mul (a, b)",
        {**FLAT, "w": (12, 4), "n": ints(1)},
    ),
    "maximum of flat numbers": (
        "a = Gemm (x, w) y = ReduceMax <keepdims=0> (a, n)",
        {**FLAT, "w": (12, 4), "n": ints(1)},
    ),
    "attention to positions": (
        "a = Conv (x, w) b = ReduceMean (a, n) c = ReduceMax (a, n) d = Concat <axis=1> (b, c)"
        " e = Conv <pads=[1,1]> (d, v) f = Sigmoid (e) y = Mul (a, f)",
        {"w": W, "n": ints(1), "v": (1, 2, 3)},
    ),
    "rows of a window": (
        "a = Reshape (x, s) b = Transpose <perm=[1,0,2]> (a) c, d = LSTM <hidden_size=2> (b, w, r)"
        " e = Squeeze (d, n) y = Gemm (e, v)",
        {"shape": (1, 1, 24), "s": ints(0, -1, 4), "w": (1, 8, 4), "r": (1, 8, 2), "n": ints(0),
         "v": (2, 3)},
    ),
    "rows of positions": (
        "a = Transpose <perm=[0,2,1]> (x) b = Reshape (a, s) c = MatMul (b, w)"
        " y = Transpose <perm=[0,2,1]> (c)",
        {"s": ints(1, 20, 6), "w": (6, 5)},
    ),
    "rows of a dense layer": (
        "a = Gemm (x, w) b = Relu (a) c = Reshape (b, s) d = Transpose <perm=[0,2,1]> (c)"
        " y = Conv (d, v)",
        {**FLAT, "w": (12, 20), "s": ints(1, 5, 4), "v": (3, 4, 2)},
    ),
    "average of a whole": ("y = AveragePool <kernel_shape=[40]> (x)", {}),
    "dense": ("y = Gemm <transB=1> (x, w, b)", {**FLAT, "w": (4, 12), "b": (4,)}),
    "dense, alpha and beta": (
        "y = Gemm <alpha=0.5, beta=2.0> (x, w, b)", {**FLAT, "w": (12, 4), "b": (1, 4)},
    ),
    "dense, one bias": ("y = Gemm (x, w, b)", {**FLAT, "w": (12, 4), "b": (1,)}),
    "product and sum": (
        "a = MatMul (x, w) y = Add (b, a)", {**FLAT, "w": (12, 4), "b": (4,)},
    ),
    "flattened": ("a = Flatten (x) y = Gemm (a, w)", {"w": (120, 4)}),
    "reshaped": ("a = Reshape (x, s) y = MatMul (a, w)", {"s": ints(0, -1), "w": (120, 4)}),
    "reshaped by a shape": (
        "s = Shape (x) n = Gather (s, zero) m = Unsqueeze (n, axes) l = Concat <axis=0> (m, rest)"
        " a = Reshape (x, l) y = MatMul (a, w)",
        {"shape": ("N", 3, 40), "zero": np.array(0), "axes": ints(0), "rest": ints(-1),
         "w": (120, 4)},
    ),
    "channels last, flattened": (
        "a = Transpose <perm=[0,2,1]> (x) b = Flatten (a) y = Gemm (b, w)", {"w": (120, 4)},
    ),
    "channels last, a product": (
        "a = Transpose <perm=[0,2,1]> (x) b = MatMul (a, w) c = Add (b, d)"
        " y = Transpose <perm=[0,2,1]> (c)", {"w": (3, 5), "d": (5,)},
    ),
    "channels last, all the way": (
        "a = Transpose <perm=[0,2,1]> (x) b = Conv (a, w) c = Transpose <perm=[0,2,1]> (b)"
        " d = Relu (c) e = Flatten (d) y = MatMul (e, v)",
        {"shape": (1, 40, 3), "w": W, "v": (185, 4)},
    ),
    "squeezed": (
        "a = GlobalAveragePool (x) b = Squeeze (a, n) y = Gemm (b, w)", {"n": ints(2), "w": (3, 4)},
    ),
    "squeezed, as it was": (
        "a = GlobalAveragePool (x) b = Squeeze <axes=[2]> (a) y = Gemm (b, w, c)",
        {"opset": 11, "w": (3, 4), "c": (4,)},
    ),
    "batch normalisation": (
        "a = Conv (x, w) y = BatchNormalization <epsilon=0.1> (a, g, b, m, v)",
        {"w": W, "g": B, "b": B, "m": B, "v": singles(1, 2, 3, 4, 5)},
    ),
    "batch normalisation, flat": (
        "a = Gemm (x, w) y = BatchNormalization (a, g, b, m, v)",
        {**FLAT, "w": (12, 5), "g": B, "b": B, "m": B, "v": singles(1, 2, 3, 4, 5)},
    ),
    "a number a channel": ("a = Mul (x, g) y = Add (a, b)", {"g": (1, 3, 1), "b": (3, 1)}),
    "taken from numbers": ("y = Sub (b, x)", {"b": (3, 1)}),
    "less a number a channel": ("y = Sub (x, b)", {"b": (3, 1)}),
    "by a number a channel": ("y = Div (x, b)", {"b": singles(1, 2, 4).reshape(3, 1)}),
    "a number for each of the window's, before a dense layer": (
        "a = Sub (x, m) b = Div (a, s) c = MatMul (b, w) d = Add (c, e) f = Relu (d)"
        " y = MatMul (f, v)",
        {**FLAT, "m": (12,), "s": singles(*range(1, 13)), "w": (12, 6), "e": (6,), "v": (6, 3)},
    ),
    "batch normalisation of a window": (
        "a = BatchNormalization (x, g, b, m, v) y = Gemm (a, w)",
        {**FLAT, "g": (12,), "b": (12,), "m": (12,), "v": singles(*range(1, 13)), "w": (12, 5)},
    ),
    "a constant a position": (
        "a = Add (x, c) y = Conv <pads=[1,1]> (a, w)",
        {"shape": (1, 1, 40), "c": (1, 1, 40), "w": (4, 1, 3)},
    ),
    "a factor a position, one filter": (
        "a = Mul (x, c) b = Conv (a, w) y = MaxPool <kernel_shape=[2], strides=[2]> (b)",
        {"shape": (1, 1, 40), "c": (40,), "w": (1, 1, 3)},
    ),
    "a factor a position, then a pool": (
        "a = Mul (x, c) b = Relu (a) y = MaxPool <kernel_shape=[2], strides=[2]> (b)",
        {"shape": (1, 1, 40), "c": (40,)},
    ),
    "a scaler before a convolution": (
        "a = Sub (x, m) b = Mul (a, s) c = Unsqueeze (b, n) d = Conv <pads=[2,2]> (c, w)"
        " e = GlobalAveragePool (d) f = Flatten (e) y = Gemm (f, v)",
        {**FLAT, "m": (12,), "s": (1, 12), "n": ints(1), "w": (4, 1, 5), "v": (4, 3)},
    ),
    "a slope a position": (
        "a = PRelu (x, s) y = Conv (a, w)", {"shape": (1, 1, 40), "s": (40,), "w": (4, 1, 3)},
    ),
    "one number": ("a = Mul (x, g) b = Add (a, c) y = Conv (b, w)",
                   {"g": singles(0.5), "c": singles(0.25), "w": W}),
    "twice itself": ("y = Add (x, x)", {}),
    "residual": ("a = Conv <pads=[1,1]> (x, w) b = Relu (a) y = Add (x, b)", {"w": (3, 3, 3)}),
    "difference": ("a = Conv <pads=[1,1]> (x, w) y = Sub (x, a)", {"w": (3, 3, 3)}),
    "sum of three": (
        "a = Conv <pads=[1,1]> (x, w) b = Conv <pads=[1,1]> (x, v) y = Sum (x, a, b)",
        {"w": (3, 3, 3), "v": (3, 3, 3)},
    ),
    "sum of one": ("y = Sum (x)", {}),
    "product": ("a = Conv <pads=[1,1]> (x, w) y = Mul (x, a)", {"w": (3, 3, 3)}),
    "squeeze and excitation": (
        "a = GlobalAveragePool (x) b = Conv (a, w) c = Relu (b) d = Conv (c, v) e = Sigmoid (d)"
        " y = Mul (x, e)", {"w": (2, 3, 1), "v": (3, 2, 1)},
    ),
    "squeeze and excitation, dense": (
        "a = ReduceMean <keepdims=0> (x, n) b = Gemm (a, w) c = Sigmoid (b) d = Unsqueeze (c, n)"
        " s = Shape (x) e = Expand (d, s) y = Mul (x, e)", {"n": ints(2), "w": (3, 3)},
    ),
    "gates, channels last": (
        "a = Transpose <perm=[0,2,1]> (x) b = MatMul (a, w) c = Sigmoid (b) d = Mul (a, c)"
        " y = Transpose <perm=[0,2,1]> (d)", {"w": (3, 3)},
    ),
    "attention over channels by a convolution": (
        "a = GlobalAveragePool (x) b = Transpose <perm=[0,2,1]> (a)"
        " c = Conv <pads=[2, 1], dilations=[1]> (b, w, d) e = Transpose <perm=[0,2,1]> (c)"
        " f = Sigmoid (e) y = Mul (x, f)", {"w": (1, 1, 4), "d": (1,)},
    ),
    "a convolution over channels, in strides": (
        "a = GlobalAveragePool (x) b = Transpose <perm=[0,2,1]> (a)"
        " c = Conv <strides=[2], pads=[1, 1]> (b, w) d = Flatten (c) y = Gemm (d, v)",
        {"shape": (1, 7, 20), "w": (1, 1, 3), "v": (4, 3)},
    ),
    "a number a position": (
        "a = Conv <pads=[1,1]> (x, w) b = Sigmoid (a) y = Mul (b, x)", {"w": (1, 3, 3)},
    ),
    "half of the channels gate the others": (
        "a = Conv (x, w) b, c = Split <axis=1, num_outputs=2> (a) d = Sigmoid (c) y = Mul (b, d)",
        {"w": (4, 3, 3)},
    ),
    "a sum with a number a channel": (
        "a = GlobalAveragePool (x) b = Conv (a, w) c = Sub (x, b) y = Relu (c)", {"w": (3, 3, 1)},
    ),
    "soft threshold": (
        "a = Abs (x) b = GlobalAveragePool (a) c = Conv (b, w) d = Sigmoid (c) e = Mul (b, d)"
        " f = Sub (a, e) g = Max (f, zero) h = Sign (x) y = Mul (h, g)",
        {"w": (3, 3, 1), "zero": np.array(0, np.float32)},
    ),
    "functions that only meet": (
        "a = Conv (x, w) b = Tanh (a) c = Sigmoid (a) d = Mul (b, c) y = Add (d, a)", {"w": W},
    ),
    "a slope a channel": (
        "a = Conv (x, w) b = PRelu (a, s) y = Conv (b, v)",
        {"w": W, "s": (5, 1), "v": (2, 5, 3)},
    ),
    "a slope a channel, of a function": (
        "a = Conv (x, w) b = Tanh (a) c = PRelu (b, s) y = PRelu (c, t)",
        {"w": W, "s": (1, 5, 1), "t": (5, 1)},
    ),
    "a slope a channel, channels last": (
        "a = Transpose <perm=[0,2,1]> (x) b = MatMul (a, w) c = PRelu (b, s)"
        " y = Transpose <perm=[0,2,1]> (c)", {"w": (3, 5), "s": (5,)},
    ),
    "a slope a number": (
        "a = Gemm (x, w) b = PRelu (a, s) y = Gemm (b, v)",
        {**FLAT, "w": (12, 5), "s": (5,), "v": (5, 3)},
    ),
    "function behind function": (
        "a = Conv (x, w) b = LeakyRelu (a) c = Sigmoid (b) d = Mul (b, c) e = Tanh (d)"
        " y = Mul (e, half)", {"w": W, "half": singles(0.5)},
    ),
    "side by side": (
        "a = Conv <pads=[1,1]> (x, w) y = Concat <axis=1> (x, a)", {"w": (2, 3, 3)},
    ),
    "side by side, channels last": (
        "a = Transpose <perm=[0,2,1]> (x) b = MatMul (a, w) c = Concat <axis=2> (b, a)"
        " y = Transpose <perm=[0,2,1]> (c)", {"w": (3, 5)},
    ),
    "side by side, flat": (
        "a = Gemm (x, w) b = Gemm (x, v) y = Concat <axis=-1> (a, b)",
        {**FLAT, "w": (12, 2), "v": (12, 3)},
    ),
    "side by side, flattened": (
        "c = Conv <pads=[1,1]> (x, w) a = Flatten (x) b = Flatten (c)"
        " d = Concat <axis=1> (a, b) y = MatMul (d, v)", {"w": (2, 3, 3), "v": (200, 4)},
    ),
    "a matrix before the value": ("y = MatMul (w, x)", {"w": (5, 3)}),
    "a matrix of one window before the value": (
        "a = Tanh (x) b = MatMul (w, a) y = Conv (b, v)", {"w": (1, 5, 3), "v": (2, 5, 3)},
    ),
    "a last group of one": ("y = MaxPool <kernel_shape=[3], strides=[3], ceil_mode=1> (x)", {}),
    "a last group that would be of none": (
        "y = MaxPool <kernel_shape=[2], strides=[3], ceil_mode=1, pads=[1,1]> (x)", {},
    ),
    "maxima with more on the right": (
        "a = Neg (x) y = MaxPool <kernel_shape=[4], strides=[3], pads=[1,2]> (a)", {},
    ),
    "maxima as Keras pads them": (
        "y = MaxPool <kernel_shape=[3], strides=[2], auto_pad=\"SAME_UPPER\"> (x)", {},
    ),
    "side by side, flattened, of several sizes": (
        "c = Conv <strides=[2]> (x, w) a = Flatten (x) b = Flatten (c) d = Concat <axis=1> (a, b)"
        " y = Gemm (d, v, u)", {"w": (2, 3, 3), "v": (158, 4), "u": (4,)},
    ),
    "side by side, of several sizes and orders": (
        "c = Conv <strides=[2]> (x, w) a = Flatten (x) d = Transpose <perm=[0,2,1]> (c)"
        " b = Flatten (d) e = ReduceMax <keepdims=0> (x, n) f = Gemm (a, v)"
        " g = Concat <axis=1> (b, e, a, f) y = MatMul (g, u)",
        {"w": (2, 3, 3), "n": ints(2), "v": (120, 5), "u": (166, 4)},
    ),
    "a row within a row, and functions of it": (
        "c = Conv <strides=[2]> (x, w) a = Flatten (x) b = Flatten (c) d = Concat <axis=1> (a, b)"
        " e = Concat <axis=1> (b, d) f = Unsqueeze (e, n) g = Sigmoid (f) h = Mul (g, f)"
        " i = Squeeze (h, n) j = Dropout (i) k = Mul (j, m) y = Gemm (k, v)",
        {"w": (2, 3, 3), "n": ints(1), "m": (1, 196), "v": (196, 4)},
    ),
    "a row, normalised": (
        "c = Conv <strides=[2]> (x, w) a = Flatten (x) b = Flatten (c) d = Concat <axis=1> (b, a)"
        " e = BatchNormalization (d, g, h, m, v) f = Relu (e) y = Gemm (f, u)",
        {"w": (2, 3, 3), "g": (158,), "h": (158,), "m": (158,), "u": (158, 4),
         "v": np.linspace(1, 3, 158, dtype=np.float32)},
    ),
    "a sum of rows": (
        "c = Conv <strides=[2]> (x, w) a = Flatten (x) b = Flatten (c) d = Concat <axis=1> (b, a)"
        " e = Tanh (x) f = Flatten (e) g = Concat <axis=1> (b, f) h = Sub (d, g)"
        " y = Gemm (h, v)", {"w": (2, 3, 3), "v": (158, 4)},
    ),
    "means beside numbers of a dense layer": (
        "a = ReduceMean <keepdims=0> (x, n) f = Flatten (x) b = Gemm (f, w)"
        " c = Concat <axis=1> (a, b) y = Mul (c, m)", {"n": ints(2), "w": (120, 4), "m": (7,)},
    ),
    "zeros beside channels": (
        "a = Conv (x, w) s = Shape (a) z = ConstantOfShape (s) b = Concat <axis=1> (z, a, z)"
        " y = Conv (b, v)", {"w": W, "v": (2, 15, 3)},
    ),
    "zeros beside channels that are last": (
        "a = Transpose <perm=[0,2,1]> (x) b = MatMul (a, w) c = Concat <axis=2> (b, z)"
        " d = MatMul (c, v) y = Transpose <perm=[0,2,1]> (d)",
        {"w": (3, 1), "z": np.zeros((1, 40, 4), np.float32), "v": (5, 2)},
    ),
    "zeros beside several": (
        "a = Conv <pads=[1,1]> (x, w) y = Concat <axis=1> (a, x, z)",
        {"w": (2, 3, 3), "z": np.zeros((1, 3, 40), np.float32)},
    ),
    "zeros beside flat numbers": (
        "a = Gemm (x, w) y = Concat <axis=1> (z, a)",
        {**FLAT, "w": (12, 4), "z": np.zeros((1, 3), np.float32)},
    ),
    "pad of channels": ("y = Pad (x, p)", {"p": ints(0, 2, 0, 0, 1, 0)}),
    "pad of channels and positions": (
        "a = Pad (x, p) y = Conv (a, w)", {"p": ints(0, 0, 2, 0, 2, 1), "w": (4, 5, 3)},
    ),
    "behind each other": (
        "a = Conv (x, w) b = Concat <axis=2> (x, a) y = Conv (b, v)",
        {"w": (3, 3, 3), "v": (2, 3, 5)},
    ),
    "behind each other, channels last": (
        "a = Transpose <perm=[0,2,1]> (x) b = Tanh (a) c = Concat <axis=1> (a, b)"
        " d = MatMul (c, w) y = Transpose <perm=[0,2,1]> (d)", {"w": (3, 5)},
    ),
    "maxima behind each other": (
        "a = ReduceMax (x, n) b = ReduceMean (x, n) c = Concat <axis=2> (a, b) y = Conv (c, w)",
        {"n": ints(2), "w": (4, 3, 2)},
    ),
    "one channel's positions behind each other": (
        "a = Conv (x, w) b = Neg (a) c = Concat <axis=2> (a, b, a) y = Conv (c, v)",
        {"w": (1, 3, 3), "v": (2, 1, 9)},
    ),
    "some channels": ("y = Slice (x, s, e, a)", {"s": ints(1), "e": ints(3), "a": ints(1)}),
    "some positions and channels": (
        "y = Slice (x, s, e, a, t)",
        {"s": ints(-2, 5), "e": ints(2**62, -5), "a": ints(1, 2), "t": ints(1, 1)},
    ),
    "some, as it was": ("y = Slice <starts=[3], ends=[30], axes=[2]> (x)", {"opset": 9}),
    "cut up": (
        "a, b = Split <axis=1> (x, n) c = Conv (a, w) d = Conv (b, v) y = Add (c, d)",
        {"n": ints(1, 2), "w": (5, 1, 3), "v": (5, 2, 3)},
    ),
    "cut in equal parts": ("a, b, c = Split <axis=1, num_outputs=3> (x) y = Sub (c, a)", {}),
    "the last position": (
        "a = Gather <axis=2> (x, n) y = Gemm (a, w)", {"n": np.array(-1), "w": (3, 4)},
    ),
    "channels by number": ("y = Gather <axis=1> (x, n)", {"n": ints(1, 2)}),
    "channels apart": ("y = Gather <axis=1> (x, n)", {"n": ints(0, 2)}),
    "channels in another order": ("y = Gather <axis=1> (x, n)", {"n": ints(2, -3, 1, 2)}),
    "positions apart": ("y = Gather <axis=2> (x, n)", {"n": ints(0, 3, 4, 5, -1)}),
    "positions of one channel apart": (
        "y = Gather <axis=2> (x, n)", {"shape": (1, 1, 40), "n": ints(7, 3)},
    ),
    "positions apart, channels last": (
        "a = Transpose <perm=[0,2,1]> (x) b = Gather <axis=1> (a, n)"
        " y = Transpose <perm=[0,2,1]> (b)", {"n": ints(5, 6, 1)},
    ),
    "flat numbers apart": ("a = Gemm (x, w) y = Gather <axis=1> (a, n)",
                           {**FLAT, "w": (12, 6), "n": ints(0, 2, 3, 5)}),
    "channels apart, as a row of places": (
        "a = Transpose <perm=[1,0,2]> (x) b = GatherND (a, n) y = Transpose <perm=[1,0,2]> (b)",
        {"n": ints(0, 2).reshape(2, 1)},
    ),
    "every third position": (
        "y = Slice (x, s, e, a, t)",
        {"s": ints(2), "e": ints(2**62), "a": ints(2), "t": ints(3)},
    ),
    "every second channel and seventh position": (
        "y = Slice (x, s, e, a, t)",
        {"s": ints(0, 1), "e": ints(3, 37), "a": ints(1, 2), "t": ints(2, 7)},
    ),
    "every second position, channels last": (
        "a = Transpose <perm=[0,2,1]> (x) b = Slice (a, s, e, i, t) c = MatMul (b, w)"
        " y = Transpose <perm=[0,2,1]> (c)",
        {"s": ints(0), "e": ints(40), "i": ints(1), "t": ints(2), "w": (3, 5)},
    ),
    "a step beyond the end": (
        "y = Slice (x, s, e, a, t)", {"s": ints(3), "e": ints(9), "a": ints(2), "t": ints(6)},
    ),
    "positions backwards": (
        "y = Slice (x, s, e, a, t)",
        {"s": ints(-1), "e": ints(-(2**62)), "a": ints(2), "t": ints(-1)},
    ),
    "pad, then the same": (
        'a = Pad (x, p) y = Conv <auto_pad="SAME_UPPER", strides=[2]> (a, w)',
        {"p": ints(0, 0, 1, 0, 0, 0), "w": (5, 3, 7)},
    ),
    "sum over a unit axis": (
        "a = Unsqueeze (x, n) b = ReduceSum <keepdims=0> (a, n) y = Conv (b, w)",
        {"n": ints(2), "w": W},
    ),
    "constants in a sum": (
        "a = Conv <pads=[1,1]> (x, w) y = Sum (k, m, a)",
        {"w": (3, 3, 3), "k": (1, 3, 1), "m": (1, 3, 1)},
    ),
    "zeros of its shape": (
        "a = Conv <pads=[1,1]> (x, w) s = Shape (a) z = ConstantOfShape (s) y = Max (a, z)",
        {"w": (3, 3, 3)},
    ),
    "long short-term memory": (
        "a = Transpose <perm=[2,0,1]> (x) b = LSTM <hidden_size=2> (a, w, r, c)"
        " d = Squeeze (b, n) y = Transpose <perm=[1,2,0]> (d)",
        {"w": (1, 8, 3), "r": (1, 8, 2), "c": (1, 16), "n": ints(1)},
    ),
    "gated recurrent unit, backwards, its end": (
        "a = Transpose <perm=[2,0,1]> (x) b, d = GRU <hidden_size=2, linear_before_reset=1,"
        ' direction="reverse"> (a, w, r, c) e = Squeeze (d, n) y = Gemm (e, v)',
        {"w": (1, 6, 3), "r": (1, 6, 2), "c": (1, 12), "n": ints(0), "v": (2, 4)},
    ),
    "all positions, as is said": (
        "a = Transpose <perm=[2,0,1]> (x) b = LSTM <hidden_size=2> (a, w, r, , n)"
        " c = Squeeze (b, m) y = Transpose <perm=[1,2,0]> (c)",
        {"w": (1, 8, 3), "r": (1, 8, 2), "n": np.array([40], np.int32), "m": ints(1)},
    ),
    "both ways": (
        'a = Transpose <perm=[2,0,1]> (x) b = LSTM <hidden_size=2, direction="bidirectional">'
        " (a, w, r) d = Transpose <perm=[0,2,1,3]> (b) e = Reshape (d, s)"
        " y = Transpose <perm=[1,2,0]> (e)",
        {"w": (2, 8, 3), "r": (2, 8, 2), "s": ints(0, 0, -1)},
    ),
    "above a number": (
        "a = Conv (x, w) b = Greater (a, t) c = Cast <to=1> (b) y = Mul (a, c)",
        {"w": W, "t": singles(0.5)},
    ),
    "above another value": (
        "a = Conv <pads=[1,1]> (x, w) b = Less (a, x) c = Cast <to=1> (b) y = Mul (x, c)",
        {"w": (3, 3, 3)},
    ),
    "at least, and not at most": (
        "a = Conv (x, w) b = GreaterOrEqual (a, t) c = LessOrEqual (a, u) d = Not (c)"
        " e = Cast <to=1> (b) f = Cast <to=1> (d) y = Sub (e, f)",
        {"w": W, "t": singles(-0.5), "u": singles(0.5)},
    ),
    "a hard threshold": (
        "a = Abs (x) b = GlobalAveragePool (a) c = Greater (a, b) y = Where (c, x, z)",
        {"z": np.array(0, np.float32)},
    ),
    "the rest of a hard threshold": (
        "a = Abs (x) b = GlobalAveragePool (a) c = Greater (a, b) y = Where (c, z, x)",
        {"z": np.zeros((1, 3, 40), np.float32)},
    ),
    "groups of positions": (
        "a = Conv (x, w) b = Relu (a) c = Transpose <perm=[2,0,1]> (b) d = GatherND (c, n)"
        " e = Transpose <perm=[2,3,0,1]> (d) y = ReduceMean <keepdims=0> (e, k)",
        {"w": (5, 3, 3), "n": groups(6, 8, 6), "k": ints(-1)},
    ),
    "groups of positions, the largest": (
        "c = Transpose <perm=[0,2,1]> (x) d = GatherND (c, n)"
        " e = ReduceMax (d, k) f = Transpose <perm=[2,0,1]> (e) y = Identity (f)",
        {"n": np.insert(groups(4, 10, 10), 0, 0, axis=2).transpose(1, 0, 2), "k": ints(0)},
    ),
    "what does nothing": ("a = Identity (x) b = Dropout (a) c = Cast <to=1> (b) y = Conv (c, w)",
                          {"w": W}),
    "a constant among the nodes": (
        "c = Constant <value_float = 0.5> () a = Mul (x, c) y = Conv (a, w)", {"w": W},
    ),
}  # fmt: skip

FUNCTIONS = {
    "Relu": "Relu (a)",
    "Sigmoid": "Sigmoid (a)",
    "Tanh": "Tanh (a)",
    "LeakyRelu": "LeakyRelu (a)",
    "LeakyRelu, steep": "LeakyRelu <alpha=0.3> (a)",
    "Elu": "Elu (a)",
    "Elu, shallow": "Elu <alpha=0.25> (a)",
    "Selu": "Selu (a)",
    "HardSigmoid of torch": "HardSigmoid <alpha=0.16666667> (a)",
    "HardSwish": "HardSwish (a)",
    "Softplus": "Softplus (a)",
    "Mish": "Mish (a)",
    "ReLU6": "Clip (a, zero, six)",
    "ReLU by a clip": "Clip (a, zero)",
    "PRelu": "PRelu (a, quarter)",
    "SiLU": "Sigmoid (a) y = Mul (a, z)",
    "Mish spelt out": "Softplus (a) t = Tanh (z) y = Mul (a, t)",
    "hard swish": "Add (a, three) t = Clip (z, zero, six) u = Mul (a, t) y = Div (u, six)",
    "GELU by erf": "Div (a, root) t = Erf (z) u = Add (t, one) v = Mul (a, u) y = Mul (v, half)",
    "GELU by tanh": (
        "Mul (a, a) t = Mul (a, z) u = Mul (t, c1) v = Add (a, u) w1 = Mul (v, c2) s = Tanh (w1)"
        " r = Add (s, one) q = Mul (a, r) y = Mul (q, half)"
    ),
    "sigmoid of a multiple": "Mul (a, half) y = Sigmoid (z)",
    "absolute value": "Neg (a) t = Relu (z) u = Relu (a) y = Add (t, u)",
    "Abs": "Abs (a)",
    "Sign": "Sign (a)",
    "Softsign": "Softsign (a)",
    "hard tanh": "Clip (a, minus, one_)",
    "square": "Mul (a, a)",
    "square by a power": "Pow (a, two)",
    "a multiple of a sigmoid": "Sigmoid (a) y = Mul (z, half)",
}
NUMBERS = {
    "minus": np.array(-1, np.float32), "one_": np.array(1, np.float32), "two": singles(2),
    "zero": np.array(0, np.float32), "one": singles(1), "half": singles(0.5), "three": singles(3),
    "six": np.array(6, np.float32), "root": singles(2**0.5), "c1": singles(0.044715),
    "c2": singles((2 / np.pi) ** 0.5), "quarter": singles(0.25),
}  # fmt: skip

LIMITS = {
    "two": "Clip (a, low, high)",
    "from zero": "Clip (a, zero, one_)",
    "far from zero": "Add (a, three) y = Clip (z, three, six)",
    "the lower": "Clip (a, low)",
    "the upper": "Clip (a, , high)",
    "of Max": "Max (a, low)",
    "of Min": "Min (high, a)",
    "of both": "Max (low, a) y = Min (z, high)",
    "of a line": "Mul (a, minus) t = Add (z, half) y = Clip (t, low, high)",
    "of a falling line": "Mul (a, minus) t = Add (z, half) y = Max (t, low)",
    "of a steep line": "Mul (a, thousand) y = Clip (z, minus, high)",
    "of a flat line": "Div (a, thousand) y = Clip (z, zero, tiny)",
    "narrow": "Clip (a, zero, tiny)",
    "of a function": "Tanh (a) y = Clip (z, low, half_)",
    "turned over": "Clip (a, low, high) t = Neg (z) y = Mul (t, three)",
    "as it was": "Relu (a) t = Min (z, high) y = Sub (t, one)",
}
NUMBERS |= {
    "low": np.array(-0.3, np.float32), "high": np.array(1.7, np.float32),
    "thousand": singles(1000), "tiny": np.array(1e-3, np.float32),
    "half_": np.array(0.5, np.float32),
}  # fmt: skip


@pytest.mark.parametrize("case", LIMITS)
def test_limits_of_any_line(tmp_path, case):
    end = "" if "y =" in LIMITS[case] else " y = Identity (z)"
    made = model(f"a = Conv (x, w) z = {LIMITS[case]}{end}", w=W, **NUMBERS)
    network = check(tmp_path, made).network
    curved = [layer for layer in network.layers if layer.op in ("relu", "table")]
    assert len(curved) == (2 if case == "of a function" else 1)


@pytest.mark.parametrize("low", [-1000.0, -0.3, 0.0, 0.01, 7.0])
@pytest.mark.parametrize("height", [1e-3, 0.2, 1000.0])
@pytest.mark.parametrize("gain", [1e-3, -0.7, 1000.0])
def test_limits_are_found_at_any_scale(low, height, gain):
    def clip(x):
        return np.clip(gain * x + 0.2, low, low + height)

    before, middle, behind = limited(clip)
    bends = (np.array([low, low + height]) - 0.2) / gain
    x = (bends + np.linspace(-2.0, 2.0, 1001)[:, np.newaxis] * abs(height / gain)).ravel()
    np.testing.assert_allclose(behind(middle(before(x))), clip(x), rtol=1e-9, atol=1e-6 * height)


@pytest.mark.parametrize("function", [
    lambda x: np.clip(x, -0.3, 1.7) + 1e-4 * np.clip(x, 0.0, 1.0),
    lambda x: np.clip(x, -0.3, 1.7) + np.clip(x, 50.0, 50.1),
    lambda x: np.maximum(x, 0.3) + np.maximum(0.001 * (x - 0.301), 0.0),
    lambda x: np.logaddexp(x, 0.0),
    lambda x: np.logaddexp(1000.0 * x, 0.0) / 1000.0,
    lambda x: np.tanh(1000.0 * x),
    lambda x: np.maximum(x, 0.1 * x),
    np.abs,
    lambda x: np.sign(x - 0.5),
    lambda x: np.maximum(x, 0.0) ** 2,
    lambda x: 0.0 * x,
    lambda x: np.exp(-(x**2)),
    np.log,
])  # fmt: skip
def test_what_is_no_line_between_limits(function):
    assert limited(function) is None


@pytest.mark.parametrize("case", CASES)
def test_an_op_computes_what_onnxruntime_says(tmp_path, case):
    nodes, more = CASES[case]
    check(tmp_path, model(nodes, **more))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_told_by_what_it_computes(tmp_path, name):
    text = FUNCTIONS[name]
    end = "" if "y =" in text else " y = Identity (z)"
    opset = 22 if "Mish (a)" in text else 18
    made = model(f"a = Conv (x, w) z = {text}{end}", opset=opset, w=W, **NUMBERS)
    network = check(tmp_path, made).network
    assert [layer.op for layer in network.layers][:2] == ["direct", "conv1d"]
    assert len(network.layers) <= (4 if "multiple" in name else 3)


def test_the_cases_have_every_op():
    said = " ".join([*(nodes for nodes, _ in CASES.values()), *FUNCTIONS.values()])
    exotic = {"Softmax", "LogSoftmax", "ArgMax", "Gelu", "Swish", "Constant",
              "DFT", "ReduceL2",  # test_spectra.py
              "Max", "Min", "Pow", "Exp", "Log", "Sqrt", "Reciprocal"}  # fmt: skip
    known = {op for domain, op in ops.every() if domain == ""}
    assert {op for op in known if f"{op} " not in said} <= exotic


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_as_an_op(tmp_path, approximate):
    nodes = f'a = Conv (x, w) y = Gelu <approximate="{approximate}"> (a)'
    assert check(tmp_path, model(nodes, opset=20, w=W)).network.layers[-1].op == "table"


@pytest.mark.parametrize("end", ["Softmax <axis=-1>", "LogSoftmax <axis=1>"])
def test_a_softmax_is_a_class(tmp_path, end):
    made = model(f"a = Flatten (x) b = Gemm (a, w) y = {end} (b)", w=(120, 4))
    checkpoint = check(tmp_path, made, logits=True)
    assert checkpoint.network.logits == 4
    assert not any("class" in note for note in checkpoint.notes)


def test_an_arg_max_is_a_class(tmp_path):
    nodes = "a = Flatten (x) b = Gemm (a, w) c = Softmax (b) y = ArgMax <axis=1, keepdims=0> (c)"
    made = model(nodes, w=(120, 4))
    made.graph.output[0].type.tensor_type.elem_type = 7
    assert check_classes(tmp_path, made) == 4


def check_classes(tmp_path, made) -> int:
    from tests.importers.onnx.models import by_onnxruntime, loaded

    network = loaded(tmp_path, made).network
    x = np.random.default_rng(3).normal(size=(9, *network.input_shape))
    (wanted,) = by_onnxruntime(made, x)
    assert network.run(x).argmax(axis=1).tolist() == wanted.ravel().tolist()
    return network.logits


def test_rows_that_go_together_again_are_no_layer(tmp_path):
    nodes = "a = Reshape (x, s) b = Relu (a) c = Mul (b, two) d = Reshape (c, t) y = Conv (d, w)"
    shapes = {"s": ints(1, 8, 5), "t": ints(1, 1, 40), "two": singles(2)}
    made = model(nodes, (1, 1, 40), w=(2, 1, 3), **shapes)
    assert "reshape" not in [layer.op for layer in check(tmp_path, made).network.layers]


def test_a_scaler_before_a_dense_layer_is_in_its_weights(tmp_path):
    from hwgen.passes import canonical

    nodes, more = CASES["a number for each of the window's, before a dense layer"]
    network = canonical(check(tmp_path, model(nodes, **more)).network)
    assert [layer.op for layer in network.layers] == ["direct", "reshape", "dense", "dense"]
