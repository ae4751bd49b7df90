"""The ops that training sees equal the golden model to the bit, and their gradients lead back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from hwgen import golden
from hwgen.calibration import Method
from hwgen.errors import InputError
from hwgen.quantized import Precision
from hwgen.quantized.make import requantized
from hwgen.training import fake
from hwgen.training.latent import Latent

SHAPES = {
    "one convolution": {},
    "two convolutions, two pools": {"convs": ((3, 5, 2, 1, 2), (4, 3, 1, 1, 3)), "window": 128},
    "no pool": {"convs": ((4, 8, 4, 2, 0),)},
    "hidden layer": {"hidden": 7},
    "no convolution": {"convs": (), "hidden": 5},
    "a rest behind the pool": {"convs": ((2, 4, 3, 0, 4),)},
}
WIDTHS = {
    "default": Precision(),
    "by accumulation": Precision(transform="dft", twiddle=10),
    "few": Precision(feature=6, conv_weight=4, activation=6, dense_weight=4),
    "fewest": Precision(feature=2, conv_weight=2, activation=2, dense_weight=2),
    "most": Precision(feature=16, conv_weight=16, activation=16, dense_weight=16),
}


def layers_of(network):
    return {
        layer.name: {
            key: torch.from_numpy(value.copy()).requires_grad_()
            for key, value in layer.tensors().items()
        }
        for layer in network.layers
    }


def saturating(model, network):
    """Shifts so small that most of what is rounded saturates."""
    ops = [replace(op, shift=max(0, op.shift - 4)) if hasattr(op, "shift") else op
           for op in model.ops[1:]]  # fmt: skip
    return requantized(network, model.with_ops((model.ops[0], *ops)))


@pytest.mark.parametrize("saturate", [False, True])
@pytest.mark.parametrize("bits", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_op_equals_the_golden_model(make_example, seed, shape, bits, saturate):
    example = make_example(seed, bits=bits, **shape)
    model = saturating(example.model, example.network) if saturate else example.model
    value = golden.run_op(model.ops[0], example.samples)
    dtype = fake.exact_dtype(model)
    x, source = torch.from_numpy(value).to(dtype), model.ops[0].output
    clipped = False
    layers = layers_of(example.network)
    for op in model.ops[1:]:
        value, x = golden.run_op(op, value), fake.run_op(op, (source,), layers[op.name], x)
        assert x.dtype == dtype
        np.testing.assert_array_equal(x.detach().numpy(), value)
        clipped |= op.op == "conv1d" and bool((value == op.output.fmt.max).any())
        source = op.output
    assert clipped or not (saturate and shape.get("convs", True))


def test_wide_sums_are_held_in_wide_floats(make_example):
    for bits, dtype in ((WIDTHS["few"], torch.float32), (WIDTHS["most"], torch.float64)):
        assert fake.exact_dtype(make_example(3, bits=bits).model) == dtype


def test_gradients_are_those_of_the_float_layers(make_example):
    """Where roundings are fine and nothing saturates, the estimator is the exact gradient."""
    example = make_example(5, hidden=6, bits=WIDTHS["most"], method=Method("max"))
    network, model = example.network, example.model
    features = golden.run_op(model.ops[0], example.samples)
    weights = layers_of(network)
    x = torch.from_numpy(features).double()
    logits = fake.run(model, weights, {model.ops[0].name: x})
    which = torch.from_numpy(np.random.default_rng(0).normal(0, 1, logits.shape))
    (logits * torch.from_numpy(model.ops[-1].output.scale) * which).sum().backward()

    plain = layers_of(network)
    conv, hidden, last = (plain[layer.name] for layer in network.layers if layer.tensors())
    y = x * model.ops[0].scale
    y = torch.relu(torch.conv1d(y, conv["weight"], conv["bias"], 2, 1))
    y = torch.max_pool1d(y, 2).flatten(1)
    y = torch.relu(y @ hidden["weight"].T + hidden["bias"])
    y = y @ last["weight"].T + last["bias"]
    (y * which).sum().backward()
    for name, wanted in plain.items():
        found = weights[name]
        for key in wanted:
            size = float(wanted[key].grad.abs().max())
            assert size > 0
            assert (found[key].grad - wanted[key].grad).abs().max() < 0.02 * size


def test_what_saturates_has_no_gradient(make_example):
    example = make_example(1)
    op = replace(example.model.ops[1], shift=0, bias=np.full(3, 1 << 20))
    x = torch.ones((2, 1, 32))
    weights = layers_of(example.network)[op.name]
    y = fake.run_op(op, (example.model.ops[0].output,), weights, x)
    assert (y == op.out.max).all()
    y.sum().backward()
    assert not weights["weight"].grad.any()


def test_an_op_without_a_file_is_named(make_example):
    example = make_example(1)
    with pytest.raises(InputError, match=r"'spectrum' has no file in hwgen\.training\.fake"):
        fake.run_op(example.model.ops[0], (), {}, torch.zeros(1))


@pytest.mark.parametrize("bits", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_latent_weights_begin_as_the_network(make_example, shape, bits):
    example = make_example(4, bits=bits, **shape)
    latent = Latent(example.network, example.model)
    for layer, copy in zip(example.network.layers, latent.network().layers, strict=True):
        for key, value in vars(layer).items():
            if isinstance(value, np.ndarray):
                np.testing.assert_allclose(getattr(copy, key), value, rtol=1e-14)
    assert requantized(example.network, example.model).digest == example.model.digest


def test_latent_weights_are_of_one_size(make_example):
    example = make_example(4, hidden=6)
    for values in Latent(example.network, example.model).values:
        if values.ndim > 1:
            rows = values.detach().abs().flatten(1).amax(1)
            assert rows.min() > 0.2
            assert rows.max() < 1.001


def test_a_row_of_zeros_may_move(make_example):
    example = make_example(4)
    conv = example.network.layers[1]
    weight, bias = conv.weight.copy(), conv.bias.copy()
    weight[1], bias[1] = 0, 0
    layers = list(example.network.layers)
    layers[1] = replace(conv, weight=weight, bias=bias)
    network = example.network.with_layers(tuple(layers))
    latent = Latent(network, requantized(network, example.model))
    with torch.no_grad():
        for values in latent.values:
            values.add_(0.5)
    assert np.abs(latent.network().layers[1].weight[1]).min() > 0
