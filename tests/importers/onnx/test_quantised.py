"""Networks that were trained with quantisers: their integers are kept, to the bit."""

from __future__ import annotations

from functools import partial

import numpy as np
import onnx
import pytest

from hwgen.errors import InputError
from hwgen.network.ops.conv1d import Conv1d
from hwgen.passes import canonical
from hwgen.quantized import Precision
from hwgen.quantized.make import uncalibrated
from tests.importers.onnx.qonnx import DOMAINS, Net, compared, loaded

IN, OUT = 2.0**-5, 2.0**-3


def stack(net=None, *, weights=2.0**-3, bits=4, norm=False, gain=None, bias=None, **quant):
    """A convolution stack as Brevitas exports it, three classes at its end."""
    net = net or Net((1, 1, 64))
    x = net.quant("x", IN)
    x = net.conv(x, 4, 1, weights, bits=bits, bias=bias)
    x = net.norm(x, 4, gain) if norm else x
    x = net.add("Relu", x)
    x = net.quant(x, OUT, 4, **({"signed": 0} | quant))
    x = net.add("MaxPool", x, kernel_shape=[2], strides=[2])
    x = net.conv(x, 6, 4, 2.0**-3, pads=[1, 1])
    x = net.quant(x, 2.0**-2, 5)
    x = net.add("Flatten", x)
    return net.model(net.dense(x, 3, 6 * 31, 2.0**-4))


def exact(tmp_path, made, **fields):
    """Assert that integers and floats are what the definition says, value for value."""
    network = loaded(tmp_path, made)
    model, found, floats, wanted = compared(network, made, **fields)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(floats, wanted)
    assert len(np.unique(wanted)) > 30
    return network, model


def op_of(model, name):
    return next(node.op for node in model.graph.nodes if node.name.startswith(name))


@pytest.mark.parametrize("nodes", [False, True], ids=["initializers", "constant nodes"])
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain(tmp_path, domain, nodes):
    made = stack(Net((1, 1, 64), domain=domain, constant_nodes=nodes))
    network, model = exact(tmp_path, made)
    first = next(layer for layer in network.layers if isinstance(layer, Conv1d))
    assert first.unit == (2.0**-3,) * 4
    assert op_of(model, "conv").weight_bits == 4
    assert np.abs(op_of(model, "conv").weight).max() == 7


def test_the_integers_of_the_weights_are_those_of_the_file(tmp_path):
    made = stack()
    _, model = exact(tmp_path, made)
    scale, value = 2.0**-3, {each.name: each for each in made.graph.initializer}
    first = next(node for node in made.graph.node if node.op_type == "Conv")
    quant = next(node for node in made.graph.node if node.output[0] == first.input[1])
    latent = onnx.numpy_helper.to_array(value[quant.input[0]])
    wanted = np.round(np.clip(latent / scale, -7, 7))
    np.testing.assert_array_equal(op_of(model, "conv").weight, wanted)


def test_a_scale_a_channel_is_exact_in_wider_weights(tmp_path):
    scales = (2.0 ** -np.arange(2, 6)).reshape(4, 1, 1)
    _, model = exact(tmp_path, stack(weights=scales))
    assert op_of(model, "conv").weight_bits == 4 + 3


@pytest.mark.parametrize("bits", [2, 3, 8, 10])
def test_other_widths(tmp_path, bits):
    exact(tmp_path, stack(weights=2.0 ** (1 - bits), bits=bits))


@pytest.mark.parametrize(
    "mode",
    ["ROUND", "CEIL", "FLOOR", "UP", "DOWN", "ROUND_TO_ZERO", "HALF_UP", "HALF_DOWN", "round"],
)
def test_every_rounding_of_unsigned_values(tmp_path, mode):
    made = stack(mode=mode.upper())
    for node in made.graph.node:
        for each in node.attribute:
            if each.name == "rounding_mode" and each.s == b"ROUND" and mode == "round":
                each.s = b"round"
    if mode == "round":
        assert loaded(tmp_path, made).layers
    else:
        exact(tmp_path, made)


@pytest.mark.parametrize("mode", ["ROUND", "CEIL", "FLOOR"])
def test_roundings_of_signed_values(tmp_path, mode):
    exact(tmp_path, stack(mode=mode, signed=1))


@pytest.mark.parametrize("signed", [0, 1])
def test_a_narrow_range(tmp_path, signed):
    _, model = exact(tmp_path, stack(narrow=1, signed=signed))
    assert any(node.op.op == "table" for node in model.graph.nodes) or signed


@pytest.mark.parametrize("zero", [2.0, 6.0])
def test_a_zero_point(tmp_path, zero):
    exact(tmp_path, stack(zero=zero, signed=0))


def test_biases_with_the_scale_of_the_sums(tmp_path):
    net = Net((1, 1, 64))
    bias = net.quant(net.constant(net.rng.normal(size=4)), IN * 2.0**-3, 16)
    exact(tmp_path, stack(net, bias=bias))


def test_biases_of_floats_move_no_value(tmp_path):
    net = Net((1, 1, 64))
    bias = net.constant([0.3, -0.123, 0.0, 2.0**-8])  # one in the steps of the sums, three not
    exact(tmp_path, stack(net, bias=bias))


def test_a_batch_normalisation_whose_gains_are_powers_of_two(tmp_path):
    _, model = exact(tmp_path, stack(norm=True, gain=0.5))
    assert op_of(model, "conv").weight_bits == 4


def test_a_batch_normalisation_of_any_gain_is_within_a_part_of_a_step(tmp_path):
    net = Net((1, 1, 64))
    x = net.norm(net.conv(net.quant("x", IN), 4, 1, 2.0**-3), 4)
    made = net.model(net.quant(net.add("Relu", x), OUT, 4, signed=0))
    network = loaded(tmp_path, made)
    model, found, floats, wanted = compared(network, made, count=200)
    wanted = wanted.reshape(200, 4, 62).transpose(0, 2, 1).reshape(200, -1)
    apart = np.abs(found - wanted) / OUT
    assert apart.max() <= 1
    assert (apart > 0.5).mean() < 0.002
    assert (np.abs(floats - wanted) > OUT / 2).mean() < 0.0005  # single precision, at halves
    conv = op_of(model, "conv")
    assert conv.weight_bits == 16
    factor = np.gcd.reduce(conv.weight.reshape(4, -1), axis=1).reshape(4, 1, 1)
    assert np.abs(conv.weight / factor).max() <= 7  # the file's integers, times one factor a filter


def test_two_axes_and_a_relu_behind_the_quantiser(tmp_path):
    net = Net((1, 1, 1, 64))
    x = net.quant("x", IN)
    weight = net.weight((4, 1, 1, 3), 2.0**-3)
    x = net.add("Conv", x, weight, kernel_shape=[1, 3])
    x = net.quant(x, OUT, 6)
    x = net.add("Relu", x)
    x = net.add("MaxPool", x, kernel_shape=[1, 2], strides=[1, 2])
    x = net.add("Flatten", x)
    exact(tmp_path, net.model(net.dense(x, 3, 4 * 31, 2.0**-4)))


def test_dense_layers_with_transposed_weights(tmp_path):
    net = Net((1, 64))
    x = net.quant("x", IN)
    weight = net.add("Transpose", net.weight((12, 64), 2.0**-4), perm=[1, 0])
    x = net.add("MatMul", x, weight)
    x = net.add("Add", x, net.constant(net.rng.normal(size=12)))
    x = net.quant(net.add("Relu", x), OUT, 4, signed=0)
    x = net.dense(x, 3, 12, (2.0 ** -np.arange(3, 6)).reshape(3, 1))
    exact(tmp_path, net.model(x))


@pytest.mark.parametrize(
    ("both", "behind"),
    [(True, True), (True, False), (False, True)],  # a sum of what is on no grid is on none
    ids=["three quantisers", "sum as it is", "two quantisers"],
)
def test_a_residual_sum(tmp_path, both, behind):
    net = Net((1, 2, 32))
    x = net.quant("x", IN)
    x = net.quant(net.add("Relu", net.conv(x, 4, 2, 2.0**-3, pads=[1, 1])), OUT, 4, signed=0)
    y = net.conv(x, 4, 4, 2.0**-3, pads=[1, 1])
    if both:
        y = net.quant(y, OUT * 2, 5)
    x = net.add("Add", x, y)
    x = net.quant(x, OUT * 4, 4) if behind else x
    x = net.add("Flatten", x)
    _, model = exact(tmp_path, net.model(net.dense(x, 3, 4 * 32, 2.0**-4)))
    assert any(node.op.op == "add" for node in model.graph.nodes) == both


def test_depthwise_and_grouped_convolutions(tmp_path):
    net = Net((1, 4, 40))
    x = net.quant("x", IN)
    scales = (2.0 ** -np.arange(2, 6)).reshape(4, 1, 1)
    x = net.quant(net.conv(x, 4, 1, scales, group=4), OUT, 6)
    x = net.quant(net.conv(x, 6, 2, 2.0**-3, group=2, dilations=[2]), OUT, 6)
    x = net.add("Flatten", x)
    exact(tmp_path, net.model(net.dense(x, 3, 6 * 34, 2.0**-4)))


@pytest.mark.parametrize("quantised", [True, False])
def test_means_over_all_positions(tmp_path, quantised):
    net = Net((1, 2, 34))
    x = net.quant("x", IN)
    x = net.quant(net.add("Relu", net.conv(x, 4, 2, 2.0**-3)), OUT, 4, signed=0)
    x = net.add("GlobalAveragePool", x)
    x = net.quant(x, 2.0**-4, 8, signed=0) if quantised else x
    x = net.add("Flatten", x)
    exact(tmp_path, net.model(net.dense(x, 40, 4, 2.0**-4)))


@pytest.mark.parametrize("quantised", [True, False])
def test_means_and_maxima_over_channels(tmp_path, quantised):
    net = Net((1, 2, 34))
    x = net.quant("x", IN)
    x = net.quant(net.add("Relu", net.conv(x, 4, 2, 2.0**-3)), OUT, 4, signed=0)
    ends = [net.add(op, x, net.constant([1], np.int64)) for op in ("ReduceMean", "ReduceMax")]
    if quantised:
        ends = [net.quant(each, 2.0**-3, 8, signed=0) for each in ends]
    else:
        ends[0] = net.quant(ends[0], OUT, 6, signed=0)
    x = net.add("Flatten", net.add("Concat", *ends, axis=1))
    exact(tmp_path, net.model(net.dense(x, 3, 2 * 32, 2.0**-4)))


def test_rows_of_what_is_quantised(tmp_path):
    net = Net((1, 1, 64))
    x = net.add("Reshape", net.quant("x", IN), net.constant([1, 16, 4], np.int64))
    x = net.conv(net.add("Transpose", x, perm=[0, 2, 1]), 5, 4, 2.0**-3)
    x = net.quant(x, OUT, 5)
    exact(tmp_path, net.model(net.dense(net.add("Flatten", x), 3, 5 * 14, 2.0**-4)))


def test_a_truncated_mean(tmp_path):
    net = Net((1, 2, 34))
    x = net.quant("x", IN)
    x = net.quant(net.add("Relu", net.conv(x, 4, 2, 2.0**-3)), OUT, 4, signed=0)
    x = net.add("AveragePool", x, kernel_shape=[4], strides=[4])
    x = net.add("Mul", x, net.constant(4.0))
    numbers = [net.constant(each) for each in (OUT, 0.0, 6.0, 4.0)]
    x = net.add("Trunc", x, *numbers, rounding_mode="FLOOR")
    x = net.add("Flatten", x)
    exact(tmp_path, net.model(net.dense(x, 3, 32, 2.0**-4)))


def test_values_side_by_side(tmp_path):
    net = Net((1, 2, 34))
    x = net.quant("x", IN)
    one = net.quant(net.conv(x, 3, 2, 2.0**-3), OUT, 5)
    two = net.quant(net.conv(x, 2, 2, 2.0**-2), OUT, 6)
    x = net.quant(net.add("Concat", one, two, axis=1), 2 * OUT, 4)
    x = net.add("Flatten", x)
    exact(tmp_path, net.model(net.dense(x, 3, 5 * 32, 2.0**-4)))


def test_a_function_behind_which_is_a_quantiser(tmp_path):
    net = Net((1, 2, 34))
    x = net.quant("x", IN)
    x = net.quant(net.conv(x, 3, 2, 2.0**-3), OUT, 7)
    x = net.quant(net.add("Sigmoid", x), 1 / 64, 6, signed=0)
    x = net.add("Flatten", x)
    exact(tmp_path, net.model(net.dense(x, 3, 3 * 32, 2.0**-4)))


def test_weights_of_one_bit(tmp_path):
    net = Net((1, 1, 64))
    x = net.quant("x", IN)
    signs = net.add(
        "BipolarQuant",
        net.constant(net.rng.normal(size=(4, 1, 5))),
        net.constant(0.25),
        domain="",
    )
    x = net.quant(net.add("Relu", net.add("Conv", x, signs)), OUT, 4, signed=0)
    x = net.add("Flatten", x)
    _, model = exact(tmp_path, net.model(net.dense(x, 3, 4 * 60, 2.0**-4)))
    assert set(np.unique(op_of(model, "conv").weight)) == {-1, 1}
    assert op_of(model, "conv").weight_bits == 2


def test_quantised_logits(tmp_path):
    net = Net((1, 1, 32))
    x = net.quant("x", IN)
    x = net.quant(net.add("Relu", net.conv(x, 4, 1, 2.0**-3)), OUT, 4, signed=0)
    x = net.dense(net.add("Flatten", x), 3, 4 * 30, 2.0**-4)
    exact(tmp_path, net.model(net.quant(x, 2.0**-6, 12)))


def test_a_factor_behind_the_last_layer_and_behind_weights(tmp_path):
    net = Net((1, 1, 32))
    x = net.quant("x", IN)
    weight = net.add("Mul", net.weight((4, 1, 3), 1.0), net.constant(0.125))
    x = net.quant(net.add("Relu", net.add("Conv", x, weight)), OUT, 4, signed=0)
    x = net.dense(net.add("Flatten", x), 3, 4 * 30, 2.0**-4)
    exact(tmp_path, net.model(net.add("Mul", x, net.constant(0.5))))


def test_shapes_that_the_network_itself_works_out(tmp_path):
    net = Net((1, 1, 32))
    x = net.quant("x", IN)
    x = net.quant(net.add("Relu", net.conv(x, 4, 1, 2.0**-3)), OUT, 4, signed=0)
    size = net.add("Gather", net.add("Shape", x), net.constant(0, np.int64))
    size = net.add("Unsqueeze", size, net.constant([0], np.int64))
    shape = net.add("Concat", size, net.constant([-1], np.int64), axis=0)
    x = net.add("Reshape", x, shape)
    exact(tmp_path, net.model(net.dense(x, 3, 4 * 30, 2.0**-4)))


def _computed_width(n):
    return n.add("Quant", "x", n.constant(1.0), n.constant(0.0), n.add("ReduceMax", "x"))


def _changed(n):
    return n.add("Conv", "x", n.add("Add", n.weight((4, 1, 3), 0.5), n.constant(1.0)))


def _by_input(n):
    weight = n.quant(n.constant(np.ones((4, 1, 3))), np.array([0.3, 0.2, 0.1]), 4)
    return n.add("Conv", "x", weight)


REFUSED = {
    "a computed width": (_computed_width, "must have a constant bit width"),
    "half a bit": (lambda n: n.quant("x", 1.0, 2.5), "one bit width, a whole number"),
    "very wide values": (lambda n: n.quant("x", 1.0, 24), "at most 16 bits, not 24"),
    "a scale of zero": (lambda n: n.quant("x", 0.0, 8), "a scale of positive numbers"),
    "half a zero point": (lambda n: n.quant("x", 1.0, 8, zero=0.5), "zero point that is a whole"),
    "no zero": (lambda n: n.quant("x", 1.0, 4, zero=20.0), "must have 0 among them"),
    "unknown rounding": (lambda n: n.quant("x", 1.0, mode="STOCHASTIC"), "one of ROUND, HALF_EVEN"),
    "by size": (lambda n: n.quant("x", 1.0, mode="HALF_UP"), "both signs by HALF_UP"),
    "signs": (lambda n: n.add("BipolarQuant", "x", n.constant(1.0)), "-1 and 1, which is not"),
    "one bit with a sign": (lambda n: n.quant("x", 1.0, 1), "-1 and 1, which is not"),
    "small floats": (lambda n: n.add("FloatQuant", "x", n.constant(1.0)), "small floats"),
    "thresholds": (lambda n: n.add("MultiThreshold", "x", n.constant([[1.0]])), "what FINN makes"),
    "changed weights": (_changed, "must not change weights behind their quantiser"),
    "a scale an input": (_by_input, "one scale, or one for each output channel"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_kept_is_refused_by_name(tmp_path, what):
    make, says = REFUSED[what]
    net = Net((1, 1, 32), domain="qonnx.custom_op.general")
    x = make(net)
    made = net.model(x)
    for node in made.graph.node:
        if node.op_type in ("Quant", "BipolarQuant", "FloatQuant", "MultiThreshold"):
            node.domain = "qonnx.custom_op.general"
    with pytest.raises(InputError, match=says) as caught:
        loaded(tmp_path, made)
    assert "net.onnx has nodes that hwgen cannot do" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_scales_that_fit_no_shift_are_refused_with_the_way_out(tmp_path):
    net = Net((1, 1, 64))
    x = net.quant("x", IN)
    x = net.quant(net.conv(x, 4, 1, 0.0371, bits=8), 0.0817, 8)
    made = net.model(net.dense(net.add("Flatten", x), 3, 4 * 62, 2.0**-4))
    with pytest.raises(InputError, match=r"^conv_\w+ has weights and a quantiser .*: Int8Weight"):
        compared(loaded(tmp_path, made), made)


def _product(*, quantised):
    net = Net((1, 2, 34))
    x = net.quant(net.conv(net.quant("x", IN), 3, 2, 2.0**-3), OUT, 6)
    gate = net.quant(net.add("Sigmoid", x), 2.0**-6, 6, signed=0)
    x = net.add("Mul", x, gate)
    x = net.quant(x, OUT, 6) if quantised else x
    return net.model(net.dense(net.add("Flatten", x), 3, 96, 2.0**-4))


def _recurrent(kind, gates, *, quantised):
    net = Net((1, 2, 34))
    x = net.add("Transpose", net.quant("x", IN), perm=[2, 0, 1])
    weights = (net.weight((1, gates * 4, inputs), 2.0**-3) for inputs in (2, 4))
    more = {"linear_before_reset": 1} if kind == "GRU" else {}
    x = net.add(kind, x, *weights, hidden_size=4, **more)
    x = net.add("Squeeze", x, net.constant([1], np.int64))
    x = net.quant(x, 2.0**-7, 8) if quantised else x
    x = net.add("ReduceMean", x, net.constant([0], np.int64), keepdims=0)
    return net.model(net.dense(x, 3, 4, 2.0**-4))


@pytest.mark.parametrize(
    "made",
    [_product, partial(_recurrent, "LSTM", 4), partial(_recurrent, "GRU", 3)],
    ids=["product", "lstm", "gru"],
)
def test_what_has_no_steps_of_a_training_is_refused_with_two_ways_out(tmp_path, made):
    with pytest.raises(InputError, match="products of two values and recurrent layers") as error:
        canonical(loaded(tmp_path, made(quantised=True)))
    told = str(error.value)
    assert "train without this quantiser, or let hwgen choose all integers" in told
    assert "(--quantizers drop)" in told
    for network in (
        loaded(tmp_path, made(quantised=False)),
        loaded(tmp_path, made(quantised=True), quantizers="drop"),
    ):
        assert uncalibrated(canonical(network), Precision()).graph.class_output
