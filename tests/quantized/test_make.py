"""An integer network made again: what changes, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwgen.network import Network
from hwgen.quantized import Precision
from hwgen.quantized.make import requantized


@pytest.fixture(scope="module", params=["fft", "dft"])
def example(make_example, request):
    bits = Precision(transform=request.param)
    return make_example(4, window=32, convs=((2, 3, 2, 1, 2),), hidden=3, classes=3, bits=bits)


def test_the_same_weights_give_the_same_network(example):
    again = requantized(example.network, example.model)
    assert again is not example.model
    assert again.digest == example.model.digest
    assert again.to_json() == example.model.to_json()
    # The first op has no weights: it is the very same.
    assert again.ops[0] is example.model.ops[0]


def test_other_weights(example):
    layers = list(example.network.layers)
    layers[1] = replace(layers[1], weight=layers[1].weight * 1.7)
    network = example.network.with_layers(tuple(layers))
    again = requantized(network, example.model)
    # A factor is folded into the scales.
    assert (again.ops[1].weight == example.model.ops[1].weight).all()
    assert (again.ops[1].scale > example.model.ops[1].scale).all()
    layers[1] = replace(layers[1], weight=layers[1].weight[:, :, ::-1].copy())
    again = requantized(network.with_layers(tuple(layers)), example.model)
    assert (again.ops[1].weight == example.model.ops[1].weight[:, :, ::-1]).all()
    assert again.bits == example.model.bits


def test_other_bits(example):
    bits = replace(
        example.model.bits, feature=6, conv_weight=5, activation=4, dense_weight=3, adc=12
    )
    again = requantized(example.network, example.model, bits)
    assert again.bits == bits
    assert again.ops[0].sample.width == 12
    assert again.ops[0].output.fmt.width == 6
    conv, _, hidden, last = again.ops[1:]
    assert (conv.weight_bits, hidden.weight_bits, last.weight_bits) == (5, 3, 3)
    assert (conv.source.width, conv.out.width, hidden.out.width) == (6, 4, 4)
    # Shifts stay, and only the last layer gives logits.
    shifts = [getattr(op, "shift", 0) for op in example.model.ops]
    assert [getattr(op, "shift", 0) for op in again.ops] == shifts
    assert [getattr(op, "last", None) for op in again.ops] == [None, None, None, False, True]
    assert [op.name for op in again.ops] == [op.name for op in example.model.ops]
    assert again.input_scale == example.model.input_scale


def test_the_same_bits_given_make_the_front_end_again(example):
    again = requantized(example.network, example.model, example.model.bits)
    assert again.digest == example.model.digest
    assert again.ops[0] is not example.model.ops[0]


def test_a_layer_that_the_model_has_not_is_named(example):
    first, *layers = example.network.layers
    network = Network.chain("other", 32, (replace(first, name="front"), *layers))
    with pytest.raises(KeyError, match="front"):
        requantized(network, example.model)
