from __future__ import annotations

import numpy as np
import pytest

from hwgen.coding.codes.uniform import Uniform, fit
from hwgen.coding.matrix import error
from hwgen.errors import InputError


@pytest.mark.parametrize("width", range(1, 9))
@pytest.mark.parametrize("odd", [False, True])
def test_all_words(width, odd):
    if width == 1 and not odd:
        return
    words = np.arange(1 << width)
    coded = Uniform((1, len(words)), words, np.ones(1, np.int64), width, odd)
    wanted = []
    for word in range(1 << width):
        number = word - (1 << width) if word >= 1 << (width - 1) else word
        wanted.append(2 * number + 1 if odd else number)
    assert coded.decode().tolist() == [wanted]


def test_a_sign_alone_has_no_zero():
    with pytest.raises(InputError, match="width must be a whole number from 2 to 8, not 1"):
        Uniform((1, 2), np.array([0, 1]), np.ones(1, np.int64), 1, False)


@pytest.mark.parametrize(("width", "most"), [(3, 0.30), (4, 0.18), (5, 0.095)])
def test_the_error_on_the_published_network(published, width, most):
    weights = published["fc1"]
    coded = fit(weights, width=width)
    assert coded.bits == 2560 * width + 10 * 16
    assert 0.85 * most < error(weights, coded.real) < most


def test_the_best_clip_is_found():
    weights = np.random.default_rng(0).standard_normal((1, 4000))
    # Max, "Quantizing for minimum distortion", 1960, table II: uniform levels for a normal density.
    for width, least in ((1, 0.3634), (2, 0.1188), (3, 0.03744), (4, 0.01154)):
        found = error(weights, fit(weights, width=width, odd=True).real) ** 2
        assert abs(found / least - 1) < 0.05, width


def test_no_scale_of_many_is_nearer(matrix):
    coded = fit(matrix, width=3, odd=False)
    row = matrix[6]
    best = min(
        np.linalg.norm(row - step * np.clip(np.rint(row / step), -4, 3))
        for step in np.linspace(0.01, 1, 3000) * np.abs(row).max()
    )
    assert np.linalg.norm(row - coded.real[6]) < 1.02 * best


def test_one_scale_for_all():
    weights = np.random.default_rng(0).standard_normal((4, 50))
    assert fit(weights, rows=False).scales.shape == (1,)
    assert error(weights, fit(weights, rows=False).real) < 0.15
