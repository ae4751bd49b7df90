from __future__ import annotations

import math
from collections import OrderedDict

import pytest
import torch

from hwgen.checkpoint.nesting import branch, nested, unnested
from hwgen.errors import InputError


def there_and_back(value):
    tensors = []

    def take(key, tensor):
        tensors.append((key, tensor))
        return len(tensors) - 1

    tree = unnested(value, take)
    return nested(tree, {n: each for n, (_, each) in enumerate(tensors)}), [k for k, _ in tensors]


def test_a_value_comes_back_with_its_tensors():
    one, other = torch.ones(2), torch.zeros(3)
    value = OrderedDict(
        state={"a.weight": one, "b": [other, 1, 0.5, None, True, "text"]},
        shape=(2, (3, 4)), empty=[], none={}, number=1 << 70,
    )  # fmt: skip
    value[3] = "a whole number's"
    found, keys = there_and_back(value)
    assert found["state"]["a.weight"] is one
    assert found["state"]["b"][0] is other
    found["state"]["b"][0] = value["state"]["b"][0] = None
    found["state"]["a.weight"] = value["state"]["a.weight"] = None
    assert found == value
    assert type(found["shape"][1]) is tuple
    assert list(found) == list(value)
    assert keys == ["a.weight", "b"]


def test_numbers_that_json_lacks():
    (a, b, c), _ = there_and_back([math.inf, -math.inf, math.nan])
    assert (a, b) == (math.inf, -math.inf)
    assert math.isnan(c)


@pytest.mark.parametrize("value", [{"a": object()}, {"a": 1j}, {"a": {b"x": 1}}, {"a": b"x"}])
def test_what_is_no_tensor_nor_text(value):
    with pytest.raises(InputError, match="must be"):
        there_and_back(value)


def test_what_is_too_deep():
    deep = []
    for _ in range(60):
        deep = [deep]
    with pytest.raises(InputError, match="at most 50"):
        there_and_back(deep)
    tree = 1
    for _ in range(60):
        tree = {"l": [tree]}
    with pytest.raises(InputError, match="at most 50"):
        nested(tree, {})


@pytest.mark.parametrize(
    "tree",
    [
        {"n": 7}, {"n": "0"}, {"n": []}, {"f": "1e3"}, {"x": []}, {}, {"l": [], "t": []}, {"l": 3},
        {"d": [["a"]]}, {"d": [[[], 1]]}, {"d": {"a": 1}}, {"l": [[1]]},
    ],
)  # fmt: skip
def test_what_is_no_tree(tree):
    with pytest.raises(InputError, match="tree"):
        nested(tree, {})


@pytest.mark.parametrize("tree", [None, 3, [], {"n": 0}, {"d": [], "n": 1}])
def test_what_no_tree_begins_with(tree):
    with pytest.raises(InputError, match="the tree must begin"):
        branch(tree)
