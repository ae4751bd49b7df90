"""All maps of windows together."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.explain import Axis, maps_of, target_of
from hwgen.explain.attention import layer_attention, quadratic_layers
from hwgen.explain.maps import CAM, GRADIENT, Map
from tests.explain.test_attention import network as quadratic


def found(network, x):
    return maps_of(network, x, target_of(network, network.activations(x), None))


def test_a_quadratic_network_has_all_three_kinds():
    network, _ = quadratic()
    x = np.random.default_rng(1).normal(size=(3, 40))
    maps = found(network, x)
    names = ["Qttention a", "Qttention b", "Qttention c", "gradient x input", "Grad-CAM b"]
    assert [each.name for each in maps] == names
    assert all(each.values.shape == (3, 40) for each in maps)
    assert all((each.values >= 0).all() for each in maps)


def test_filters_and_channels_are_put_together_by_the_mean_of_absolute_values():
    network, _ = quadratic()
    x = np.random.default_rng(2).normal(size=(2, 40))
    read = network.activations(x)["relu"]
    second = found(network, x)[1]
    for number in range(2):
        _, attention = layer_attention(quadratic_layers(network)[1], read[number])
        wanted = np.repeat(np.abs(attention).mean(axis=(0, 1)), 2)  # 20 places of 40 samples
        np.testing.assert_allclose(second.values[number], wanted)
    assert second.positions == 20
    assert second.parts["filters"].shape == (2, 20)
    assert second.parts["raw"].shape == (2, 3, 20)


def test_gradient_times_input_of_a_linear_network_adds_up_to_its_logit(make_network):
    from hwgen.network import Network
    from hwgen.network.ops.dense import Dense
    from hwgen.network.ops.direct import Direct

    weight = np.random.default_rng(3).normal(size=(2, 8))
    network = Network.chain("line", 8, (Direct("direct"), Dense("last", weight, np.zeros(2))))
    x = np.random.default_rng(4).normal(size=(1, 8))
    gradient, cam = found(network, x)
    assert (gradient.kind, cam.kind) == (GRADIENT, CAM)
    assert gradient.parts["product"].sum() == pytest.approx(network.run(x).max())


def test_a_spectrum_leads_back_to_the_samples_and_its_layers_lie_among_bins(make_network):
    network = make_network(6, window=64)
    gradient, cam = found(network, np.random.default_rng(5).normal(size=(1, 64)))
    assert (gradient.axis, gradient.values.shape) == (Axis.TIME, (1, 64))
    assert (cam.axis, cam.values.shape) == (Axis.BINS, (1, 32))


def test_half_of_the_energy():
    def share(values):
        return Map(CAM, "l", Axis.TIME, 4, np.array([values]), {}).half

    assert share([0.0, 3.0, 0.0, 0.0]) == 0.25
    assert share([1.0, 1.0, 1.0, 1.0]) == 0.5
    assert share([0.0, 0.0, 0.0, 0.0]) is None
