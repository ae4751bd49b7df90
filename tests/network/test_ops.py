"""Every op against torch, on random shapes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional

from hwgen.errors import InputError
from hwgen.network.layer import Layer
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum

seeds = st.integers(0, 2**32 - 1)


def check(layer: Layer, x: np.ndarray, expected: torch.Tensor) -> None:
    """Assert equal values and that the shape rule told the truth."""
    y = layer.apply(x)
    assert y.shape[1:] == layer.output_shape(x.shape[1:])
    np.testing.assert_allclose(y, expected.numpy(), rtol=1e-10, atol=1e-10)


@given(
    seed=seeds,
    n=st.integers(1, 3),
    channels=st.integers(1, 4),
    filters=st.integers(1, 5),
    length=st.integers(1, 70),
    kernel=st.integers(1, 40),
    stride=st.integers(1, 9),
    padding=st.integers(0, 20),
    relu=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_conv1d(*, seed, n, channels, filters, length, kernel, stride, padding, relu):
    assume(padding < kernel <= length + 2 * padding)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, channels, length))
    weight = rng.normal(size=(filters, channels, kernel))
    bias = rng.normal(size=filters)
    y = functional.conv1d(
        torch.tensor(x), torch.tensor(weight), torch.tensor(bias), stride, padding
    )
    check(
        Conv1d("conv1", weight, bias, stride, padding, relu), x, functional.relu(y) if relu else y
    )


@given(seed=seeds, channels=st.integers(1, 4), length=st.integers(1, 50), size=st.integers(1, 9))
@settings(max_examples=50, deadline=None)
def test_maxpool1d(seed, channels, length, size):
    assume(size <= length)
    # All negative, so that a maximum that starts from zero shows.
    x = -np.random.default_rng(seed).uniform(1, 2, size=(2, channels, length))
    check(MaxPool1d("pool1", size), x, functional.max_pool1d(torch.tensor(x), size))


@given(
    seed=seeds,
    shape=st.lists(st.integers(1, 6), min_size=1, max_size=2),
    outputs=st.integers(1, 6),
    relu=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_dense_flattens_channel_major(seed, shape, outputs, relu):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, *shape))
    weight = rng.normal(size=(outputs, x[0].size))
    bias = rng.normal(size=outputs)
    y = functional.linear(torch.tensor(x).flatten(1), torch.tensor(weight), torch.tensor(bias))
    check(Dense("fc1", weight, bias, relu), x, functional.relu(y) if relu else y)


@pytest.mark.parametrize("window", [16, 64, 2048, 65536])
def test_spectrum_is_the_published_front_end(window):
    x = np.random.default_rng(window).normal(size=(2, window))
    expected = torch.fft.fft(torch.tensor(x)).abs()[:, None, window // 2 :] / window
    check(Spectrum("spectrum", window), x, expected)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Spectrum("s", 1000), "window must be a power of two"),
        (lambda: Spectrum("s", 8), "window must be"),
        (lambda: Spectrum("s", 1 << 17), "window must be"),
        (lambda: Spectrum("s", 2048.0), "window must be"),  # type: ignore[arg-type]
        (lambda: MaxPool1d("p", 0), "p size must be an integer of at least 1"),
        (lambda: MaxPool1d("p", True), "p size must be"),
        (lambda: Conv1d("c", np.ones((2, 1, 3)), np.ones(3), 1, 0), r"one value a filter \(2\)"),
        (lambda: Conv1d("c", np.ones((2, 3)), np.ones(2), 1, 0), "c.weight must have 3 dim"),
        (lambda: Conv1d("c", np.ones((2, 1, 3)), np.ones(2), 0, 0), "c stride"),
        (lambda: Conv1d("c", np.ones((2, 1, 3)), np.ones(2), 1, -1), "c padding"),
        (lambda: Conv1d("c", np.ones((2, 1, 3)), np.ones(2), 1, 4097), "at most 4,096, not 4,097"),
        (lambda: Dense("d", np.ones((2, 3)), np.ones(3)), r"one value an output \(2\)"),
        (lambda: Dense("d", np.ones((2, 0)), np.ones(2)), "1 to .* elements, not 0"),
        (lambda: Dense("d", np.array([[1, np.nan]]), np.ones(1)), "1 of 2 are NaN"),
        (lambda: Dense("d", [[1, 2], [3]], np.ones(2)), "rectangular"),  # type: ignore[arg-type]
        (lambda: Dense("d", [["a"]], np.ones(1)), "of numbers"),  # type: ignore[arg-type]
    ],
)
def test_each_rule_of_a_layer(make, says):
    with pytest.raises(InputError, match=says):
        make()


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Spectrum("s", 64), (32,)),
        (Spectrum("s", 64), (1, 64)),
        (Conv1d("c", np.ones((2, 3, 4)), np.ones(2), 1, 0), (2, 16)),
        (Conv1d("c", np.ones((2, 3, 4)), np.ones(2), 1, 0), (3, 3)),
        (Conv1d("c", np.ones((2, 3, 4)), np.ones(2), 1, 0), (16,)),
        (MaxPool1d("p", 4), (1, 3)),
        (MaxPool1d("p", 4), (8,)),
        (Dense("d", np.ones((2, 6)), np.ones(2)), (2, 4)),
    ],
)
def test_a_shape_that_does_not_fit_names_the_layer(layer, shape):
    with pytest.raises(InputError, match=f"^{layer.name} "):
        layer.output_shape(shape)


def test_weights_are_copies_that_cannot_be_written():
    weight = np.ones((2, 3))
    layer = Dense("d", weight, np.ones(2))
    weight[0, 0] = 5
    assert layer.weight[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        layer.weight[0, 0] = 5
