"""Average-pooling to a number of positions: groups of two sizes, which may overlap."""

import itertools

import numpy as np
import pytest
from torch.nn import functional

from hwgen.errors import InputError
from hwgen.network.ops.adaptiveavgpool1d import MAX_POSITIONS, AdaptiveAvgPool1d, adaptive
from hwgen.network.pooling import adaptive_groups
from hwgen.quantized import Precision
from tests.ops.harness import WIDTHS, Example, made

EXAMPLES = {
    "uneven": Example(AdaptiveAvgPool1d("pool", 4), ((2, 11),)),
    "overlapping": Example(AdaptiveAvgPool1d("pool", 5), ((3, 7),)),
    "in stretches": Example(AdaptiveAvgPool1d("pool", 4), ((2, 18),)),
    "even": Example(AdaptiveAvgPool1d("pool", 3), ((1, 12),)),
    "global": Example(AdaptiveAvgPool1d("pool", 1), ((4, 9),)),
    "to more positions": Example(AdaptiveAvgPool1d("pool", 8), ((2, 5),)),
}
REFUSED = (((8,),), ((1, 2, 8),))


def torch_of(layer, x):
    return functional.adaptive_avg_pool1d(x, layer.positions)


def loops_of(op, x):
    few, more = op.weights
    ends = [
        (i * op.length // op.positions, -((-(i + 1) * op.length) // op.positions))
        for i in range(op.positions)
    ]
    least = min(end - start for start, end in ends)
    return [[sum(row[a:b]) * (few if b - a == least else more) for a, b in ends] for row in x]


@pytest.mark.parametrize(
    ("length", "positions", "size", "stride"),
    [(12, 1, 12, None), (12, 3, 4, None), (12, 12, 1, None), (5, 4, 2, 1), (7, 3, 3, 2)],
)
def test_equal_groups_are_a_pooling_like_others(length, positions, size, stride):
    layer = adaptive("pool", length, positions)
    assert (layer.op, layer.size, layer.stride) == ("avgpool1d", size, stride)
    x = np.random.default_rng(1).normal(size=(2, 3, length))
    np.testing.assert_allclose(layer.apply(x), AdaptiveAvgPool1d("pool", positions).apply(x))


@pytest.mark.parametrize(("length", "positions"), [(12, 5), (7, 5), (5, 8), (2, 4), (1, 3)])
def test_others_stay(length, positions):
    assert adaptive("pool", length, positions) == AdaptiveAvgPool1d("pool", positions)


def test_groups_cover_all_and_differ_by_one():
    for length, positions in itertools.product(range(1, 25), repeat=2):
        groups = adaptive_groups(length, positions)
        sizes = {len(group) for group in groups}
        assert len(groups) == positions
        assert set().union(*groups) == set(range(length))
        assert min(sizes) >= 1
        assert max(sizes) - min(sizes) <= 1


def test_means_are_exact_where_the_weights_bits_tell_the_sizes():
    layer = AdaptiveAvgPool1d("pool", 7)
    op, _, _ = made(Example(layer, ((1, 17),)), WIDTHS["default"], 1)
    assert op.weights == (4, 3)  # of three positions and of four
    assert {len(group) * weight for group, weight in op.groups} == {12}


def test_sizes_beyond_the_weights_bits_are_told_as_well_as_these_can():
    layer, example = AdaptiveAvgPool1d("pool", 7), (1, 1000)
    few, many = (made(Example(layer, (example,)), WIDTHS[w], 1)[0] for w in ("few", "many"))
    assert few.weights == (1, 1)  # 142 positions and 143: 3 bits tell no difference
    assert many.weights == (144, 143)


@pytest.mark.parametrize("positions", [0, -1, 2.0, True, MAX_POSITIONS + 1])
def test_numbers_that_are_refused(positions):
    with pytest.raises(InputError, match=r"^pool positions must be "):
        AdaptiveAvgPool1d("pool", positions)


def test_no_group_is_left_out_at_the_fewest_bits():
    layer = AdaptiveAvgPool1d("pool", 8)  # of one position and of two
    op, _, _ = made(Example(layer, ((1, 5),)), Precision(dense_weight=2), 1)
    assert op.weights == (1, 1)


def test_groups_of_one_size_at_uneven_distances_need_no_weights():
    op, _, _ = made(Example(AdaptiveAvgPool1d("pool", 4), ((1, 14),)), WIDTHS["default"], 1)
    assert op.weights == (1, 1)
