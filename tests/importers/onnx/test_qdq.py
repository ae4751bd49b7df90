"""Pairs of QuantizeLinear and DequantizeLinear, as onnxruntime's own quantiser writes them."""

from __future__ import annotations

import logging

import numpy as np
import onnx
import pytest
from onnxruntime import quantization
from onnxruntime.quantization import QuantFormat, QuantType

from hwgen import golden
from hwgen.calibration import calibrate
from hwgen.errors import InputError
from hwgen.network.ops.conv1d import Conv1d
from hwgen.quantized.rescaling import reachable
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task
from tests.importers.onnx.models import by_onnxruntime, model
from tests.importers.onnx.qonnx import BITS, loaded

STACK = (
    "a = Conv (x, w, b) r = Relu (a) p = MaxPool <kernel_shape=[2], strides=[2]> (r) "
    "c = Conv <pads=[1,1]> (p, u) d = Relu (c) g = GlobalAveragePool (d) f = Flatten (g) "
    "y = Gemm <transB=1> (f, v, k)"
)
RESIDUAL = (
    "a = Conv <pads=[1,1]> (x, w, b) r = Relu (a) c = Conv <pads=[1,1]> (r, u) s = Add (c, r) "
    "d = Relu (s) f = Flatten (d) y = Gemm <transB=1> (f, v, k)"
)


class Recordings(quantization.CalibrationDataReader):
    """Windows of noise for the calibration."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        rng = np.random.default_rng(5)
        self._left = iter([{"x": rng.normal(size=shape).astype(np.float32)} for _ in range(20)])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._left, None)


def plain(nodes: str) -> onnx.ModelProto:
    rng = np.random.default_rng(4)
    small = {"w": (6, 2, 5 if "MaxPool" in nodes else 3), "u": (6, 6, 3)}
    made = {name: 0.3 * rng.normal(size=shape).astype(np.float32) for name, shape in small.items()}
    inputs = 6 if "MaxPool" in nodes else 6 * 32
    return model(nodes, shape=(1, 2, 32), b=(6,), v=(4, inputs), k=(4,), **made)


def quantised(tmp_path, nodes, **options) -> onnx.ModelProto:
    logging.getLogger().setLevel(logging.ERROR)
    before, after = tmp_path / "floats.onnx", tmp_path / "pairs.onnx"
    before.write_bytes(plain(nodes).SerializeToString())
    options = {"quant_format": QuantFormat.QDQ} | options
    quantization.quantize_static(before, after, Recordings((1, 2, 32)), **options)
    return onnx.load(after)


@pytest.mark.parametrize("kind", [QuantType.QUInt8, QuantType.QInt8], ids=str)
@pytest.mark.parametrize("per_channel", [False, True], ids=["tensor", "channel"])
@pytest.mark.parametrize("nodes", [STACK, RESIDUAL], ids=["stack", "residual"])
def test_what_onnxruntime_quantises(tmp_path, nodes, per_channel, kind):
    made = quantised(
        tmp_path, nodes, per_channel=per_channel, activation_type=kind, weight_type=QuantType.QInt8
    )
    network = loaded(tmp_path, made)
    built = reachable(network, BITS, 1.0)
    steps = digitise(np.random.default_rng(6).normal(size=(80, 2, 32)), BITS)
    wanted = by_onnxruntime(made, steps * BITS.lsb)[0]
    task = Task(tuple(map(str, range(4))))
    integers = calibrate(built.network, steps * BITS.lsb, BITS, task).model
    step = network.graph[network.graph.logits_name()].op.columns(np.ones(4))
    assert step.shape == (4,)
    last = np.diff(np.unique(wanted)).min()  # a step of the quantised logits
    for found in (network.judged(steps * BITS.lsb), golden.run(integers, steps) * integers.steps):
        apart = np.abs(found - wanted) / last
        assert apart.max() < 1.01
        assert (apart > 0.5).mean() < 0.12
        assert (found.argmax(axis=1) == wanted.argmax(axis=1)).mean() > 0.98
    assert max(built.drift.values()) < 1 / 32


def test_weights_alone_keep_their_integers(tmp_path):
    rng = np.random.default_rng(3)
    whole = rng.integers(-128, 128, (4, 2, 5)).astype(np.int8)
    made = model(
        "w = DequantizeLinear <axis=0> (q, s, z) a = Conv (x, w) r = Relu (a) f = Flatten (r) "
        "y = Gemm (f, v, k)",
        shape=(1, 2, 32),
        q=whole,
        s=np.full(4, 0.0371, dtype=np.float32),
        z=np.zeros(4, dtype=np.int8),
        v=(112, 3),
        k=(3,),
    )
    network = loaded(tmp_path, made)
    steps = digitise(rng.normal(size=(40, 2, 32)), BITS)
    integers = calibrate(network, steps * BITS.lsb, BITS, Task(("a", "b", "c"))).model
    op = next(node.op for node in integers.graph.nodes if node.op.op == "conv1d")
    np.testing.assert_array_equal(op.weight, whole)
    wanted = by_onnxruntime(made, steps * BITS.lsb)[0]
    np.testing.assert_allclose(network.judged(steps * BITS.lsb), wanted, atol=1e-3)


def test_integers_of_a_dense_layer_that_reads_flattened_values_of_several_sizes(tmp_path):
    rng = np.random.default_rng(3)
    whole = rng.integers(-128, 128, (3, 112 + 45)).astype(np.int8)
    made = model(
        "v = DequantizeLinear (q, s, z) a = Conv (x, w) b = Relu (a) c = Flatten (b) "
        "d = Conv <strides=[2]> (x, u) e = Relu (d) f = Flatten (e) g = Concat <axis=1> (c, f) "
        "y = Gemm <transB=1> (g, v, k)",
        shape=(1, 2, 32),
        q=whole,
        s=np.array(0.0371, dtype=np.float32),
        z=np.array(0, dtype=np.int8),
        w=(4, 2, 5),
        u=(3, 2, 3),
        k=(3,),
    )
    network = loaded(tmp_path, made)
    steps = digitise(rng.normal(size=(40, 2, 32)), BITS)
    wanted = by_onnxruntime(made, steps * BITS.lsb)[0]
    np.testing.assert_allclose(network.judged(steps * BITS.lsb), wanted, rtol=1e-4, atol=1e-3)
    integers = calibrate(network, steps * BITS.lsb, BITS, Task(("a", "b", "c"))).model
    op = next(node.op for node in integers.graph.nodes if node.op.op == "dense")
    rows = [part.astype(int).reshape(3, n, -1).swapaxes(1, 2).reshape(3, -1)
            for part, n in ((whole[:, :112], 4), (whole[:, 112:], 3))]  # fmt: skip
    for found, row in zip(np.split(op.weight, [112], axis=1), rows, strict=True):
        # One number for all of them, by which steps of the two values are told apart.
        factor = np.abs(found).max() // np.abs(row).max()
        np.testing.assert_array_equal(found, factor * row)
    found = golden.run(integers, steps) * integers.steps
    assert np.abs(found - wanted).max() < 0.03 * np.abs(wanted).max()


def test_a_range_that_is_cut_between_the_pair(tmp_path):
    made = model(
        "q = QuantizeLinear (x, s, z) c = Clip (q, low, high) d = DequantizeLinear (c, s, z) "
        "y = Conv (d, w)",
        shape=(1, 1, 32),
        s=np.array(0.25, dtype=np.float32),
        z=np.array(0, dtype=np.int8),
        low=np.array(-8, dtype=np.int8),
        high=np.array(7, dtype=np.int8),
        w=(2, 1, 3),
    )
    network = loaded(tmp_path, made)
    grid = next(layer.grid for layer in network.layers if layer.grid is not None)
    assert (grid.low, grid.high) == (-8, 7)
    x = np.random.default_rng(1).normal(size=(5, 1, 32)) * 2
    wanted = by_onnxruntime(made, x)[0].reshape(5, 2, 30)
    found = network.judged(x[:, 0]).reshape(5, 30, 2).transpose(0, 2, 1)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_a_pooling_between_the_pair(tmp_path):
    made = model(
        "q = QuantizeLinear (x, s, z) m = MaxPool <kernel_shape=[2], strides=[2]> (q) "
        "d = DequantizeLinear (m, s, z) y = Conv (d, w)",
        shape=(1, 2, 32),
        s=np.array(0.25, dtype=np.float32),
        z=np.array(128, dtype=np.uint8),
        w=(2, 2, 3),
    )
    network = loaded(tmp_path, made)
    assert any(isinstance(layer, Conv1d) for layer in network.layers)


@pytest.mark.parametrize(
    ("nodes", "says"),
    [
        ("q = QuantizeLinear (x, s, z) y = Conv (q, w)", "put a DequantizeLinear before it"),
        (
            "q = QuantizeLinear (x, s, z) y = DequantizeLinear (q, t, z)",
            "a QuantizeLinear of the same scale",
        ),
        ("y = DequantizeLinear (x, s)", "a QuantizeLinear of the same scale"),
        ("y = QuantizeLinear (x, per, zs)", "one zero point for all values"),
    ],
)
def test_pairs_that_are_none(tmp_path, nodes, says):
    made = model(
        nodes,
        shape=(1, 2, 32),
        s=np.array(0.25, dtype=np.float32),
        t=np.array(0.5, dtype=np.float32),
        z=np.array(0, dtype=np.int8),
        per=np.array([0.5, 0.25], dtype=np.float32),
        zs=np.zeros(2, dtype=np.int8),
        w=(2, 2, 3),
    )
    with pytest.raises(InputError, match=says):
        loaded(tmp_path, made)


def test_ops_on_integers_are_refused_with_the_way_out(tmp_path):
    made = quantised(tmp_path, STACK, quant_format=QuantFormat.QOperator)
    with pytest.raises(InputError, match=r"\(QLinearConv\) computes .*QuantFormat.QDQ"):
        loaded(tmp_path, made)
