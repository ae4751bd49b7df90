"""Average-pooling: size, stride, padding; global ones."""

import pytest
from torch.nn import functional

from hwgen.errors import InputError
from hwgen.network.ops.avgpool1d import AvgPool1d
from tests.ops.harness import Example

EXAMPLES = {
    "disjoint": Example(AvgPool1d("pool", 3), ((2, 11),)),
    "overlapping": Example(AvgPool1d("pool", 4, 2), ((3, 11),)),
    "padded": Example(AvgPool1d("pool", 3, 2, 1), ((2, 12),)),
    "with gaps": Example(AvgPool1d("pool", 2, 5), ((1, 14),)),
    "global": Example(AvgPool1d("pool", 9), ((4, 9),)),
}
REFUSED = (((2, 2),), ((8,),))


def torch_of(layer, x):
    return functional.avg_pool1d(x, layer.size, layer.stride, layer.padding)


def loops_of(op, x):
    stride = op.stride or op.size
    rows = []
    for row in x:
        padded = [0] * op.padding + row + [0] * op.padding
        starts = range(0, len(padded) - op.size + 1, stride)
        rows.append([sum(padded[start : start + op.size]) for start in starts])
    return rows


@pytest.mark.parametrize(
    ("fields", "says"),
    [((0,), "size"), ((2, 0), "stride"), ((2, 1, -1), "padding"), ((4, 1, 3), "at most half")],
)
def test_fields_that_are_refused(fields, says):
    with pytest.raises(InputError, match=f"^pool .*{says}"):
        AvgPool1d("pool", *fields)
