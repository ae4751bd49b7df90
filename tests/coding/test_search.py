from __future__ import annotations

import numpy as np
import pytest

from hwgen.coding import by_bits, by_error, codes
from hwgen.coding.matrix import error
from hwgen.errors import CannotMeetError, InputError

CODES = ("uniform", "codebook", "block", "huffman", "trajectory")


@pytest.fixture(scope="module")
def weights():
    return np.random.default_rng(0).laplace(size=(10, 200))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("most", [0.3, 0.1, 0.03])
def test_an_error_is_met_with_few_bits(weights, code, most):
    coded = by_error(code, weights, most)
    assert error(weights, coded.real) <= most
    cheaper = [each for each in codes.of(code).choices(weights.shape)
               if each.bits is not None and each.bits < coded.bits_a_weight - 1.2]  # fmt: skip
    if cheaper:
        assert error(weights, codes.of(code).fit(weights, **cheaper[-1].options).real) > most


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("most", [2.7, 4.0, 6.0])
def test_bits_are_kept_to_and_used(weights, code, most):
    coded = by_bits(code, weights, most)
    assert most - 1.1 < coded.bits_a_weight <= most


def test_an_error_that_is_not_met_says_the_nearest(weights):
    with pytest.raises(CannotMeetError, match=r"error must be at least 0\.\d+, the nearest that "):
        by_error("ternary", weights, 0.01)
    with pytest.raises(CannotMeetError, match="error must be at least"):
        by_error("uniform", weights, 1e-9)


def test_bits_that_are_too_few(weights):
    with pytest.raises(CannotMeetError, match=r"bits must be at least 1\.6 for ternary, not 1"):
        by_bits("ternary", weights, 1.0)
    with pytest.raises(CannotMeetError, match="bits must be at least"):
        by_bits("huffman", weights, 0.1)


def test_a_code_that_there_is_none_of(weights):
    with pytest.raises(InputError, match="code must be one of block, "):
        by_error("zip", weights, 0.1)


def test_a_matrix_that_is_too_small_for_a_code():
    with pytest.raises(CannotMeetError, match="inr"):
        by_bits("inr", np.ones((1, 2)), 4.0)
    with pytest.raises(CannotMeetError, match="nearest that inr comes"):
        by_error("inr", np.ones((1, 2)), 0.1)
