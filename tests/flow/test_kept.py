"""What is said of a network's own quantisers, and what is done with them when asked."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hwgen.cli.main import run
from hwgen.quantized import QuantizedModel
from tests.importers.onnx.models import model
from tests.importers.onnx.qonnx import Net
from tests.importers.onnx.test_quantised import stack


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(stack().SerializeToString())
    return path


def said(capsys, *arguments):
    code = run([*map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_inspect_says_what_is_kept(file, capsys):
    code, text = said(capsys, "inspect", file)
    assert code == 0
    assert "kept: weights of 3 layers as trained: 4 bits (conv_2, conv_7, gemm_11)" in text
    assert "kept: steps and ranges of 3 quantisers of values: 4 bits (quant_4), 5 bits (" in text
    assert "calibration chooses" not in text


def test_quantize_keeps_them(file, tmp_path, capsys):
    out = tmp_path / "model.json"
    code, text = said(capsys, "quantize", file, "-o", out, "--input-scale", 1, "--full-scale", 4)
    assert code == 0
    assert "kept: weights of 3 layers as trained: 4 bits" in text
    ops = QuantizedModel.from_json(json.loads(out.read_text())).ops
    assert [op.weight_bits for op in ops if op.op == "conv1d"] == [4, 4]
    assert [op.even for op in ops if op.op == "conv1d"] == [True, True]


def test_a_gain_is_said_with_what_it_costs(file, tmp_path, capsys):
    out = tmp_path / "model.json"
    code, text = said(capsys, "quantize", file, "-o", out, "--input-scale", 0.7)
    assert code == 0
    assert "need a multiplication, a layer of its own: direct_gain" in text
    assert "values are off by at most 0.00" in text
    assert "of a step (direct_gain)" in text


@pytest.mark.parametrize("option", [("--qat",), ("--max-drop", "1")])
def test_options_that_change_integers_are_refused(file, tmp_path, capsys, option):
    out = tmp_path / "model.json"
    code, text = said(capsys, "quantize", file, "-o", out, *option)
    assert code == 3
    assert f"error: {option[0]} changes widths or weights, and net was trained with its" in text
    assert "--quantizers drop" in text
    assert not out.exists()


def test_quantisers_are_dropped_when_asked(file, tmp_path, capsys):
    out = tmp_path / "model.json"
    code, text = said(capsys, "quantize", file, "-o", out, "--quantizers", "drop")
    assert code == 0
    assert "a network of floats: the quantisers of the file are dropped (6 layers)" in text
    assert "kept:" not in text
    ops = QuantizedModel.from_json(json.loads(out.read_text())).ops
    assert [op.weight_bits for op in ops if op.op == "conv1d"] == [8, 8]
    assert not ops[1].out.signed  # the first quantiser of values without signs was a ReLU


def test_dropping_is_not_for_files_without_quantisers(tmp_path, capsys):
    path = tmp_path / "plain.onnx"
    made = model("a = Flatten (x) y = Gemm (a, v, c)", v=(120, 4), c=(4,))
    path.write_bytes(made.SerializeToString())
    code, text = said(capsys, "inspect", path, "--quantizers", "drop")
    assert code == 0
    assert "--quantizers drop does nothing" in text
    other = tmp_path / "net.npz"
    np.savez(other, weight=np.ones(3))
    code, text = said(capsys, "inspect", other, "--quantizers", "drop")
    assert code == 3
    assert "leave --quantizers out" in text


def test_what_is_not_quantised_is_named(tmp_path, capsys):
    net = Net((1, 1, 32))
    x = net.add("Relu", net.conv(net.quant("x", 2.0**-5), 4, 1, 2.0**-3))
    x = net.add("Flatten", net.add("Conv", x, net.constant(net.rng.normal(size=(3, 4, 3)))))
    path = tmp_path / "net.onnx"
    made = net.model(net.dense(x, 3, 84, 2.0**-4))
    path.write_bytes(made.SerializeToString())
    code, text = said(capsys, "inspect", path)
    assert code == 0
    assert "weights of 1 layer are not quantised in the file; hwgen chooses their int" in text
    assert "values of 2 layers are not quantised in the file; calibration chooses" in text


@pytest.mark.parametrize(("command", "expected"), [("inspect", 4), ("quantize", 3)])
def test_refusals_have_the_exit_code_of_what_was_asked(tmp_path, capsys, command, expected):
    """To look at what cannot be done is no fault of the file; to do it is."""
    net = Net((1, 1, 32))
    path = tmp_path / "net.onnx"
    path.write_bytes(net.model(net.quant("x", 1.0, 24)).SerializeToString())
    where = ("-o", tmp_path / "model.json") if command == "quantize" else ()
    code, text = said(capsys, command, path, *where)
    assert code == expected
    assert "quant_0 (Quant) integers of a quantiser of values must have at most 16 bits" in text
