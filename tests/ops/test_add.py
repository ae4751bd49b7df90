"""Sums of values."""

import numpy as np
import pytest
from torch.nn import functional

from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network.ops.add import Add
from hwgen.quantized import Activations, Precision
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops import add
from tests.ops.harness import Example

EXAMPLES = {
    "two": Example(Add("add"), ((3, 7), (3, 7))),
    "rectified": Example(Add("add", relu=True), ((3, 7), (3, 7))),
    "a number for each channel": Example(Add("add"), ((3, 1), (3, 7))),
    "flat numbers for channels": Example(Add("add"), ((3, 7), (3,), (3, 7))),
    "three flat ones": Example(Add("add"), ((5,), (5,), (5,))),
}
REFUSED = (((3, 7),), ((3, 7), (3, 6)), ((3, 7), (7,)), ((3, 7), (1, 7)))


def torch_of(layer, *xs):
    rank = max(x.ndim for x in xs)
    total = sum(x.reshape(*x.shape, *[1] * (rank - x.ndim)) for x in xs)
    return functional.relu(total) if layer.relu else total


def loops_of(op, *xs):
    result = np.zeros(op.shape, dtype=object)
    for index in np.ndindex(*op.shape):
        for number, x in enumerate(xs):
            value = x
            for place in index:
                if isinstance(value, list):
                    value = value[place if len(value) > 1 else 0]
            result[index] += value * 2 ** int(op.up[number, index[0]])
    return result


def activations(*scale):
    return Activations((len(scale), 4), Format(True, 7, 0), np.array(scale))


def test_the_coarsest_of_every_channel_is_shifted_up_alike():
    sources = activations(0.5, 3.0), activations(2.0, 0.75)
    op = add.quantize(Add("add"), sources, Precision(), Chosen(1))
    assert op.up.tolist() == [[0, 2], [2, 0]]
    assert op.scale.tolist() == [1.0, 1.5]
    assert op.accumulator == (-128 * 5, 127 * 5)


@pytest.mark.parametrize("other", [1.5, 2.0**40])
def test_steps_that_do_not_fit_are_refused(other):
    with pytest.raises(InputError, match=r"^add must add values whose steps are powers of two"):
        add.quantize(Add("add"), (activations(1.0), activations(other)), Precision(), Chosen())


def test_it_is_signed_only_where_it_must_be():
    unsigned = Activations((1, 4), Format(False, 8, 0), np.ones(1))
    for layer, sources, signed in [
        (Add("add"), (unsigned, unsigned), False),
        (Add("add"), (unsigned, activations(1.0)), True),
        (Add("add", relu=True), (unsigned, activations(1.0)), False),
    ]:
        assert add.quantize(layer, sources, Precision(), Chosen()).out.signed == signed
