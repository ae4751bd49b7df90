"""The torch module is the published network, and its IR means the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from hwgen.errors import UsageError
from hwgen.network.ops.conv1d import Conv1d
from hwgen.zoo._spectrum import spectrum
from hwgen.zoo.bearingpga import BearingPGA, BearingPGANet

REAL = (
    Path(__file__).resolve().parents[2].parent
    / "shared/data/checkpoints/bearingpga_cwru_0hp_-6db.pt"
)


@pytest.mark.parametrize(
    ("design", "classes"),
    [
        (BearingPGA(), 10),
        (BearingPGA(window=1024, filters=8, kernel=32), 6),
        (BearingPGA(hidden=20), 10),
        (BearingPGA(window=256, filters=3, kernel=7, stride=3, padding=1, pool=3), 2),
        (BearingPGA(window=64, kernel=8, pool=1), 4),
    ],
)
def test_the_network_means_what_the_module_computes(design, classes):
    torch.manual_seed(1)
    model = BearingPGANet(design, classes).double()
    names = tuple("abcdefghij"[:classes])
    network = design.network(model, 1, names, 1.5, 12000.0)
    x = np.random.default_rng(0).normal(size=(5, design.window))
    with torch.no_grad():
        expected = model(torch.tensor(x)).numpy()
    np.testing.assert_allclose(network.run(x), expected, rtol=1e-9, atol=1e-9)
    assert network.classes == names
    assert (network.input_scale, network.sample_rate) == (1.5, 12000.0)
    assert network.parameters == sum(p.numel() for p in model.parameters())


def test_the_published_sizes():
    model = BearingPGANet(BearingPGA(), 10)
    shapes = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    assert shapes == {
        "conv1.weight": (4, 1, 64),
        "conv1.bias": (4,),
        "fc1.weight": (10, 256),
        "fc1.bias": (10,),
    }
    assert model.conv1.padding == (28,)


def test_the_real_checkpoint_fits_the_module():
    if not REAL.exists():
        pytest.skip(f"no {REAL}")
    state = torch.load(REAL, weights_only=True)
    BearingPGANet(BearingPGA(), 10).load_state_dict(state)


def test_spectrum_is_the_published_front_end():
    x = torch.randn(3, 128, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = torch.fft.fft(x).abs()[:, None, 64:] / 128
    torch.testing.assert_close(spectrum(x), expected)


def test_initial_weights_suit_the_small_bins_of_the_spectrum():
    torch.manual_seed(0)
    design = BearingPGA()
    network = design.network(BearingPGANet(design, 10), 1, tuple("abcdefghij"), 1.0, None)
    conv = network.layers[1]
    assert isinstance(conv, Conv1d)
    y = network.activations(np.random.default_rng(0).normal(size=(8, 2048)))["conv1"]
    assert 0.05 < y.max() < 20  # without the gain the maximum is about 0.02


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"window": 1000}, "--window must be a power of two"),
        ({"window": 8}, "--window must be"),
        ({"filters": 0}, "--filters must be from 1"),
        ({"kernel": 1 << 20}, "--kernel must be from 1"),
        ({"hidden": 0}, "--hidden must be from 1"),
        ({"stride": 0}, "--stride must be"),
        ({"stride": 7}, "--padding must be given"),
        ({"stride": 65}, "--padding must be given"),
        ({"padding": 64}, "--padding must be less than the kernel"),
        ({"pool": 0}, "--pool must be"),
        ({"window": 16, "pool": 2}, "--window must be large enough"),
    ],
)
def test_sizes_that_make_no_network_name_the_option(sizes, says):
    with pytest.raises(UsageError, match=says):
        BearingPGA(**sizes)
