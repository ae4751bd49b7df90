"""How each layer fares."""

from __future__ import annotations

import dataclasses
import json

import numpy as np

from hwgen import golden
from hwgen.calibration import Method, calibrate, layer_statistics
from hwgen.fixedpoint import Format
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task


def test_statistics_say_how_each_layer_fares(make_example):
    example = make_example(13, window=64, convs=((3, 5, 2, 1, 2),), hidden=5, method=Method("max"))
    layers = layer_statistics(example.network, example.model, example.windows)
    assert [layer.name for layer in layers] == ["spectrum", "conv1", "pool1", "fc1", "last"]
    assert [layer.op for layer in layers] == ["spectrum", "conv1d", "maxpool1d", "dense", "dense"]
    assert example.calibration.windows == 24
    for layer, op in zip(layers, example.model.ops, strict=True):
        assert layer.fmt == op.output.fmt
        assert layer.values == 24 * int(np.prod(op.output.shape))
        assert layer.sqnr_db is not None
        assert layer.sqnr_db > 20
        assert layer.saturated == 0  # the method is "max"
        assert json.loads(json.dumps(layer.to_json()))["width"] == op.output.fmt.width
    assert layers[1].shift == example.model.ops[1].shift
    # The spectrum's accumulator counts eighths.
    assert layers[0].shift == example.model.ops[0].shift + 3
    assert (layers[2].shift, layers[4].shift) == (0, 0)


def test_the_first_layer_is_named_by_its_transform(make_example):
    example = make_example(13, window=64, bits=Precision(transform="dft"), method=Method("max"))
    first = layer_statistics(example.network, example.model, example.windows)[0]
    assert (first.name, first.op) == ("spectrum", "dft")
    assert first.sqnr_db > 20
    assert (first.saturated, first.shift) == (0, example.model.ops[0].shift + 3)


def test_saturated_values_are_counted(make_network):
    network = make_network(14, window=64)
    windows = np.random.default_rng(1).normal(0, 0.05, (800, 64))
    # One bin of one window stands out: less than one in 10,000 features.
    windows[0] += 3 * np.sin(np.arange(64) * 2 * np.pi * 5 / 64)
    made = calibrate(
        network, windows, Precision(), method=Method("percentile"), task=Task(("a", "b", "c", "d"))
    )
    layers = layer_statistics(network, made.model, windows)
    value = digitise(windows, Precision())
    for layer, op in zip(layers[:2], made.model.ops, strict=False):
        sums = golden.accumulate(op, value)
        value = golden.run_op(op, value)
        assert layer.saturated == (sums >= (op.output.fmt.max + 1) << layer.shift).sum()
    assert layers[0].saturated == 1


def test_both_ends_of_a_signed_output_are_counted(make_example):
    bits = Precision(activation=3)
    example = make_example(23, window=64, convs=(), hidden=6, bits=bits, method=Method("max"))
    ops = list(example.model.ops)
    linear = dataclasses.replace(
        ops[1], relu=False, out=Format.of_width(3, signed=True, frac_bits=0)
    )
    ops[1] = dataclasses.replace(linear, shift=linear.shift - 2)
    ops[2] = dataclasses.replace(ops[2], source=ops[1].out)
    model = example.model.with_ops(tuple(ops))
    layer = layer_statistics(example.network, model, example.windows)[1]
    sums = golden.accumulate(ops[1], golden.run_op(ops[0], example.samples)) >> ops[1].shift
    assert layer.saturated == (sums > 3).sum() + (sums < -4).sum()
    assert min((sums > 3).sum(), (sums < -4).sum()) > 0
