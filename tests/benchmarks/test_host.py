"""Every way of classifying on the host gives the float network's classes and logits."""

from __future__ import annotations

import host
import numpy as np
import pytest

from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum

WAYS = ("c", "numpy", "torch", "torch-batch")
"""Without torch.compile, which takes 20 s to compile; `measured` checks it when it is run."""


@pytest.fixture
def network():
    """Of sizes that leave a rest everywhere: radix 2 in the FFT, positions beyond the pool."""
    rng = np.random.default_rng(4)
    return Network.chain(
        "bearingpga",
        64,
        (
            Spectrum("spectrum", 64),
            Conv1d("conv1", rng.normal(size=(3, 1, 5)), rng.normal(size=3) / 9, 2, 1),
            MaxPool1d("pool1", 2),
            Dense("fc1", rng.normal(size=(4, 21)), rng.normal(size=4) / 9),
        ),
    )


@pytest.fixture
def windows():
    """Tones in noise: of different classes."""
    rng = np.random.default_rng(5)
    tones = np.sin(np.outer(rng.uniform(0, np.pi, 40), np.arange(64)))
    return 30 * tones + rng.normal(size=(40, 64))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "FOLDER", tmp_path)


@pytest.mark.parametrize("name", WAYS)
def test_logits(name, network, windows):
    baseline = host.BASELINES[name][1](network)
    found = baseline.logits(windows.astype(np.float32))
    exact = network.run(windows)
    # A dozen roundings of single precision.
    assert np.abs(found - exact).max() < 1e-6 * np.abs(exact).max()
    assert len(set(found.argmax(axis=1))) > 1


@pytest.mark.parametrize("name", ["c", "c-fft", "numpy"])
def test_times(name, network, windows):
    row = host.measured(host.BASELINES[name][1], network, windows, runs=20)
    assert 0 < row["min_us"] <= row["median_us"]
    assert row["agree"] == (None if name == "c-fft" else 40)


def test_another_class_is_an_error(network, windows, monkeypatch):
    monkeypatch.setattr(host.NumPy, "one", lambda _self, _x: np.eye(4, dtype=np.float32)[3])
    with pytest.raises(ValueError, match="NumPy agrees on"):
        host.measured(host.NumPy, network, windows, runs=1)
