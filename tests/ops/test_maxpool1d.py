"""Max-pooling whose groups may overlap."""

import numpy as np
import pytest
from torch.nn import functional

from hwgen.errors import InputError
from hwgen.network.ops.maxpool1d import MaxPool1d
from tests.ops.harness import Example

EXAMPLES = {
    "disjoint": Example(MaxPool1d("pool", 3), ((2, 11),)),
    "overlapping": Example(MaxPool1d("pool", 3, 1), ((3, 11),)),
    "padded": Example(MaxPool1d("pool", 3, 2, 1), ((2, 12),)),
    "with gaps": Example(MaxPool1d("pool", 2, 5), ((1, 14),)),
    "global": Example(MaxPool1d("pool", 9), ((4, 9),)),
}
REFUSED = (((2, 2),), ((8,),))


def torch_of(layer, x):
    return functional.max_pool1d(x, layer.size, layer.stride, layer.padding)


def loops_of(op, x):
    stride, rows = op.stride or op.size, []
    for row in x:
        starts = range(-op.padding, len(row) + op.padding - op.size + 1, stride)
        rows.append([max(row[max(start, 0) : start + op.size]) for start in starts])
    return rows


def test_padding_is_below_all_others():
    x = -np.arange(1.0, 13.0).reshape(1, 1, 12)
    assert EXAMPLES["padded"].layer.apply(x).max() == -1.0


def test_padding_beyond_half_a_group_is_refused():
    with pytest.raises(InputError, match=r"^pool padding must be at most half the size \(3\)"):
        MaxPool1d("pool", 3, 1, 2)
