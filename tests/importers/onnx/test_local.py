"""Functions that a model brings with it."""

from __future__ import annotations

import onnx
import pytest

from hwgen import importers
from hwgen.errors import InputError
from tests.importers.onnx.models import loaded

ENDS = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid("own", 1)]


def function(name, *calls):
    names = ["x", *(f"v{n}" for n in range(1, len(calls))), "y"]
    nodes = [
        onnx.helper.make_node(call, [a], [b], domain="own" if call != "Relu" else "")
        for call, a, b in zip(calls, names, names[1:], strict=False)
    ]
    return onnx.helper.make_function("own", name, ["x"], ["y"], nodes, ENDS)


def model(*functions):
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 2, 8]) for name in "xy"
    ]
    node = onnx.helper.make_node(functions[-1].name, ["x"], ["y"], domain="own")
    graph = onnx.helper.make_graph([node], "g", ends[:1], ends[1:])
    return onnx.helper.make_model(graph, opset_imports=ENDS, functions=functions, ir_version=9)


def test_they_are_written_out(tmp_path):
    made = model(function("one", "Relu"), function("two", "one", "one"))
    network = loaded(tmp_path, made).network
    assert [layer.op for layer in network.layers] == ["direct", "relu"]


def test_functions_that_double_are_refused_at_once(tmp_path):
    first = function("f0", "Relu")
    many = [function(f"f{n}", f"f{n - 1}", f"f{n - 1}") for n in range(1, 41)]
    with pytest.raises(InputError, match="at most 100,000 nodes with its functions' own"):
        loaded(tmp_path, model(first, *many))


def test_functions_that_call_themselves_are_refused(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(model(function("f", "g"), function("g", "f")).SerializeToString())
    with pytest.raises(InputError):
        importers.load(path)


def test_a_class_of_too_many_numbers_is_refused(tmp_path):
    made = model(function("one", "Relu"))
    del made.functions[:]
    del made.graph.node[:]
    names = [f"v{n}" for n in range(12)]
    made.graph.node.extend(
        onnx.helper.make_node("Concat", [a, a], [b], axis=1)
        for a, b in zip(["x", *names], names, strict=False)
    )
    made.graph.node.append(onnx.helper.make_node("GlobalAveragePool", [names[-1]], ["y"]))
    made.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 8192
    made.graph.output[0].type.tensor_type.shape.dim[2].dim_value = 1
    with pytest.raises(InputError, match="at most 4,096 numbers that tell a class, not of 8,192"):
        loaded(tmp_path, made)
