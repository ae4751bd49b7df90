"""What cannot be made part of a network is named, all of it, with what would do."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from hwgen.errors import InputError, NodesError
from tests.importers.onnx.models import loaded, model
from tests.importers.onnx.test_ops import FLAT, B, W, groups, ints, singles

ROW = (
    "row_c = Conv (x, w) row_a = Flatten (x) row_b = Flatten (row_c)"
    " row = Concat <axis=1> (row_a, row_b)"
)
"""Flattened values of 3 channels of 40 positions and of 5 of 37, side by side."""

REFUSED: dict[str, tuple[str, dict, str]] = {
    "matrix product of values": (
        "a = Transpose <perm=[0,2,1]> (x) y = MatMul (x, a)", {}, "attention is not supported",
    ),
    "quotient of values": (
        "a = Conv <pads=[1,1]> (x, w) y = Div (x, a)", {"w": (3, 3, 3)}, "div of two values",
    ),
    "maximum of values": (
        "a = Conv <pads=[1,1]> (x, w) y = Max (x, a)", {"w": (3, 3, 3)}, "max of two values",
    ),
    "channels times positions": (
        "a = Transpose <perm=[0,2,1]> (x) b = Conv (a, w) y = Mul (x, b)",
        {"shape": (1, 3, 3), "w": (3, 3, 1)}, "",
    ),
    "channels times channels": (
        "a = GlobalAveragePool (x) b = Transpose <perm=[0,2,1]> (a) y = Mul (a, b)", {},
        "table of channels by channels",
    ),
    "repeated for nobody": (
        "a = GlobalAveragePool (x) b = Expand (a, s) y = Conv (b, w)",
        {"s": ints(1, 3, 40), "w": W}, "numbers that are repeated",
    ),
    "repeated beyond what it is added to": (
        "a = GlobalAveragePool (x) b = Expand (a, s) c = GlobalMaxPool (x) y = Add (b, c)",
        {"s": ints(1, 3, 40)}, "that no value has",
    ),
    "repeated beside itself": (
        "a = GlobalAveragePool (x) b = Expand (a, s) c = Sigmoid (a) y = Add (c, b)",
        {"s": ints(1, 3, 40)}, "that no value has",
    ),
    "repeated, then in another shape": (
        "a = GlobalAveragePool (x) b = Expand (a, s) y = Flatten (b)",
        {"s": ints(1, 3, 40)}, "numbers that are repeated",
    ),
    "transposed convolution with gaps": (
        "y = ConvTranspose <dilations=[2]> (x, w)", {"w": (3, 5, 4)}, "without dilation",
    ),
    "transposed convolution of which little is left": (
        "y = ConvTranspose <pads=[4, 0]> (x, w)", {"w": (3, 5, 4)}, "fewer outputs than its 4 taps",
    ),
    "interpolated": (
        'y = Resize <mode="linear"> (x, , s)', {"s": np.array([1, 1, 2], dtype=np.float32)},
        "must repeat positions",
    ),
    "repeated one and a half times": (
        'y = Resize <mode="nearest"> (x, , s)', {"s": np.array([1, 1, 1.5], dtype=np.float32)},
        "a whole number",
    ),
    "mean over half of the channels": (
        "a = Reshape (x, s) y = ReduceMean (a, n)", {"s": ints(1, 3, 5, 8), "n": ints(2)},
        "cuts channels or positions apart",
    ),
    "rows of channels": (
        "a = Reshape (x, s) b = Transpose <perm=[1,0,2]> (a) y = LSTM <hidden_size=2> (b, w, r)",
        {"s": ints(1, 20, 6), "w": (1, 8, 6), "r": (1, 8, 2)},
        "not a value of (3, 40) in the shape (20, 1, 6)",
    ),
    "rows of rows": (
        "a = Reshape (x, s) y = MatMul (a, w)",
        {"shape": (1, 1, 24), "s": ints(1, 3, 2, 4), "w": (4, 5)},
        "cuts channels or positions apart",
    ),
    "positions mixed": ("y = MatMul (x, w)", {"w": (40, 4)}, "mixes positions"),
    "positions of other channels": (
        "a = Conv (x, w) y = Concat <axis=2> (x, a)", {"w": (1, 3, 1)}, "as many channels",
    ),
    "channels cut apart": (
        "a = Reshape (x, s) y = Conv (a, w)", {"s": ints(1, 6, 20), "w": (5, 6, 3)},
        "a value of (3, 40) in the shape (1, 6, 20)",
    ),
    "wrapped padding": (
        'a = Pad <mode="reflect"> (x, p) y = Conv (a, w)',
        {"p": ints(0, 0, 2, 0, 0, 2), "w": W}, "with zeros, not by reflect",
    ),
    "padding of ones": (
        "a = Pad (x, p, o) y = Conv (a, w)",
        {"p": ints(0, 0, 2, 0, 0, 2), "o": np.array(1, np.float32), "w": W}, "not with 1",
    ),
    "padding of channels and positions in one": (
        "a = Flatten (x) b = Pad (a, p) y = Gemm (b, w)", {"p": ints(0, 1, 0, 0), "w": (121, 3)},
        "nowhere else",
    ),
    "padding of channels that is negative": (
        "y = Pad (x, p)", {"p": ints(0, -1, 0, 0, 1, 0)}, "nowhere else",
    ),
    "ones beside channels": (
        "y = Concat <axis=1> (x, o)", {"o": np.ones((1, 2, 40), np.float32)},
        "must put zeros beside a value, no other constants",
    ),
    "zeros between channels": (
        "y = Concat <axis=1> (x, z, x)", {"z": np.zeros((1, 2, 40), np.float32)},
        "not between them",
    ),
    "zeros behind positions": (
        "y = Concat <axis=2> (x, z)", {"z": np.zeros((1, 3, 4), np.float32)},
        "around positions or channels",
    ),
    "zeros of fewer positions": (
        "y = Concat <axis=1> (x, z)", {"z": np.zeros((1, 3, 4), np.float32)}, "zeros of the shape",
    ),
    "padding before a ReLU": ("a = Pad (x, p) y = Relu (a)", {"p": ints(0, 0, 2, 0, 0, 0)},
                              "zeros that are put around"),
    "uneven means": (
        "y = AveragePool <kernel_shape=[3], pads=[0, 1]> (x)", {}, "on the left as on",
    ),
    "pooling with a rest": (
        "y = AveragePool <kernel_shape=[3], strides=[3], ceil_mode=1> (x)", {}, "last 1 positions",
    ),
    "padding that does not count": (
        "y = AveragePool <kernel_shape=[4], pads=[1, 1]> (x)", {}, "count_include_pad",
    ),
    "dilated pooling": ("y = MaxPool <kernel_shape=[3], dilations=[2]> (x)", {}, "dilation"),
    "two axes": (
        "a = Unsqueeze (x, n) y = Conv <pads=[1,1,1,1]> (a, w)", {"n": ints(2), "w": (5, 3, 3, 4)},
        "along one axis",
    ),
    "statistics of the batch": (
        "y = BatchNormalization <training_mode=1> (x, g, b, m, v)",
        {"g": (3,), "b": (3,), "m": (3,), "v": singles(1, 1, 1)}, "model.eval()",
    ),
    "a constant a position, several channels": (
        "y = Add (x, c)", {"c": (1, 1, 40)}, "one constant a channel",
    ),
    "statistics of positions": (
        "y = BatchNormalization (x, g, b, m, v)",
        {"g": (40,), "b": (40,), "m": (40,), "v": singles(*range(1, 41))}, "must read 40 channels",
    ),
    "slopes of positions": ("y = PRelu (x, s)", {"s": (3, 40)}, "one constant a channel"),
    "slopes that are not finite": (
        "y = PRelu (x, s)", {"s": singles(1, np.inf, 1).reshape(3, 1)}, "finite constants",
    ),
    "unknown function": (
        "a = Conv (x, w) b = Exp (a) c = Mul (a, b) y = Conv (c, v)",
        {"w": W, "v": (2, 5, 3)}, "must be one of the functions sigmoid, tanh",
    ),
    "every second of all": (
        "a = Flatten (x) y = Slice (a, s, e, i, t)",
        {"s": ints(0), "e": ints(40), "i": ints(1), "t": ints(2)}, "not both in one axis",
    ),
    "every second channel of many": (
        "y = Slice (x, s, e, a, t)",
        {"shape": (1, 130, 200), "s": ints(0), "e": ints(130), "a": ints(1), "t": ints(2)},
        "at most 64 pieces, not 65",
    ),
    "every second position of what is padded": (
        "a = Pad (x, p) b = Slice (a, s, e, i, t) y = Conv (b, w)",
        {"p": ints(0, 0, 2, 0, 0, 0), "s": ints(0), "e": ints(40), "i": ints(2), "t": ints(2),
         "w": W}, "zeros that are put around",
    ),
    "a table of places": (
        "y = Gather <axis=1> (x, n)", {"n": ints(2, 1, 0, 0).reshape(2, 2)}, "one row of places",
    ),
    "a row as an output": (
        ROW.replace("row =", "y ="), {"w": W}, "must be read by a dense layer",
    ),
    "a class of a row": (f"{ROW} y = Softmax (row)", {"w": W}, "must be read by a dense layer"),
    "a part of a row": (
        f"{ROW} y = Slice (row, s, e, i)", {"w": W, "s": ints(0), "e": ints(3), "i": ints(1)},
        "must be read by a dense layer",
    ),
    "a row as channels and positions": (
        f"{ROW} b = Reshape (row, s) y = Conv (b, v)",
        {"w": W, "s": ints(1, 5, -1), "v": (2, 5, 3)}, "must be read by a dense layer",
    ),
    "rows of a row": (
        f"{ROW} b = Reshape (row, s) y = MatMul (b, v)",
        {"w": W, "s": ints(1, 5, -1), "v": (61, 3)}, "must be read by a dense layer",
    ),
    "a mean of a row": (
        f"{ROW} y = ReduceMean (row, n)", {"w": W, "n": ints(1)}, "must be read by a dense layer",
    ),
    "a row and a value": (
        f"{ROW} d = ReduceMean (row_a, n) y = Mul (row, d)", {"w": W, "n": ints(1)},
        "stand side by side with others",
    ),
    "nothing": (
        "y = Slice (x, s, e, a)", {"s": ints(5), "e": ints(5), "a": ints(2)}, "at least one",
    ),
    "softmax inside": (
        "a = Flatten (x) b = Gemm (a, w) c = Softmax (b) y = Gemm (c, v)",
        {"w": (120, 4), "v": (4, 2)}, "what a softmax or an arg-max gives",
    ),
    "softmax over positions": ("y = Softmax <axis=2> (x)", {}, "all numbers of a window"),
    "a function of a softmax": (
        "a = Flatten (x) b = Gemm (a, w) c = Softmax (b) y = Neg (c)", {"w": (120, 4)},
        "what a softmax or an arg-max gives",
    ),
    "a softmax times itself": (
        "a = Flatten (x) b = Gemm (a, w) c = Softmax (b) y = Mul (c, c)", {"w": (120, 4)},
        "what a softmax or an arg-max gives",
    ),
    "a step between limits": (
        "a = Conv (x, w) b = Sub (a, half) c = Sign (b) d = Exp (c) y = Conv (d, v)",
        {"w": W, "v": (2, 5, 3), "half": singles(0.5)}, "must be one of the functions",
    ),
    "dropout that drops": (
        "y = Dropout (x, r, t)", {"r": np.array(0.5, np.float32), "t": np.array(True)},
        "training_mode",
    ),
    "statistics of the window": (
        "m = ReduceMean <keepdims=0> (x, a) y = BatchNormalization (x, g, b, m, v)",
        {"a": ints(0, 2), "g": (3,), "b": (3,), "v": singles(1, 1, 1)}, "of the window itself",
    ),
    "one of two values": (
        "a = Conv <pads=[1,1]> (x, w) b = Greater (a, x) y = Where (b, a, x)", {"w": (3, 3, 3)},
        "between a value and zero",
    ),
    "one of two values, repeated": (
        "a = GlobalAveragePool (x) b = Greater (a, t) y = Where (b, a, z)",
        {"t": singles(0), "z": np.zeros((1, 3, 40), np.float32)}, "not repeat it",
    ),
    "a number that is not there": (
        "y = Gather <axis=2> (x, n)", {"n": ints(39, 40)}, "numbers 0 to 39, not 39 to 40",
    ),
    "groups beyond the end": (
        "a = Transpose <perm=[2,0,1]> (x) b = GatherND (a, n) y = ReduceMean (b, k)",
        {"n": groups(4, 10, 10) + 40, "k": ints(1)}, "numbers 0 to 39",
    ),
    "groups of several sizes": (
        "a = Transpose <perm=[2,0,1]> (x) b = GatherND (a, n) y = ReduceMean (b, k)",
        {"n": groups(4, 9, 9) + ints(0, 0, 1, 2).reshape(-1, 1, 1), "k": ints(1)},
        "number of positions that divides",
    ),
    "groups of channels": (
        "a = Transpose <perm=[1,0,2]> (x) b = GatherND (a, n) y = ReduceMean (b, k)",
        {"n": groups(2, 2, 1), "k": ints(1)}, "groups of positions, and nothing else",
    ),
    "groups without a mean": (
        "a = Transpose <perm=[2,0,1]> (x) b = GatherND (a, n) c = Slice (b, s, e, k) y = Relu (c)",
        {"n": groups(4, 10, 10), "s": ints(0), "e": ints(1), "k": ints(3)},
        "the mean or the maximum",
    ),
    "groups as an output": (
        "a = Transpose <perm=[2,0,1]> (x) y = GatherND (a, n)", {"n": groups(4, 10, 10)},
        "the mean or the maximum",
    ),
    "whole numbers": ("a = Cast <to=7> (x) y = Cast <to=1> (a)", {}, "no whole numbers"),
    "axes in no order": ("y = Transpose <perm=[0,2,2]> (x)", {}, "each of 3 axes once"),
    "a huge constant": (
        "a = ConstantOfShape (s) b = ReduceMean <keepdims=0> (a) y = Add (x, b)",
        {"s": ints(1 << 20, 1 << 20)}, "must make at most 16,777,216 numbers",
    ),
    "a part of what is padded": (
        "a = Pad (x, p) b = Slice (a, s, e, i) y = Conv (b, w)",
        {"p": ints(0, 0, 2, 0, 0, 0), "s": ints(0), "e": ints(40), "i": ints(2), "w": W},
        "zeros that are put around",
    ),
    "a recurrent layer that begins with something": (
        "a = Transpose <perm=[2,0,1]> (x) y = LSTM <hidden_size=2> (a, w, r, , , h)",
        {"w": (1, 8, 3), "r": (1, 8, 2), "h": (1, 1, 2)}, "begin with a state of zeros",
    ),
    "a recurrent layer with other functions": (
        'a = Transpose <perm=[2,0,1]> (x) y = GRU <hidden_size=2, linear_before_reset=1,'
        ' activations=["HardSigmoid","Tanh"]> (a, w, r)',
        {"w": (1, 6, 3), "r": (1, 6, 2)}, "must have the functions",
    ),
    "a reset before the product": (
        "a = Transpose <perm=[2,0,1]> (x) y = GRU <hidden_size=2> (a, w, r)",
        {"w": (1, 6, 3), "r": (1, 6, 2)}, "reset_after=True in Keras",
    ),
    "a recurrent layer over channels": (
        "a = Transpose <perm=[1,0,2]> (x) y = LSTM <hidden_size=2> (a, w, r)",
        {"w": (1, 8, 40), "r": (1, 8, 2)}, "must read (positions, windows, channels)",
    ),
    "peepholes": (
        "a = Transpose <perm=[2,0,1]> (x) y = LSTM <hidden_size=2> (a, w, r, , , , , p)",
        {"w": (1, 8, 3), "r": (1, 8, 2), "p": (1, 6)}, "no peepholes",
    ),
    "the state of an LSTM": (
        "a = Transpose <perm=[2,0,1]> (x) b, c, y = LSTM <hidden_size=2> (a, w, r)",
        {"w": (1, 8, 3), "r": (1, 8, 2)}, "must depend on the samples",
    ),
    "a network of the state of an LSTM": (
        "a = Transpose <perm=[2,0,1]> (x) b, c, d = LSTM <hidden_size=2> (a, w, r)"
        " e = Concat <axis=2> (c, d) f = Squeeze (e, n) y = Gemm (f, v)",
        {"w": (1, 8, 3), "r": (1, 8, 2), "n": ints(0), "v": (4, 3)}, "not its state (Y_c)",
    ),
    "a state of other sizes than the output": (
        "a = Transpose <perm=[2,0,1]> (x) y = LSTM <hidden_size=2> (a, w, r, , , h, c)",
        {"w": (1, 8, 3), "r": (1, 8, 2), "h": np.zeros((1, 1, 2), np.float32),
         "c": np.zeros((1, 1, 5), np.float32)},
        "has (2), not of the shape (1, 1, 5): no projection",
    ),
    "a recurrent layer over some positions": (
        "a = Transpose <perm=[2,0,1]> (x) y = LSTM <hidden_size=2> (a, w, r, , n)",
        {"w": (1, 8, 3), "r": (1, 8, 2), "n": np.array([5], np.int32)},
        "must go over all 40 positions",
    ),
    "a range that is too long": (
        "a = Range (zero, many, one) b = ReduceMean <keepdims=0> (a) y = Add (x, b)",
        {"zero": np.array(0, np.float32), "many": np.array(1e12, np.float32),
         "one": np.array(1, np.float32)}, "is not supported",
    ),
    "weights that are not finite": ("y = Conv (x, w)",
                                    {"w": np.full(W, np.nan, np.float32)}, "must be finite"),
    "constants that are not finite": (
        "y = Add (x, c)", {"c": singles(1, np.inf, 1).reshape(3, 1)}, "finite constants",
    ),
    "numbers read as positions": (
        "a = Gemm (x, w) b = Unsqueeze (a, n) y = Conv (b, v)",
        {**FLAT, "w": (12, 6), "n": ints(1), "v": (2, 1, 3)}, "must not read the numbers of",
    ),
    "a convolution of other channels": ("y = Conv (x, w)", {"w": (5, 4, 3)}, "takes (4, length)"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_what_would_do(tmp_path, case):
    nodes, more, says = REFUSED[case]
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, model(nodes, **more))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "net.onnx" in str(caught.value)


def test_all_is_named_once_with_its_node(tmp_path):
    nodes = (
        'a = LRN <size=3> (x) b = Relu (a) c = Conv (b, w) d = Einsum <equation="ijk->ikj"> (x)'
        " e = Softmax <axis=2> (x) f = Relu (d) g = Flatten (f) h = Flatten (c) i = Flatten (e)"
        " y = Concat <axis=1> (g, h, i)"
    )
    made = model(nodes, w=W)
    for node in made.graph.node:
        node.name = f"the_{node.op_type.lower()}"
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, made)
    text = str(caught.value)
    assert "the_lrn (LRN) is not supported; the_einsum (Einsum) is not supported" in text
    assert "the_softmax (Softmax) must go over all numbers of a window" in text
    assert "Relu" not in text


UNKNOWN = {
    "one node": ("b = Exp (a) y = Conv (b, v)", "the_exp (Exp) must be one of the functions sig"),
    "two nodes": (
        "b = Exp (a) c = Log (b) d = Sqrt (c) y = Conv (d, v)",
        "the_sqrt (Sqrt) with what it reads of the_exp (Exp), the_log (Log) must be one of the",
    ),
    "what is known behind it is not named": (
        "b = Exp (a) c = Tanh (b) d = Mul (c, two) y = Conv (d, v)", "the_exp (Exp) must be one",
    ),
    "one side of a product": (
        "b = Exp (a) c = Tanh (a) d = Mul (b, c) y = Conv (d, v)", "the_exp (Exp) must be one",
    ),
    "an output": ("b = Conv (a, v) y = Exp (b)", "the_exp (Exp) must be one of the functions"),
    "read twice": (
        "b = Exp (a) c = Conv (b, v) d = Conv (b, v) y = Add (c, d)", "the_exp (Exp) must be one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNKNOWN)
def test_a_function_that_is_not_known_is_named_itself(tmp_path, case):
    nodes, says = UNKNOWN[case]
    made = model(f"a = Conv (x, w) {nodes}", w=W, v=(2, 5, 3), two=singles(2))
    for node in made.graph.node:
        node.name = f"the_{node.op_type.lower()}"
    with pytest.raises(NodesError) as caught:
        loaded(tmp_path, made)
    text = str(caught.value)
    assert f"has nodes that hwgen cannot do: {says}" in text
    assert text.count("must be") == 1
    for known in ("the_conv", "the_mul", "the_tanh"):
        assert known not in text
    named = [each.name for each in caught.value.survey.nodes if each.reason]
    assert named == [says.split()[0]]


def test_an_op_of_another_domain_is_named_with_it(tmp_path):
    made = model("y = Relu (x)")
    made.opset_import.add(domain="vendor", version=1)
    made.graph.node[0].domain = "vendor"
    with pytest.raises(InputError, match=r"\(vendor\.Relu\) is not supported"):
        loaded(tmp_path, made)


def test_an_output_that_is_no_value_of_the_network(tmp_path):
    with pytest.raises(InputError, match="output y must depend on the samples"):
        loaded(tmp_path, model("z = Relu (x) y = Relu (b)", b=B, outputs="z,y"))


def test_a_sparse_tensor_is_no_tensor_that_is_left_out(tmp_path):
    made = model("y = Conv (x, w, b)", w=W)
    values = numpy_helper.from_array(np.ones(1, np.float32), "b")
    places = numpy_helper.from_array(np.array([2]), "b_places")
    made.graph.sparse_initializer.append(onnx.helper.make_sparse_tensor(values, places, [5]))
    with pytest.raises(
        InputError, match=r"reads b, a tensor of a kind that is not read \(sparse\)"
    ):
        loaded(tmp_path, made)
