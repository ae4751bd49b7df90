"""Values side by side."""

import numpy as np
import pytest
import torch

from hwgen.fixedpoint import Format
from hwgen.network.ops.concat import Concat
from hwgen.quantized import Activations, Precision
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops import concat
from tests.ops.harness import Example

EXAMPLES = {
    "two": Example(Concat("concat"), ((3, 7), (1, 7))),
    "three": Example(Concat("concat"), ((1, 4), (2, 4), (1, 4))),
    "flat": Example(Concat("concat"), ((5,), (2,))),
}
REFUSED = (((3, 7),), ((3, 7), (3, 6)), ((3, 7), (7,)), ((), ()))


def torch_of(_, *xs):
    return torch.cat(xs, dim=1)


def loops_of(_, *xs):
    return [row for x in xs for row in x]


@pytest.mark.parametrize(
    ("formats", "hull"),
    [
        ((Format(False, 8, 0), Format(False, 5, 0)), Format(False, 8, 0)),
        ((Format(True, 7, 0), Format(True, 4, 0)), Format(True, 7, 0)),
        ((Format(False, 8, 0), Format(True, 7, 0)), Format(True, 8, 0)),
        ((Format(False, 4, 0), Format(True, 7, 0)), Format(True, 7, 0)),
    ],
)
def test_the_format_holds_all_and_scales_stay(formats, hull):
    sources = tuple(
        Activations((2, 4), fmt, np.array([1.0, 3.0]) * number)
        for number, fmt in enumerate(formats, 1)
    )
    op = concat.quantize(Concat("concat"), sources, Precision(), Chosen())
    assert op.out == hull
    assert op.scale.tolist() == [1.0, 3.0, 2.0, 6.0]
