from __future__ import annotations

import numpy as np
import pytest

from hwgen.coding.packing import packed, size, unpacked
from hwgen.errors import InputError


@pytest.mark.parametrize("bits", [1, 3, 7, 8, 18, 32])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("count", [0, 1, 8, 1001, 70_000])
def test_integers_come_back_and_nothing_is_between_them(bits, signed, count):
    rng = np.random.default_rng(bits)
    values = rng.integers(0, 1 << bits, count) - (1 << (bits - 1) if signed else 0)
    data = packed(values, bits, signed=signed)
    assert len(data) == size(count, bits) == -(-count * bits // 8)
    assert np.array_equal(unpacked(data, count, bits, signed=signed), values)


def test_the_lowest_bit_of_the_first_is_the_lowest_of_the_first_byte():
    assert packed(np.array([5, 2, 7]), 3).tolist() == [0b11_010_101, 0b1]
    assert packed(np.array([-1, 0, -2]), 3, signed=True).tolist() == [0b10_000_111, 0b1]


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="values must be 0 to 7, not 0 to 8"):
        packed(np.array([0, 8]), 3)
    with pytest.raises(ValueError, match="values must be -4 to 3"):
        packed(np.array([4]), 3, signed=True)


def test_bytes_that_are_not_those():
    data = packed(np.arange(5), 3)
    for wrong in (data[:-1], np.append(data, np.uint8(0)), data.astype(np.int64)):
        with pytest.raises(InputError, match="5 integers of 3 bits must be 2 bytes"):
            unpacked(wrong, 5, 3)
    data[-1] |= 0x80
    with pytest.raises(InputError, match="behind the last"):
        unpacked(data, 5, 3)
