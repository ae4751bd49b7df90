"""Where positions lie, and maps at other places."""

from __future__ import annotations

import numpy as np

from hwgen.explain.places import Axis, axes, resized
from hwgen.network import SAMPLES, Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.slice import Slice


def test_samples_are_in_time_bins_are_not_and_flat_values_are_nowhere(make_network):
    found = axes(make_network(3, window=64, hidden=5))
    assert found[SAMPLES] is Axis.TIME
    assert {found[name] for name in ("spectrum", "conv1", "pool1")} == {Axis.BINS}
    assert {found[name] for name in ("fc1", "last")} == {Axis.NONE}


def test_what_is_cut_out_of_positions_is_nowhere():
    layers = (
        Direct("direct"),
        Conv1d("conv", np.ones((2, 1, 3)), np.zeros(2), 1, 1),
        Slice("channel", "channels", 0, 1),
        Slice("part", "positions", 4, 5),
        Dense("last", np.ones((2, 5)), np.zeros(2)),
    )
    found = axes(Network.chain("cut", 16, layers))
    assert [found[each.name].value for each in layers] == ["time", "time", "time", "none", "none"]


def test_the_nearest_position():
    assert resized(np.array([[1.0, 2.0, 3.0]]), 6).tolist() == [[1, 1, 2, 2, 3, 3]]
    assert resized(np.array([1.0, 2.0]), 5).tolist() == [1, 1, 2, 2, 2]


def test_a_straight_line_between_the_middles():
    found = resized(np.array([[0.0, 4.0]]), 8, linear=True)
    assert found.tolist() == [[0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4]]
