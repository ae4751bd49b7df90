"""Products of two values."""

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.network.ops.multiply import Multiply
from hwgen.quantized import Activations, Precision
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops import multiply
from tests.ops.harness import Example

EXAMPLES = {
    "of one shape": Example(Multiply("gate"), ((3, 7), (3, 7))),
    "a number for each channel": Example(Multiply("gate"), ((3, 7), (3, 1))),
    "flat numbers for channels": Example(Multiply("gate"), ((3,), (3, 7))),
    "a number for each position": Example(Multiply("gate"), ((3, 7), (1, 7))),
    "one number": Example(Multiply("gate"), ((1,), (5,))),
    "flat": Example(Multiply("gate"), ((5,), (5,))),
}
REFUSED = (((3, 7),), ((3, 7), (3, 6)), ((3, 7), (2, 7)), ((3, 7), (7,)), ((3, 7),) * 3)


def torch_of(layer, x, y):
    del layer
    if x.ndim < y.ndim:
        x = x[..., None]
    return x * y


def loops_of(op, x, y):
    def at(value, shape, index):
        for place, size in zip(index, shape, strict=False):
            value = value[place if size > 1 else 0]
        return value

    result = np.zeros(op.shape, dtype=object)
    for index in np.ndindex(*op.shape):
        result[index] = at(x, op.shapes[0], index) * at(y, op.shapes[1], index)
    return result


def activations(fmt, *scale):
    return Activations((len(scale), 4), fmt, np.array(scale))


def test_steps_are_multiplied_channel_by_channel():
    signed, unsigned = Format(True, 7, 0), Format(False, 8, 0)
    sources = activations(signed, 0.5, 3.0), activations(unsigned, 0.75, 1.0)
    op = multiply.quantize(Multiply("gate"), sources, Precision(), Chosen(3))
    assert op.scale.tolist() == [3.0, 24.0]
    assert op.accumulator == (-128 * 255, 127 * 255)
    assert op.operand == Format(True, 8, 0)
    assert op.out.signed


@pytest.mark.parametrize("signed", [False, True])
def test_it_is_signed_only_where_it_must_be(signed):
    fmt = Format.of_width(8, signed=signed, frac_bits=0)
    op = multiply.quantize(Multiply("gate"), (activations(fmt, 1.0),) * 2, Precision(), Chosen())
    assert op.out.signed == op.operand.signed == signed
    assert op.operand == fmt
