"""Max-pooling whose groups may overlap."""

import numpy as np
import pytest
from torch.nn import functional

from hwgen.errors import InputError
from hwgen.network import pooling
from hwgen.network.ops.maxpool1d import MaxPool1d
from tests.ops.harness import Example

EXAMPLES = {
    "disjoint": Example(MaxPool1d("pool", 3), ((2, 11),)),
    "overlapping": Example(MaxPool1d("pool", 3, 1), ((3, 11),)),
    "padded": Example(MaxPool1d("pool", 3, 2, 1), ((2, 12),)),
    "more on the right": Example(MaxPool1d("pool", 3, 2, 0, 1), ((2, 12),)),
    "more on the left": Example(MaxPool1d("pool", 4, 2, 2, 0), ((2, 12),)),
    "a last group of one": Example(MaxPool1d("pool", 3, 3, 0, 2), ((2, 10),)),
    "with gaps": Example(MaxPool1d("pool", 2, 5), ((1, 14),)),
    "global": Example(MaxPool1d("pool", 9), ((4, 9),)),
}
REFUSED = (((2, 2),), ((8,),))


def torch_of(layer, x):
    padded = functional.pad(x, pooling.sides(layer), value=float("-inf"))
    return functional.max_pool1d(padded, layer.size, layer.stride)


def loops_of(op, x):
    stride, rows = op.stride or op.size, []
    right = op.padding if op.padding_right is None else op.padding_right
    for row in x:
        starts = range(-op.padding, len(row) + right - op.size + 1, stride)
        rows.append([max(row[max(start, 0) : start + op.size]) for start in starts])
    return rows


def test_padding_is_below_all_others():
    x = -np.arange(1.0, 13.0).reshape(1, 1, 12)
    assert EXAMPLES["padded"].layer.apply(x).max() == -1.0


def test_a_group_sees_something():
    with pytest.raises(InputError, match=r"^pool padding_right must be less than the size \(3\)"):
        MaxPool1d("pool", 3, 1, 0, 3)
    with pytest.raises(InputError, match=r"^pool padding_right"):
        MaxPool1d("pool", 3, 1, 0, -1)


def test_padding_beyond_half_a_group_is_refused():
    with pytest.raises(InputError, match=r"^pool padding must be at most half the size \(3\)"):
        MaxPool1d("pool", 3, 1, 2)
