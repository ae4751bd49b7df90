"""What holds of every code that there is."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.coding import codes
from hwgen.coding.matrix import error
from hwgen.errors import InputError

QUICK = {"inr": {"hidden": 6, "epochs": 50}}
"""Options with which a fit takes no time."""


def fitted(name, weights):
    return codes.of(name).fit(weights, **QUICK.get(name, {}))


def test_there_are_codes():
    assert set(codes.names()) >= {
        "uniform", "ternary", "codebook", "block", "huffman", "trajectory", "inr",
    }  # fmt: skip
    assert all(codes.of(name).CODED.code == name for name in codes.names())


@pytest.mark.parametrize("name", codes.names())
class TestEvery:
    def test_it_is_stored_and_read(self, name, matrix):
        coded = fitted(name, matrix)
        again = codes.read(coded.to_json(), coded.arrays())
        assert type(again) is type(coded)
        assert np.array_equal(again.decode(), coded.decode())
        assert np.array_equal(again.real, coded.real)
        assert coded.decode().dtype == np.int64
        assert coded.decode().shape == matrix.shape

    def test_bits_are_those_of_the_arrays(self, name, matrix):
        coded = fitted(name, matrix)
        assert coded.bits == 8 * sum(each.size for each in coded.arrays().values())
        assert coded.bits_a_weight == len(coded.words) * coded.word_bits / matrix.size

    def test_a_row_of_zeros_stays_one(self, name, matrix):
        coded = fitted(name, matrix)
        assert np.abs(coded.real[4]).max() <= 1e-9
        assert not fitted(name, np.zeros((2, 3))).real.any()

    def test_it_is_near_and_the_same_again(self, name, matrix):
        coded = fitted(name, matrix)
        assert error(matrix, coded.real) < (1.01 if name == "inr" else 0.6)
        again = fitted(name, matrix).arrays()
        assert all(np.array_equal(each, again[key]) for key, each in coded.arrays().items())

    def test_integers_are_weights_too(self, name):
        numbers = np.random.default_rng(0).integers(-128, 128, (5, 16))
        assert np.array_equal(fitted(name, numbers).words, fitted(name, numbers * 1.0).words)

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_weights_that_are_not_finite(self, name, value):
        with pytest.raises(InputError, match="weights must be finite"):
            fitted(name, np.array([[1.0, value]]))

    @pytest.mark.parametrize("shape", [(3,), (0, 4), (2, 2, 2)])
    def test_what_is_no_matrix(self, name, shape):
        with pytest.raises(InputError, match="weights must be a matrix"):
            fitted(name, np.ones(shape))

    def test_choices_grow(self, name):
        choices = codes.of(name).choices((10, 256))
        bits = [each.bits for each in choices]
        assert len(choices) >= 1
        assert None in bits or bits == sorted(bits)

    def test_a_record_that_lacks_or_has_too_much(self, name, matrix):
        told, arrays = fitted(name, matrix).to_json(), fitted(name, matrix).arrays()
        for key in told:
            with pytest.raises(InputError):
                codes.read({k: v for k, v in told.items() if k != key}, arrays)
        with pytest.raises(InputError, match="must have"):
            codes.read({**told, "more": 1}, arrays)
        for key in arrays:
            with pytest.raises(InputError):
                codes.read(told, {k: v for k, v in arrays.items() if k != key})
        with pytest.raises(InputError, match="must have arrays"):
            codes.read({**told}, {**arrays, "more": arrays["words"]})

    @pytest.mark.parametrize(
        "value", [-1, 1 << 70, 0.5, None, "x", [1 << 24, 1 << 24], [], {}, [[1]], True, [1e9]]
    )
    def test_a_record_with_other_values(self, name, matrix, value):
        coded = fitted(name, matrix)
        told, arrays = coded.to_json(), coded.arrays()
        for key in told:
            if isinstance(told[key], bool) and value is True:
                continue  # another meaning, but one that there is
            if (told[key] == value and type(told[key]) is type(value)) or {key, name} == {
                "first",
                "huffman",
            }:
                continue
            with pytest.raises(InputError):
                codes.read({**told, key: value}, arrays).decode()


@pytest.mark.parametrize("told", [None, [], {}, {"code": 3}, {"code": "zip"}, {"code": "../x"}])
def test_what_is_no_record(told):
    with pytest.raises(InputError, match="code"):
        codes.read(told, {})
