"""Bare tensors of quadratic neurons: what they mean, and what is wrong with others."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from hwgen import importers, zoo
from hwgen.calibration import calibrate
from hwgen.errors import InputError
from hwgen.golden import classify, judged
from hwgen.importers import Geometry
from hwgen.importers.quadratic import ordered
from hwgen.passes import canonical
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task
from hwgen.zoo._quadratic import QuadraticConv1d

CIRCLES = Path(__file__).parents[3] / "shared/data/checkpoints/quadratic/qmlp_circles.pth"


class Dense(nn.Module):
    """As published: weights are (inputs, outputs)."""

    def __init__(self, inputs, outputs):
        super().__init__()
        for part in "rgb":
            setattr(self, f"weight_{part}", nn.Parameter(torch.randn(inputs, outputs)))
            setattr(self, f"bias_{part}", nn.Parameter(torch.randn(outputs)))

    def forward(self, x):
        return (x @ self.weight_r + self.bias_r) * (x @ self.weight_g + self.bias_g) + (
            x.square() @ self.weight_b + self.bias_b
        )


class Mlp(nn.Module):
    def __init__(self, *sizes, kinds=()):
        super().__init__()
        kinds = kinds or (Dense,) * (len(sizes) - 1)
        pairs = itertools.pairwise(sizes)
        self.mlp = nn.ModuleDict(
            {
                f"layer{n}": kind(*pair)
                for n, (kind, pair) in enumerate(zip(kinds, pairs, strict=True))
            }
        )

    def forward(self, x):
        layers = list(self.mlp.values())
        for layer in layers[:-1]:
            x = functional.relu(layer(x))
        return layers[-1](x)


class Qcnn(nn.Module):
    """Published names: cnn.Conv1D_1.weight_r, cnn.BN_1.weight, ... fc1, fc2."""

    def __init__(self, filters=(4, 4, 4), hidden=5, positions=8):
        super().__init__()
        self.cnn = nn.Sequential()
        inputs = 1
        for n, count in enumerate(filters, 1):
            how = (64, 8, 28) if n == 1 else (3, 1, 0) if n == len(filters) else (3, 1, 1)
            self.cnn.add_module(f"Conv1D_{n}", QuadraticConv1d(inputs, count, *how))
            self.cnn.add_module(f"BN_{n}", nn.BatchNorm1d(count))
            self.cnn.add_module(f"Relu_{n}", nn.ReLU())
            self.cnn.add_module(f"Pool_{n}", nn.MaxPool1d(2))
            inputs = count
        self.fc1, self.fc2 = nn.Linear(filters[-1] * positions, hidden), nn.Linear(hidden, 3)
        for name, tensor in self.state_dict().items():
            if not name.endswith("tracked"):
                tensor.add_(0.1 * torch.rand(tensor.shape))

    def forward(self, x):
        y = self.cnn(x.unsqueeze(1)).flatten(1)
        return self.fc2(functional.relu(self.fc1(y)))


def saved(path, module, **other):
    torch.save({"state_dict": module.state_dict(), **other} if other else module.state_dict(), path)
    return path


def check(network, module, window):
    x = torch.randn(4, window, dtype=torch.float64)
    with torch.no_grad():
        expected = module.double().eval()(x).numpy()
    for each in (network, canonical(network)):
        np.testing.assert_allclose(each.run(x.numpy()), expected, rtol=1e-5, atol=1e-5)


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(3)


@pytest.mark.parametrize(
    "module",
    [
        Mlp(2, 10, 2), Mlp(6, 6, 6, 3), Mlp(5, 4, 3, kinds=(Dense, nn.Linear)),
        Mlp(5, 4, 3, kinds=(nn.Linear, Dense)),
    ],
    ids=["circles", "square", "plain end", "plain beginning"],
)  # fmt: skip
def test_dense_layers(tmp_path, module):
    found = importers.load(saved(tmp_path / "net.pth", module, epoch=3))
    check(found.network, module, next(iter(module.parameters())).shape[0 if
          isinstance(module.mlp["layer0"], Dense) else 1])  # fmt: skip
    (note,) = [each for each in found.notes if "a ReLU between the layers" in each]
    assert note.startswith("the order layer0, layer1")
    assert note.endswith("none behind the last; weights of quadratic layers (inputs, outputs)")


@pytest.mark.parametrize("kind", ["sorted", "turned", "safetensors"])
def test_layers_go_by_the_numbers_in_their_names(tmp_path, kind):
    module = Mlp(*(6,) * 13)
    for tensor in module.parameters():
        tensor.data *= 0.2
    state = module.state_dict()
    if kind == "safetensors":
        save_file(
            {key: value.clone() for key, value in state.items()}, tmp_path / "net.safetensors"
        )
        path = tmp_path / "net.safetensors"
    else:
        keys = sorted(state) if kind == "sorted" else reversed(state)
        path = tmp_path / "net.pth"
        torch.save({key: state[key] for key in keys}, path)
    network = importers.load(path).network
    x = torch.randn(3, 6, dtype=torch.float64)
    with torch.no_grad():
        wanted = module.double()(x).numpy()
    np.testing.assert_allclose(network.run(x.numpy()), wanted, rtol=1e-5)


def test_names_without_numbers_keep_their_places():
    assert ordered(["in", "h10", "mid", "h2", "b.1.x", "out", "b.0.x"]) == [
        "in", "h2", "mid", "h10", "b.0.x", "out", "b.1.x"
    ]  # fmt: skip


@pytest.mark.parametrize("window", [None, 512])
def test_the_published_convolutional_network(tmp_path, window):
    module = Qcnn(positions=7)
    path = saved(tmp_path / "net.pth", nn.DataParallel(module))
    found = importers.load(path, geometry=Geometry(window=window))
    assert found.network.input_samples == 512
    check(found.network, module, 512)
    assert any("QCNN's shape" in note and "windows of 512 samples" in note for note in found.notes)


class Apart(nn.Module):
    """All convolutions are defined before all normalisations."""

    def __init__(self, norms=3):
        super().__init__()
        shapes = (1, 8, 64, 8, 28), (8, 8, 3, 1, 1), (8, 8, 3, 1, 0)
        self.convs = nn.ModuleList(QuadraticConv1d(*shape) for shape in shapes)
        self.norms = nn.ModuleList(nn.BatchNorm1d(8) for _ in range(norms))
        self.fc1, self.fc2 = nn.Linear(56, 5), nn.Linear(5, 3)
        for norm in self.norms:
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)

    def forward(self, x):
        y = x.unsqueeze(1)
        for number, conv in enumerate(self.convs):
            y = conv(y)
            y = self.norms[number](y) if len(self.norms) else y
            y = functional.max_pool1d(functional.relu(y), 2)
        return self.fc2(functional.relu(self.fc1(y.flatten(1))))


@pytest.mark.parametrize("norms", [0, 3])
def test_normalisations_go_with_convolutions_by_their_order(tmp_path, norms):
    module = Apart(norms)
    check(importers.load(saved(tmp_path / "net.pth", module)).network, module, 512)


def test_networks_of_the_zoo_by_their_bare_tensors(tmp_path):
    design = zoo.designed("qcnn16", {})
    module = design.module(1, 10, design.recipe("default").student).double().eval()
    network = importers.load(saved(tmp_path / "net.pth", module)).network
    x = np.random.default_rng(1).standard_normal((2, 2048))
    with torch.no_grad():
        np.testing.assert_allclose(network.run(x), module(torch.from_numpy(x)), atol=1e-5)


def test_the_published_circles():
    network = canonical(importers.load(CIRCLES).network)
    rng = np.random.default_rng(2)
    angle, label = rng.uniform(0, 2 * np.pi, 2000), rng.integers(0, 2, 2000)
    x = np.where(label == 0, 1.0, 0.7) * np.stack([np.cos(angle), np.sin(angle)])
    x = x.T + rng.normal(0, 0.03, (2000, 2))
    model = calibrate(network, x[:500], Precision(), Task(("outer", "inner"), 1.0, None)).model
    floats, fixed = network.run(x).argmax(1), classify(judged(model, digitise(x, model.bits)))
    assert np.mean(floats == label) > 0.999
    assert np.mean(fixed == label) > 0.998


def without(state, *keys):
    return {key: value for key, value in state.items() if key not in keys}


def transposed(state):
    return {key: value.T if "weight" in key else value for key, value in state.items()}


WRONG = {
    "no g": (
        lambda: without(Mlp(2, 10, 2).state_dict(), "mlp.layer0.weight_g", "mlp.layer1.bias_b"),
        r"layer0 has no weight_g, but a quadratic layer has weight_r, .*layer1 has no bias_b",
    ),
    "transposed": (
        lambda: transposed(Mlp(2, 10, 3).state_dict()),
        r"layer0.weight_r must be \(inputs, outputs\) .*\(10, 2\).* transposed",
    ),
    "other sizes": (
        lambda: Mlp(2, 10, 3).state_dict() | {"mlp.layer1.weight_r": torch.ones(9, 3)},
        r"layer1 must have weights of one shape",
    ),
    "a bias of two axes": (
        lambda: Mlp(2, 3).state_dict() | {"mlp.layer0.bias_g": torch.ones(1, 3)},
        r"layer0 must have bias_g of one axis, not \(1, 3\)",
    ),
    "no chain": (
        lambda: {
            **{f"a.{k}": v for k, v in Dense(2, 5).state_dict().items()},
            **{f"b.{k}": v for k, v in Dense(4, 3).state_dict().items()},
        },
        r"b takes 4 numbers and gives 3, with 3 biases, but what is before it gives 5",
    ),
    "other taps": (
        lambda: (
            {f"cnn.c.{k}": v for k, v in QuadraticConv1d(1, 4, 32).state_dict().items()}
            | {f"fc.{k}": v for k, v in nn.Linear(4, 3).state_dict().items()}
        ),
        r"convolutions must have 64 taps .* not cnn.c \(4, 1, 32\)",
    ),
    "other lengths": (
        lambda: Qcnn(positions=5).state_dict(),
        r"fc1 must take what QCNN's convolutions and poolings make .* not 20 numbers",
    ),
    "a normalisation too few": (
        lambda: Apart(2).state_dict(),
        r"one batch normalisation for each of 3 convolutions, or none, not 2",
    ),
    "a normalisation between dense layers": (
        lambda: (
            Mlp(2, 3).state_dict()
            | {f"bn.{k}": v for k, v in nn.BatchNorm1d(3).state_dict().items()}
        ),
        r"do not say whether bn comes before a ReLU or behind",
    ),
    "NaN": (
        lambda: Mlp(2, 3).state_dict() | {"mlp.layer0.bias_g": torch.full((3,), torch.nan)},
        r"3 of 3 in .*bias_g",
    ),
    "integers": (
        lambda: Mlp(2, 3).state_dict() | {"mlp.layer0.bias_g": torch.ones(3, dtype=torch.int64)},
        r"bias_g must be float32, not int64",
    ),
    "two networks": (
        lambda: {"a": Mlp(2, 3).state_dict(), "b": Mlp(2, 4).state_dict()},
        r"holds 2 networks: a, b; choose one with --weights-from",
    ),
}


@pytest.mark.parametrize(("state", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(tmp_path, state, says):
    path = tmp_path / "net.pth"
    torch.save(state(), path)
    with pytest.raises(InputError, match=says) as caught:
        importers.load(path)
    assert "\n" not in str(caught.value)


def test_one_of_two_networks(tmp_path):
    path = tmp_path / "net.pth"
    torch.save({"a": Mlp(2, 3).state_dict(), "b": Mlp(2, 4).state_dict()}, path)
    found = importers.load(path, weights_from="b")
    assert found.network.logits == 4
    assert "weights are those under b" in found.notes


@pytest.mark.parametrize(
    ("geometry", "says"),
    [(Geometry(stride=2), "leave --stride out"), (Geometry(window=64), "--window says 64")],
)
def test_what_the_tensors_say_is_not_said_again(tmp_path, geometry, says):
    path = saved(tmp_path / "net.pth", Mlp(2, 3))
    with pytest.raises(InputError, match=says):
        importers.load(path, geometry=geometry)


def test_outputs_are_put_in_order(tmp_path):
    path = saved(tmp_path / "net.pth", Mlp(2, 3))
    one, other = (importers.load(path, outputs=order).network for order in ((), (2, 0, 1)))
    x = np.ones((1, 2))
    np.testing.assert_array_equal(other.run(x), one.run(x)[:, [2, 0, 1]])
