from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from hwgen.coding.codes.inr import SINES, Inr, fit
from hwgen.coding.matrix import error
from hwgen.errors import InputError


def meant(coded, row, tap):
    """Return a weight by the definition, in Python's integers."""
    place = row * coded.shape[1] + tap
    for number, each in enumerate(coded.places):
        if each == place:
            return int(coded.outliers[number])
    hidden = len(coded.starts)
    at = (row, tap // coded.kernel, tap % coded.kernel)
    first = []
    for j in range(hidden):
        phase = int(coded.starts[j]) + sum(int(coded.steps[j, k]) * at[k] for k in range(3))
        first.append(sine(phase))
    total = int(coded.offset[0])
    for i in range(hidden):
        acc = 0
        for j in range(hidden):
            word = int(coded.words[i * hidden + j])
            if word >= 1 << (coded.weight_bits - 1):
                word -= 1 << coded.weight_bits
            acc += word * first[j]
        total += int(coded.values[i]) * sine(acc // 2**coded.shift + int(coded.offsets[i]))
    return min(max(total // 2**coded.out_shift, -128), 127)


def sine(phase):
    turns = ((phase % 65536) // 64 + 0.5) / 1024
    return math.floor(255 * math.sin(2 * math.pi * turns) + 0.5)


@pytest.fixture(scope="module")
def smooth():
    """Weights ``(6, 48)`` with structure, of 3 channels, and an outlier."""
    row, tap = np.mgrid[:6, :48]
    weights = np.sin(tap / 5 + row) + 0.5 * np.cos(tap % 16 / 3) + 0.3
    weights[2, 7] = 12.0
    return weights


@pytest.fixture(scope="module")
def coded(smooth):
    return fit(smooth, hidden=12, kernel=16, epochs=1500, weight_bits=8)


def test_it_is_decoded_by_its_definition(coded):
    wanted = [[meant(coded, row, tap) for tap in range(48)] for row in range(6)]
    assert coded.decode().tolist() == wanted


def test_it_learns_what_has_structure(smooth, coded):
    assert error(smooth, coded.real) < 0.1
    assert coded.bits_a_weight == 12 * 12 * 8 / smooth.size


def test_the_outlier_stands_apart(smooth, coded):
    assert 2 * 48 + 7 in coded.places
    assert abs(coded.real[2, 7] / 12 - 1) < 0.01
    alone = fit(smooth, hidden=12, kernel=16, epochs=50, outliers=0)
    assert alone.places.size == 0


def test_the_table_is_a_turn():
    assert np.array_equal(SINES[:512], -SINES[512:])
    assert (SINES.max(), SINES.min(), len(SINES)) == (255, -255, 1024)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kernel", 7, "kernel must divide"),
        ("kernel", 0, "kernel must be"),
        ("weight_bits", 13, "weight_bits"),
        ("shift", 64, "shift"),
        ("out_shift", -1, "out_shift"),
        ("places", np.array([288]), "places must be below 288"),
        ("offset", np.zeros(2, np.int64), "offset must have the shape"),
        ("steps", np.zeros((12, 2), np.int64), "steps must have the shape"),
        ("starts", np.zeros(0, np.int64), "hidden sines"),
        ("values", np.full(12, 5000), "values must be -2048 to 2047"),
    ],
)
def test_hostile_records(coded, field, value, said):
    given = {field: value}
    if field == "places":
        given["outliers"] = np.zeros(1, np.int64)
    with pytest.raises(InputError, match=said):
        dataclasses.replace(coded, **given)


def test_the_error_on_the_published_network_is_large(published):
    found = fit(published["fc1"], hidden=16, epochs=300)
    assert isinstance(found, Inr)
    assert 0.4 < error(published["fc1"], found.real) < 0.8
