"""Grad-CAM: by its definition, and of which layer."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import UsageError
from hwgen.explain.cam import cam_layer, grad_cam
from hwgen.explain.gradients import gradients
from hwgen.explain.places import axes


def test_it_is_the_rectified_sum_of_channels_by_their_mean_gradient():
    values = np.array([[[1.0, 2.0, 0.0], [4.0, 0.0, 1.0]]])
    slopes = np.array([[[1.0, 1.0, 1.0], [-1.0, 0.0, -0.5]]])
    np.testing.assert_allclose(grad_cam(values, slopes), [[0.0, 2.0, 0.0]])


def test_values_without_an_axis_of_channels_are_one():
    assert grad_cam(np.ones((2, 5)), np.ones((2, 5))).tolist() == [[1.0] * 5] * 2


def test_the_layer_is_the_last_that_has_positions(make_network):
    network = make_network(3, window=64, hidden=5)
    values = network.activations(np.random.default_rng(1).normal(size=(1, 64)))
    slopes = gradients(network, values, {"last": np.ones((1, 4))})
    known = axes(network)
    assert cam_layer(network, slopes, known, None) == "pool1"
    assert cam_layer(network, slopes, known, "conv1") == "conv1"
    with pytest.raises(UsageError, match="must be one of spectrum, conv1, pool1, not 'fc1'"):
        cam_layer(network, slopes, known, "fc1")


def test_a_branch_beside_others_is_passed_over():
    from tests.explain.test_attention import network as quadratic

    network, _ = quadratic()
    values = network.activations(np.random.default_rng(1).normal(size=(1, 40)))
    slopes = gradients(network, values, {"c": np.ones((1, 4))})
    assert "c_square" in slopes  # it has positions, and only a part of what is said comes by it
    assert cam_layer(network, slopes, axes(network), None) == "b"
