"""A network of another framework, from its ONNX file to verified hardware."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from hwgen.cli.main import run
from hwgen.files import read_json
from hwgen.flow import quantize
from hwgen.flow.build import build
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import DataOptions, Settings
from tests.importers.onnx.models import model

NODES = """
    a = Conv <pads=[3, 2], strides=[2]> (x, w) b = Sigmoid (a) c = Mul (a, b)
    d = MaxPool <kernel_shape=[2], strides=[2]> (c)
    e = Conv <pads=[1, 1], group=4> (d, v) f = BatchNormalization (e, g, h, i, j) k = Add (f, d)
    aa = GlobalAveragePool (k) ab = Conv (aa, s) ac = Sigmoid (ab) ad = Mul (k, ac)
    l = Relu (ad) m = Slice (l, one, three, one) n = Concat <axis=1> (m, l)
    o = ReduceMean <keepdims=0> (n, two) p = Gemm (o, u, t) y = Softmax (p)
"""
CONSTANTS = {
    "w": (4, 1, 7), "v": (4, 1, 3), "s": (4, 4, 1), "g": (4,), "h": (4,), "i": (4,),
    "u": (6, 3), "t": (3,),
    "j": np.ones(4, np.float32), "one": np.array([1]), "two": np.array([2]), "three": np.array([3]),
}  # fmt: skip


@pytest.fixture
def settings(tmp_path, recordings) -> Settings:
    made = model(NODES, (1, 1, 128), **CONSTANTS)
    path = tmp_path / "net.onnx"
    onnx.save(made, path, save_as_external_data=True, size_threshold=0, location="net.data")
    hardware = HardwareOptions.of(board="ulx3s-25f", parallel=4, clock_mhz=50.0)
    data = DataOptions(data=str(recordings), sample_rate=12_000.0)
    return Settings(str(path), data, hardware=hardware, verify_windows=12)


@pytest.mark.slow
def test_it_is_built_and_verified(settings, tmp_path):
    said: list[str] = []
    build(settings, tmp_path / "net", said.append, upto="verify")
    report = read_json(tmp_path / "net" / "report.json")
    assert report["verification"]["mismatches"] == 0
    assert report["verification"]["windows"] >= 12
    assert report["accuracy"]["agreement"] > 0.9
    ops = [each["op"] for each in read_json(tmp_path / "net" / "ir" / "network.json")["nodes"]]
    assert {"table", "slice", "concat", "maxpool1d", "multiply"} <= set(ops)


def test_weights_beside_the_file_decide_too(settings, tmp_path):
    before = quantize.inputs(settings)
    assert quantize.inputs(settings) == before
    data = (tmp_path / "net.data").read_bytes()
    (tmp_path / "net.data").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert quantize.inputs(settings) != before


def test_what_is_assumed_is_said(tmp_path, capsys):
    path = tmp_path / "net.onnx"
    nodes = "a = Conv (x, w) b = Flatten (a) y = Gemm (b, v)"
    path.write_bytes(model(nodes, (1, 2, 64), w=(2, 2, 7), v=(116, 3)).SerializeToString())
    assert run(["quantize", str(path), "-o", str(tmp_path / "model.json")]) == 0
    told = capsys.readouterr().out
    assert "taken for: input x of the shape (1, 2, 64) is 2 channels of 64 samples" in told
    assert "taken for: output y is a class, one of 3" in told


def test_what_cannot_be_done_is_exit_code_3_and_leaves_nothing(tmp_path, capsys):
    path = tmp_path / "net.onnx"
    path.write_bytes(
        model(
            "a = LRN <size=3> (x) y = Einsum <equation='ijk->ikj'> (a)".replace("'", '"')
        ).SerializeToString()
    )
    assert run(["build", str(path), "-o", str(tmp_path / "net")]) == 3
    error = capsys.readouterr().err
    assert "(LRN) is not supported" in error
    assert "(Einsum) is not supported" in error
    assert error.count("\n") == 1
