"""What a neuron sums, as data."""

from __future__ import annotations

import pytest

from hwgen.errors import InputError
from hwgen.network.neuron import Neuron

GOOD = {"format": "hwgen-neuron", "version": 1, "powers": [1, 3], "products": [2], "rank": None}


def test_it_comes_back():
    for neuron in (Neuron((1, 3), (2,)), Neuron((), (2, 3), 4), Neuron((2,))):
        assert Neuron.from_json(neuron.to_json()) == neuron


def test_the_formula_names_each_term():
    assert Neuron((1, 3), (2, 3)).formula == (
        "w1 x + w3 x^3 + (u1 x)(u2 x) + (v1 x)(v2 x)(v3 x) + b"
    )
    assert Neuron((2,), (2,), 4).formula == "w2 x^2 + sum of 4 (u1 x)(u2 x) + b"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "hwgen-network"}, 'must be a JSON object whose format is "hwgen-neuron"'),
        ({"version": 2}, "version of a neuron must be 1, not 2"),
        ({"powers": [3, 1]}, r"powers of a neuron must be rising, each once, not \[3, 1\]"),
        ({"powers": [1, 1]}, "powers of a neuron must be rising, each once"),
        ({"powers": [0]}, "powers of a neuron must be from 1 to 8, not 0"),
        ({"powers": [9]}, "not 9: a term of order 9 of 8-bit values has 72 bits"),
        ({"products": [1]}, "products of a neuron must be from 2 to 8, not 1"),
        ({"powers": "1"}, "powers of a neuron must be a list of whole numbers, not '1'"),
        ({"powers": [True]}, "powers of a neuron must be a list of whole numbers"),
        ({"products": None}, "products of a neuron must be a list of whole numbers, not None"),
        ({"powers": [], "products": []}, "must have at least one of powers and products"),
        ({"rank": 0}, "rank of a neuron must be from 1 to 64, not 0"),
        ({"rank": 2.5}, "rank of a neuron must be a whole number or null, not 2.5"),
    ],
)
def test_what_is_wrong_is_named(change, says):
    with pytest.raises(InputError, match=says):
        Neuron.from_json(GOOD | change)


@pytest.mark.parametrize("value", [None, [], "x", 3])
def test_other_json_is_refused(value):
    with pytest.raises(InputError, match="a neuron must be a JSON object"):
        Neuron.from_json(value)
