"""ONNX files: damaged, hostile, of other versions, and with tensors beside them."""

from __future__ import annotations

import contextlib

import numpy as np
import onnx
import pytest

from hwgen import importers
from hwgen.errors import InputError
from tests.importers.onnx.models import check, loaded, model
from tests.importers.onnx.test_ops import W


def plain(**fields):
    nodes = "a = Conv (x, w) b = Flatten (a) y = Gemm (b, v, c)"
    return model(nodes, w=W, v=(185, 4), c=(4,), **fields)


@pytest.mark.parametrize("opset", range(7, 25))
def test_operator_sets(tmp_path, opset):
    assert check(tmp_path, plain(opset=opset)).network.logits == 4


@pytest.mark.parametrize("opset", [1, 6, 25, 99])
def test_other_operator_sets_are_refused(tmp_path, opset):
    made = plain()
    made.opset_import[0].version = opset
    with pytest.raises(InputError, match=rf"opset must be 7 to 24, not {opset}; export with"):
        loaded(tmp_path, made)


def test_any_number_of_windows(tmp_path):
    network = check(tmp_path, plain(shape=("windows", 3, 40))).network
    assert (network.channels, network.input_samples, network.name) == (3, 40, "net")


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((8, 3, 40), "must take one window, or any number, not 8"),
        ((1, 3, "length"), r"all sizes but the first known, not \(1, 3, length\)"),
        ((40,), r"must have the shape \(windows, \.\.\., samples\)"),
        ((1, 2, 3, 40), "must be samples of 1 to 256 channels"),
        ((1, 400, 500), "must be samples of 1 to 256 channels"),
        ((1, 1), "must be samples of 1 to 256 channels"),
    ],
)
def test_inputs_that_are_no_samples(tmp_path, shape, says):
    with pytest.raises(InputError, match=says):
        loaded(tmp_path, model("y = Relu (x)", shape=shape))


def test_inputs_of_other_kinds_and_numbers(tmp_path):
    two = plain()
    two.graph.input.add().CopyFrom(two.graph.input[0])
    two.graph.input[1].name = "z"
    with pytest.raises(InputError, match=r"must have one input, the samples, not 2 \(x, z\)"):
        loaded(tmp_path, two)
    whole = model("a = Cast <to=1> (x) y = Relu (a)")
    whole.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.INT32
    with pytest.raises(InputError, match="input x must be of floats, not int32"):
        loaded(tmp_path, whole)


def test_weights_may_stand_among_the_inputs(tmp_path):
    made = plain()
    for tensor in made.graph.initializer:
        made.graph.input.append(
            onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        )
    check(tmp_path, made)


def test_double_and_half_precision(tmp_path):
    for kind in (np.float64, np.float16):
        made = plain()
        for value in (*made.graph.initializer, made.graph.input[0], made.graph.output[0]):
            code = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(kind))
            if hasattr(value, "type"):
                value.type.tensor_type.elem_type = code
            else:
                array = onnx.numpy_helper.to_array(value).astype(kind)
                value.CopyFrom(onnx.numpy_helper.from_array(array, value.name))
        assert loaded(tmp_path, made).network.logits == 4


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_off(tmp_path, keep):
    data = plain().SerializeToString()
    path = tmp_path / "net.onnx"
    path.write_bytes(data[: int(keep * len(data))])
    with pytest.raises(InputError, match=r"net\.onnx") as caught:
        importers.load(path)
    assert "\n" not in str(caught.value)


def test_damaged_bytes_are_read_or_refused(tmp_path):
    data, rng = plain().SerializeToString(), np.random.default_rng(5)
    path = tmp_path / "net.onnx"
    for _ in range(200):
        spoilt = bytearray(data)
        for place in rng.integers(0, len(data), 4):
            spoilt[place] = rng.integers(256)
        path.write_bytes(bytes(spoilt))
        with contextlib.suppress(InputError):
            importers.load(path)


@pytest.mark.parametrize("content", [b"\x08", b"\x08\x07", b"\x08\x07:\xff\xff\x03"])
def test_what_is_no_model(tmp_path, content):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    with pytest.raises(
        InputError, match=r"net\.onnx (is no ONNX file|must have a graph|is no check)"
    ):
        importers.load(path)


def test_a_model_is_known_by_its_bytes_too(tmp_path):
    path = tmp_path / "network"
    path.write_bytes(plain().SerializeToString())
    assert importers.load(path).network.logits == 4


def test_a_graph_that_breaks_a_rule(tmp_path):
    made = plain()
    made.graph.node[0].input[1] = "nowhere"
    with pytest.raises(InputError, match="breaks a rule of ONNX: Nodes in a graph must be topolog"):
        loaded(tmp_path, made)


def test_functions_of_the_model_s_own(tmp_path):
    made = plain()
    relu = onnx.helper.make_node("Relu", ["p"], ["q"])
    sets = [onnx.helper.make_opsetid("", 18)]
    made.functions.append(onnx.helper.make_function("mine", "Curve", ["p"], ["q"], [relu], sets))
    made.opset_import.add(domain="mine", version=1)
    curve = onnx.helper.make_node("Curve", ["a"], ["d"], domain="mine")
    made.graph.node.insert(1, curve)
    made.graph.node[2].input[0] = "d"
    assert [layer.op for layer in check(tmp_path, made).network.layers][2] == "relu"


# Tensors beside the file.


def outside(made: onnx.ModelProto, location: str, **fields: int) -> onnx.ModelProto:
    """Return the model with its first tensor said to be in another file."""
    tensor = made.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    size = len(tensor.raw_data)
    tensor.ClearField("raw_data")
    for key, value in {"location": location, "offset": 0, "length": size, **fields}.items():
        tensor.external_data.add(key=key, value=str(value))
    return made


def test_tensors_beside_the_file(tmp_path):
    made = plain()
    onnx.save(made, tmp_path / "net.onnx", save_as_external_data=True, size_threshold=0,
              location="weights.bin")  # fmt: skip
    assert importers.beside(tmp_path / "net.onnx") == ((tmp_path / "weights.bin").resolve(),)
    network = importers.load(tmp_path / "net.onnx").network
    expected = loaded(tmp_path, plain()).network
    assert network.to_json() == expected.to_json()
    assert importers.beside(tmp_path / "net.onnx") == ()
    for name in ("weights.bin", ""):  # of another kind, and a folder
        assert importers.beside(tmp_path / name) == ()


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("/etc/passwd", "must lie in the model's folder, not at '/etc/passwd'"),
        ("../secret", "must lie in the model's folder"),
        ("a/../../secret", "must lie in the model's folder"),
        ("C:\\secret", "must lie in the model's folder"),
        ("link", "must lie in the model's folder"),
        ("", "must lie in the model's folder"),
        (".", "must lie in the model's folder"),
        ("nothing.bin", "is kept in nothing.bin, which is not there"),
        ("short.bin", "short.bin must have at least 240 bytes, not 3; copy it again"),
    ],
)
def test_tensors_that_are_elsewhere(tmp_path, location, says):
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(bytes(4096))
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "short.bin").write_bytes(b"abc")
    path = folder / "net.onnx"
    path.write_bytes(outside(plain(), location).SerializeToString())
    with pytest.raises(InputError) as caught:
        importers.load(path)
    assert says in str(caught.value)
    assert importers.beside(path) == ()


@pytest.mark.parametrize(
    "fields",
    [{"offset": -5}, {"offset": -5, "length": 8}, {"length": "x"}, {"offset": 1 << 62}],
)
def test_places_in_the_other_file_that_there_are_not(tmp_path, fields):
    (tmp_path / "w.bin").write_bytes(bytes(240))
    with pytest.raises(InputError, match=r"net\.onnx"):
        loaded(tmp_path, outside(plain(), "w.bin", **fields))


def test_tensors_with_other_sizes_than_they_say(tmp_path):
    made = plain()
    made.graph.initializer[0].dims[0] = 6
    with pytest.raises(InputError, match=r"net\.onnx"):
        loaded(tmp_path, made)


def test_layers_are_called_by_letters_that_every_tool_takes(tmp_path):
    made = model("a = Conv (x, w) y = Relu (a)", w=W)
    made.graph.node[0].name = "卷积/é 1"
    assert [layer.name for layer in loaded(tmp_path, made).network.layers][1] == "conv_1"


# What the user says beside it.


def test_the_order_of_the_outputs(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(plain().SerializeToString())
    x = np.random.default_rng(1).normal(size=(5, 3, 40))
    as_it_is = importers.load(path).network.run(x)
    turned = importers.load(path, outputs=(2, 0, 3, 1)).network.run(x)
    np.testing.assert_allclose(turned, as_it_is[:, [2, 0, 3, 1]])
    with pytest.raises(InputError, match="--outputs must be each of the network's outputs 0 to 3"):
        importers.load(path, outputs=(0, 1))


def test_what_the_graph_says_itself(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(plain().SerializeToString())
    geometry = importers.Geometry(stride=2)
    with pytest.raises(InputError, match="says all of its network; leave --stride, --weights-from"):
        importers.load(path, geometry=geometry, weights_from="ema")


# What outputs are taken for.


@pytest.mark.parametrize(
    ("nodes", "more", "kinds", "note"),
    [
        ("a = Flatten (x) y = Gemm (a, w)", {"w": (120, 4)}, ["class"], "is a class, one of 4"),
        ("a = Flatten (x) y = Gemm (a, w)", {"w": (120, 1)}, ["values"], "output y is values"),
        ("a = Flatten (x) b = Gemm (a, w) y = Relu (b)", {"w": (120, 4)}, ["values"], "is values"),
        ("y = Conv <pads=[1,1]> (x, w)", {"w": (3, 3, 3)}, ["values"], "output y is values"),
        ("a = Conv (x, w) y = GlobalAveragePool (a)", {"w": W}, ["class"], "one of 5"),
    ],
)  # fmt: skip
def test_what_outputs_are_taken_for(tmp_path, nodes, more, kinds, note):
    checkpoint = check(tmp_path, model(nodes, **more))
    assert [output.kind for output in checkpoint.network.graph.outputs] == kinds
    assert any(note in each for each in checkpoint.notes)


def test_quantised_weights_of_a_recurrent_layer_are_said_not_to_be_kept(tmp_path):
    nodes = (
        "a = Transpose <perm=[2,0,1]> (x) w = DequantizeLinear (q, s)"
        " b, c = LSTM <hidden_size=2> (a, w, r) d = Squeeze (c, n) y = Gemm (d, v)"
    )
    integers = np.random.default_rng(1).integers(-127, 127, (1, 8, 3)).astype(np.int8)
    tensors = {"q": integers, "s": np.array(0.01, np.float32), "r": (1, 8, 2), "v": (2, 4)}
    checkpoint = check(tmp_path, model(nodes, n=np.array([0]), **tensors))
    (note,) = [each for each in checkpoint.notes if "quantised in the file" in each]
    assert "LSTM are quantised in the file and are not kept so" in note


def test_a_class_and_values(tmp_path):
    nodes = "a = Flatten (x) b = Gemm (a, w) z = Relu (b) c = Gemm (z, v) y = Softmax (c)"
    checkpoint = loaded(tmp_path, model(nodes, outputs="z,y", w=(120, 4), v=(4, 3)))
    outputs = checkpoint.network.graph.outputs
    assert [output.kind for output in outputs] == ["values", "class"]
    assert checkpoint.notes[-1] == "output z is values"


@pytest.mark.parametrize("cut", [True, False], ids=["gates of an LSTM", "weights in two parts"])
def test_constants_of_any_size_are_worked_out(tmp_path, cut):
    lstm = (
        "a = Slice (g, s, m, s) b = Slice (g, m, e, s) c = Concat <axis=0> (b, a)"
        " w = Unsqueeze (c, s) d = Transpose <perm=[2,0,1]> (x)"
        " f, h = LSTM <hidden_size=32> (d, w, r) k = Squeeze (h, s) y = Gemm (k, v)"
    )
    normed = "a = ReduceL2 <axes=[1, 2]> (g) b = Div (g, a) w = Mul (b, m) y = Conv (x, w)"
    half = np.array([64], np.int64)
    made = (
        model(lstm, (1, 80, 100), g=(128, 80), r=(1, 128, 32), v=(32, 4), m=half, e=2 * half,
              s=np.array([0], np.int64))
        if cut
        else model(normed, (1, 40, 60), opset=17, g=(50, 40, 7), m=(50, 1, 1))
    )  # fmt: skip
    check(tmp_path, made)


def test_constants_that_are_not_worked_out_are_said_to_be_so(tmp_path):
    made = model("a, b = Split <axis=0, num_outputs=2> (w) y = Conv (x, a)", w=(10, 3, 4))
    with pytest.raises(InputError, match="is made of constants alone"):
        loaded(tmp_path, made)


def test_many_functions_behind_each_other(tmp_path):
    steps = " ".join(f"a{n + 1} = Tanh (a{n})" for n in range(1500))
    found = loaded(tmp_path, model(f"a0 = Conv (x, w) {steps} y = Relu (a1500)", w=W))
    assert len(found.network.layers) > 1500


def test_a_window_that_no_memory_holds(tmp_path):
    with pytest.raises(InputError, match=r"at most 16,777,216 samples a window"):
        loaded(tmp_path, model("y = Conv (x, w)", (1, 3, 1 << 40), w=W))
