"""The sum of squares, beside a threshold."""

import math

import numpy as np
import pytest
import torch

from hwgen import golden
from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network.ops.score import Score
from hwgen.quantized import Activations, Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from tests.ops.harness import Example

EXAMPLES = {
    "channels": Example(Score("s", 0.5), ((3, 7),), even=True),
    "flat": Example(Score("s", 0.01, 0.02), ((9,),), even=True),
    "one": Example(Score("s", 0.0), ((1, 1),), even=True),
}
REFUSED = (((),),)


def torch_of(layer, x):
    scores = x.square().flatten(1).sum(dim=1)
    return torch.stack([torch.full_like(scores, layer.threshold), scores], dim=1)


def loops_of(op, x):
    total = 0
    for row in x:
        for value in row if isinstance(row, list) else [row]:
            total += value * value
    return [op.threshold, total >> op.drop]


def _made(bits: int, shape: tuple[int, ...], threshold: float | None, step: float = 0.25):
    source = Activations(shape, Format.of_width(bits, signed=True, frac_bits=0),
                         np.full(shape[0], step))  # fmt: skip
    return integer_op(Score("s", threshold), (source,), Precision(), Chosen())


def test_a_threshold_is_in_the_steps_of_the_score():
    op = _made(8, (1, 16), 10.0)
    assert op.output.scale.tolist() == [0.0625, 0.0625]
    assert op.threshold == 160
    x = np.full((2, 1, 16), 3)
    x[1, 0, 0] = 5
    assert golden.run_op(op, x).tolist() == [[160, 144], [160, 160]]
    # "Above the threshold": 10.0 itself is not.
    assert golden.classify(golden.run_op(op, x)).tolist() == [0, 0]
    x[1, 0, 1] = 4
    assert golden.classify(golden.run_op(op, x)).tolist() == [0, 1]


def test_without_a_threshold_nothing_is_an_anomaly():
    op = _made(8, (2, 8), None)
    worst = np.full((1, 2, 8), -128)
    assert golden.classify(golden.run_op(op, worst)).tolist() == [0]
    assert _made(8, (2, 8), 1e30).threshold == op.threshold


def test_what_does_not_fit_a_logit_loses_its_lowest_bits():
    op = _made(16, (1, 2048), 1.0)
    assert op.output.fmt.width == 32
    assert op.drop == 11
    worst = np.full((1, 1, 2048), -32768)
    assert golden.run_op(op, worst)[0, 1] == op.most >> op.drop
    assert math.isclose(op.output.scale[0], 0.0625 * 2.0**11)


def test_channels_of_other_steps_are_refused():
    source = Activations((2, 3), Format(True, 7, 0), np.array([0.5, 0.25]))
    with pytest.raises(InputError, match=r"^s must read channels of one step"):
        integer_op(Score("s"), (source,), Precision(), Chosen())


@pytest.mark.parametrize("threshold", [-1, 1 << 40])
def test_a_threshold_that_no_register_holds_is_refused(threshold):
    from hwgen.quantized.ops.score import with_threshold

    with pytest.raises(InputError, match=r"^s threshold must be 0 to"):
        with_threshold(_made(8, (2, 8), None), threshold)
