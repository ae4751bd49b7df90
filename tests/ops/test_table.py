"""Functions as tables."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network.functions import FUNCTIONS
from hwgen.network.ops.table import Table
from hwgen.quantized import Activations, Precision
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops import table
from tests.ops.harness import Example

EXAMPLES = {
    **{name: Example(Table("table", name), ((3, 40),)) for name in FUNCTIONS},
    "flat": Example(Table("table", "tanh"), ((12,),)),
    "steep": Example(Table("table", "leaky_relu", 0.3), ((2, 30),)),
    "shallow": Example(Table("table", "elu", 0.3), ((2, 30),)),
}


def torch_of(layer, x):
    more = () if layer.slope is None else (layer.slope,)
    function = {"hard_swish": "hardswish", "hard_sigmoid": "hardsigmoid"}.get(
        layer.function, layer.function
    )
    if function == "identity":
        return x
    if function.startswith("power"):
        return x ** int(function[5:])
    if function == "gelu_tanh":
        return functional.gelu(x, approximate="tanh")
    return getattr(functional, function, getattr(torch, function, None))(x, *more)


def loops_of(op, x):
    def one(value, channel):
        down = int(op.down[channel])
        half = 2**down // 2
        return int(op.values[(value + half) // 2**down - op.source.min])

    return [
        [one(value, c) for value in row] if isinstance(row, list) else one(row, c)
        for c, row in enumerate(x)
    ]


SOURCE = Activations((2, 4), Format(True, 7, 0), np.array([0.5, 0.125]))


def test_the_table_is_the_function_of_the_coarsest_channel():
    op = table.quantize(Table("t", "tanh"), (SOURCE,), Precision(), Chosen(14))
    assert op.down.tolist() == [0, 2]
    assert len(op.entries) == 256
    told = op.entries * op.scale[0]
    assert np.abs(told - np.tanh(np.arange(-128, 128) * 0.5)).max() <= op.scale[0] / 2
    assert op.out == Format(True, 7, 0)


def test_what_is_never_negative_is_unsigned():
    op = table.quantize(Table("t", "sigmoid"), (SOURCE,), Precision(activation=6), Chosen(14))
    assert op.out == Format(False, 6, 0)
    assert op.entries.min() >= 0


def test_channels_of_other_steps_are_refused():
    odd = Activations((2, 4), Format(True, 7, 0), np.array([0.5, 0.3]))
    with pytest.raises(InputError, match=r"^t must read channels whose steps are powers of two"):
        table.quantize(Table("t", "tanh"), (odd,), Precision(), Chosen())


def test_a_function_that_is_zero_everywhere():
    flat = Activations((1, 4), Format(False, 1, 0), np.array([1e-300]))
    op = table.quantize(Table("t", "tanh"), (flat,), Precision(), Chosen())
    assert (op.scale > 0).all()


@pytest.mark.parametrize("x", [-1e4, -800.0, 0.0, 800.0, 1e4])
def test_large_values_do_not_overflow(x):
    for name in FUNCTIONS:
        assert np.isfinite(Table("t", name).apply(np.array([[x]]))).all()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (("sine",), "function must be one of sigmoid"),
        (("tanh", 0.1), "slope must be that of leaky_relu or elu"),
        (("elu", "x"), "slope must be a number"),
        (("leaky_relu", float("nan")), "slope must be a number"),
    ],
)
def test_fields_that_are_refused(fields, says):
    with pytest.raises(InputError, match=f"^t {says}"):
        Table("t", *fields)
