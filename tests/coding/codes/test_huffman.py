from __future__ import annotations

import heapq
from itertools import count

import numpy as np
import pytest

from hwgen.coding.codes.huffman import Huffman, canonical, fit, lengths_of
from hwgen.coding.matrix import error
from hwgen.errors import InputError

ONE = np.ones(1, np.int64)


def read(words, lengths, first, number):
    """Return the numbers of a stream, bit by bit."""
    bits = "".join(f"{word:08b}" for word in words)
    codes = {}
    ordered = sorted((length, place) for place, length in enumerate(lengths) if length)
    code = 0
    for at, (length, place) in enumerate(ordered):
        if at:
            code = (code + 1) << (length - ordered[at - 1][0])
        codes[f"{code:0{length}b}"] = place
    found, place = [], 0
    while len(found) < number:
        for length in range(1, 16):
            if (meant := codes.get(bits[place : place + length])) is not None:
                found.append(meant + first)
                place += length
                break
        else:
            raise AssertionError("no code")
    assert set(bits[place:]) <= {"0"}
    assert len(bits) - place < 8
    return found


@pytest.mark.parametrize("step", [4.0, 1.0, 0.3, 0.02])
def test_the_stream_is_read_as_it_is_defined(step):
    weights = np.random.default_rng(0).laplace(size=(6, 90))
    coded = fit(weights, step=step)
    found = read(coded.words.tolist(), coded.lengths.tolist(), coded.first, weights.size)
    assert coded.decode().reshape(-1).tolist() == found


def cost(counts):
    """Return the bits of Huffman's own algorithm."""
    tie = count()
    heap = [(each, next(tie)) for each in counts if each]
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        one, other = heapq.heappop(heap)[0], heapq.heappop(heap)[0]
        total += one + other
        heapq.heappush(heap, (one + other, next(tie)))
    return total


@pytest.mark.parametrize("numbers", [2, 3, 17, 256])
def test_lengths_are_the_best(numbers):
    counts = np.random.default_rng(numbers).integers(0, 1000, numbers)
    counts[:2] = 5
    lengths = lengths_of(counts)
    assert (counts * lengths).sum() == cost(counts.tolist())
    assert ((lengths > 0) == (counts > 0)).all()


def test_long_codes_are_limited():
    counts = np.array([1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584])
    assert lengths_of(counts, 30).max() == 17
    limited = lengths_of(counts)
    assert limited.max() == 15
    assert (0.5**limited).sum() == 1
    assert cost(counts.tolist()) < (counts * limited).sum() < 1.001 * cost(counts.tolist())
    assert sorted(lengths_of(counts[:4], 2)) == [2, 2, 2, 2]
    with pytest.raises(ValueError, match="most must leave codes for 5 numbers, not be 2"):
        lengths_of(counts[:5], 2)


def test_codes_are_canonical():
    assert canonical(np.array([2, 0, 1, 3, 3])).tolist() == [0b10, 0, 0b0, 0b110, 0b111]


def test_one_number_has_a_code_of_one_bit():
    coded = fit(np.full((2, 9), 3.0), step=1.0)
    assert coded.lengths.tolist() == [1]
    assert coded.words.tolist() == [0, 0, 0]
    assert np.allclose(coded.real, 3, rtol=0.01)


def test_two_numbers():
    weights = np.array([[1.0, -1.0, 1.0, -1.0, -1.0, -1.0, 1.0, -1.0, 1.0]])
    coded = fit(weights, step=1.0)
    assert len(coded.words) == 2
    assert np.allclose(coded.real, weights, rtol=0.01)


def test_all_256_numbers():
    numbers = np.arange(-128, 128)
    lengths = np.full(256, 8)
    words = np.arange(256)
    coded = Huffman((1, 256), words, ONE, -128, lengths)
    assert coded.decode().tolist() == [numbers.tolist()]


@pytest.mark.parametrize(
    ("words", "lengths", "said"),
    [
        ([0b01000000], [1, 1, 1], "must be those of a code"),
        ([0b10000000], [1], "some bits are none"),
        ([0b01010101], [0, 0], "some bits are none"),
        ([0b01010101, 0], [1, 1], "must end with the last weight"),
        ([0b01010110], [1, 1], "must end with the last weight"),
        ([], [1, 1], "but end before"),
        ([0b11111111], [15, 1], "some bits are none"),
    ],
)
def test_hostile_streams(words, lengths, said):
    with pytest.raises(InputError, match=said):
        Huffman((2, 3), np.array(words, np.int64), ONE, 0, np.array(lengths)).decode()


def test_a_stream_that_ends_early():
    with pytest.raises(InputError, match="end"):
        Huffman((2, 9), np.array([0b01010101, 255]), ONE, 0, np.array([1, 1])).decode()


@pytest.mark.parametrize(("bits", "most"), [(2.98, 0.143), (2.49, 0.203)])
def test_the_error_on_the_published_network(published, bits, most):
    weights = published["fc1"]
    fits = [fit(weights, step=step) for step in np.geomspace(0.3, 1, 40)]
    best = min(error(weights, each.real) for each in fits if each.bits <= 2560 * bits)
    assert 0.85 * most < best < most


def test_what_is_dear_is_rounded_toward_zero(published):
    weights = published["fc1"]
    nearest = np.rint(weights / (0.5 * np.sqrt((weights**2).mean()))).astype(int)
    counts = np.bincount((nearest - nearest.min()).reshape(-1))
    plain = (counts * lengths_of(counts)).sum() / weights.size
    assert np.count_nonzero(counts) > 10
    coded = fit(weights, step=0.5)
    assert coded.bits_a_weight < plain
    assert np.abs(coded.decode()).sum() < np.abs(nearest).sum()


def test_steps_that_8_bits_do_not_hold_are_coarser():
    weights = np.array([[1000.0, 1.0, -1.0, 2.0]])
    coded = fit(weights, step=1e-6)
    assert error(weights, coded.real) < 0.01
    assert np.abs(coded.decode()).max() <= 127
