"""Autoencoders of the zoo: module, graph and canonical graph score alike, in every form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import BatchNorm1d

from hwgen import importers, zoo
from hwgen.errors import UsageError
from hwgen.importers import CheckpointMeta, save_checkpoint
from hwgen.network import anomaly
from hwgen.network.ops.score import Score
from hwgen.passes import canonical
from hwgen.training.autoencoder import Autoencoder

FEATURES = ("ae", "hae-i", "hae-x", "hae-y", "qae")
CASES = [(name, size, 1) for name in FEATURES for size in ({"window": 128}, {"window": 9})] + [
    ("ae", {"window": 64, "features": "values"}, 1),
    ("mlp-ae", {"window": 128}, 1),
    ("mlp-ae", {"window": 128, "prepare": "z-score"}, 1),
    ("conv-ae", {"window": 128}, 1),
    ("conv-ae", {"window": 128}, 2),
    ("conv-ae", {"window": 128, "prepare": "max-abs"}, 2),
]


def grown(name, sizes, channels=1, recipe="default"):
    """Return a module, as if trained, and its network."""
    design = zoo.designed(name, sizes)
    assert isinstance(design, Autoencoder)
    torch.manual_seed(5)
    module = design.trained(channels, 2, design.recipe(recipe).student).double()
    healthy = windows(design, channels, 50)
    module.measure(torch.from_numpy(0.5 * healthy + 0.1))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        for layer in module.modules():
            if isinstance(layer, BatchNorm1d):
                layer.running_mean += 0.3 * torch.randn_like(layer.running_mean)
                layer.running_var *= 0.5 + torch.rand_like(layer.running_var)
    network = design.network(module.eval(), channels, anomaly.CLASSES, 1.5, 12e3)
    return design, module, network


def windows(design, channels, count):
    shape = (design.window,) if channels == 1 else (channels, design.window)
    return np.random.default_rng(0).standard_normal((count, *shape))


@pytest.mark.parametrize(("name", "sizes", "channels"), CASES)
@pytest.mark.parametrize("recipe", ["default", "published"])
def test_module_and_graph_score_alike(name, sizes, channels, recipe, tmp_path):
    if recipe not in zoo.designed(name, {}).recipes:
        pytest.skip("nobody has published it")
    design, module, network = grown(name, sizes, channels, recipe)
    x = windows(design, channels, 7)
    with torch.no_grad():
        given, made = module(torch.from_numpy(x))
    assert given.shape == made.shape
    wanted = (given - made).square().flatten(1).sum(1).numpy()
    assert np.ptp(wanted) > 0
    plain = canonical(network)
    for each in (network, plain):
        np.testing.assert_allclose(each.run(x)[:, 1], wanted, rtol=1e-6, atol=1e-6)
        assert np.isinf(each.run(x)[:, 0]).all()
    assert anomaly.score_of(plain) == Score("score")
    set_ = anomaly.with_score(network, Score("score", 3.0, 0.01))
    save_checkpoint(tmp_path / "x.pt", set_, meta=CheckpointMeta("made up", None))
    back = importers.load(tmp_path / "x.pt").network
    assert anomaly.score_of(back) == Score("score", 3.0, 0.01)
    np.testing.assert_allclose(back.run(x)[:, 1], wanted, rtol=1e-3)


@pytest.mark.parametrize(("name", "sizes", "channels"), CASES)
def test_a_step_changes_every_weight(name, sizes, channels):
    design = zoo.designed(name, sizes)
    torch.manual_seed(5)
    module = design.trained(channels, 2, design.recipe("default").student).train()
    before = {key: value.detach().clone() for key, value in module.named_parameters()}
    given, made = module(torch.from_numpy(windows(design, channels, 16)).float())
    (given - made).square().mean().backward()
    torch.optim.SGD(module.parameters(), 10.0).step()
    still = {key for key, value in module.named_parameters() if torch.equal(value, before[key])}
    assert still == set()


@pytest.mark.parametrize(
    ("name", "weights"),
    [("hae-x", 21_472), ("hae-y", 18_752), ("hae-i", 13_936)],
)
def test_the_published_sizes(name, weights):
    design = zoo.designed(name, {"window": 64, "features": "values"})
    module = design.module(1, 2, design.recipe("published").student)
    assert sum(each.numel() for each in module.parameters()) == weights


def test_the_published_names():
    design = zoo.designed("hae-x", {})
    module = design.module(1, 2, design.recipe("published").student)
    layers = {key.partition(".")[0] for key, _ in module.named_parameters()}
    published = "bn1 encq1 enc1 bn21 bn22 encq2 enc2 bn3 decq1 dec1 bn41 bn42 decq2 dec2"
    assert layers == set(published.split())


def test_a_constant_feature_is_no_division_by_zero():
    design = zoo.designed("ae", {"window": 8})
    module = design.module(1, 2, design.recipe("default").student)
    module.measure(torch.zeros(5, 8))
    assert (module.standard.scale == 1).all()
    x = torch.randn(50, 8) * torch.tensor([2.0] * 7 + [0.0])
    module.measure(x + 3)
    assert module.standard.scale[-1] == pytest.approx(2.0, rel=0.3)
    given, made = module(x)
    assert torch.isfinite(given).all()
    assert torch.isfinite(made).all()


@pytest.mark.parametrize(
    ("name", "sizes", "says"),
    [
        ("ae", {"features": "cepstrum"}, "--features must be spectrum or values, not cepstrum"),
        ("ae", {"window": 1000}, "--window of ae must be a power of two from 16 to 8192"),
        ("ae", {"window": 3}, "--window of ae must be from 4 to 4096 values, not 3"),
        ("hae-i", {"hidden": 0}, "--hidden must be from 1 to 4096, not 0"),
        ("mlp-ae", {"window": 8}, "--window of mlp-ae must be from 16 to 4096 samples, not 8"),
        ("mlp-ae", {"code": 0}, "--code must be from 1 to 4096, not 0"),
        ("conv-ae", {"window": 100}, "--window of conv-ae must be a multiple of 64 samples up to"),
    ],
)
def test_what_makes_no_network_is_refused(name, sizes, says):
    with pytest.raises(UsageError, match=says):
        zoo.designed(name, sizes)
