"""A live module becomes a network that computes the same, and stays as it is."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import hwgen
from hwgen import importers
from hwgen.calibration import calibrate
from hwgen.errors import FileAccessError, InputError
from hwgen.golden import judged
from hwgen.importers.live import Imported
from hwgen.network.grid import Grid
from hwgen.passes import canonical
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task
from tests.importers.onnx.test_torch import (
    SHAPES,
    Branches,
    Causal,
    Dense,
    Picked,
    Residual,
    Scales,
)


class Mixed(nn.Module):
    """Groups, a depthwise layer, several functions, a shortcut of its own input."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(2, 8, 5, 2, 2)
        self.grouped = nn.Sequential(nn.Conv1d(8, 8, 3, padding=2, dilation=2, groups=4), nn.GELU())
        self.deep = nn.Sequential(nn.Conv1d(8, 8, 3, padding=1, groups=8), nn.BatchNorm1d(8))
        self.last = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(8 * 8, 5))

    def forward(self, x):
        y = torch.tanh(self.first(x))
        y = y + functional.elu(self.deep(self.grouped(y)))
        return self.last(functional.avg_pool1d(torch.sigmoid(y), 4))


class OldNorm(nn.Module):
    """A weight norm whose weights are computed tensors, which cannot be copied as they are."""

    def __init__(self) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            self.conv = nn.utils.weight_norm(nn.Conv1d(1, 4, 5))
        self.last = nn.Linear(4, 3)

    def forward(self, x):
        return self.last(self.conv(x).mean(-1))


class Flat(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, (1, 8), (1, 4)), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
            nn.Linear(4 * 15, 3),
        )  # fmt: skip

    def forward(self, x):
        return self.layers(x.unsqueeze(2))


class Two(nn.Module):
    """A class and a value."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 5)
        self.one, self.two = nn.Linear(4, 3), nn.Linear(4, 1)

    def forward(self, x):
        y = self.conv(x).amax(-1)
        return {"class": torch.argmax(self.one(y), 1), "load": self.two(y)}


KINDS: dict[type[nn.Module], tuple[int, ...]] = {
    Residual: SHAPES[Residual], Branches: SHAPES[Branches], Causal: SHAPES[Causal],
    Dense: SHAPES[Dense], Mixed: (2, 64), OldNorm: (1, 32), Flat: (1, 64), Two: (1, 24),
    Scales: SHAPES[Scales], Picked: SHAPES[Picked],
}  # fmt: skip


def trained(kind: type[nn.Module]) -> nn.Module:
    """Return a module in training mode, as after a step: with statistics, gradients and a cache."""
    torch.manual_seed(4)
    module = kind()
    found = module(torch.randn(6, *KINDS[kind]))
    found = found["load"] if isinstance(found, dict) else found
    found.square().sum().backward()
    return module


def what_it_is(module: nn.Module) -> bytes:
    """Return all that a module consists of: modes, weights and their gradients."""
    return pickle.dumps([
        [(name, each.training) for name, each in module.named_modules()],
        [(key, value.dtype, value.tolist()) for key, value in module.state_dict().items()],
        [(value.requires_grad, None if value.grad is None else value.grad.tolist())
         for value in module.parameters()],
    ])  # fmt: skip


def assert_computes(found: Imported, module: nn.Module, shape: tuple[int, ...]) -> None:
    """Compare with the module's own numbers, which have a softmax or not."""
    used = kind_again(module) if isinstance(module, OldNorm) else copy.deepcopy(module).float()
    x = torch.randn(5, *shape, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        wanted = used.eval()(x)
    values = list(found.network.outputs(x.numpy().reshape(5, *found.network.input_shape)).values())
    if isinstance(wanted, dict):
        np.testing.assert_array_equal(values[0].argmax(1), wanted["class"].numpy())
        values, wanted = values[1:], wanted["load"]
    made = values[0].reshape(5, -1)
    if isinstance(module, Branches | Causal):
        made = made - np.log(np.exp(made).sum(axis=1, keepdims=True))
        wanted = wanted.log() if isinstance(module, Branches) else wanted
    np.testing.assert_allclose(made, wanted.numpy().reshape(5, -1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_computes_what_the_module_does_and_leaves_it_alone(tmp_path, kind):
    module = trained(kind)
    before = what_it_is(module)
    # As many numbers as it reads would be taken for an autoencoder's.
    answer = "values" if kind is Dense else None
    found = hwgen.from_torch(module, np.zeros((2, *KINDS[kind])), answer=answer)
    assert what_it_is(module) == before
    assert found.network.name == kind.__name__
    module.eval()
    assert_computes(found, module, KINDS[kind])

    found.save(tmp_path / "net.pt")
    again = importers.load(tmp_path / "net.pt")
    assert again.notes == found.notes
    assert_computes(Imported(again), module, KINDS[kind])


def test_a_norm_by_hooks_is_copied_after_a_step():
    module = trained(OldNorm)
    assert not module.conv.weight.is_leaf
    assert_computes(hwgen.from_torch(module, torch.zeros(1, 1, 32)), module, (1, 32))


def kind_again(module: nn.Module) -> nn.Module:
    """Return a module of the same weights that can be copied by the test."""
    made = OldNorm()
    made.load_state_dict(module.state_dict())
    return made


WRAPS = {
    "double": lambda module: module.double(),
    "half": lambda module: module.half(),
    "bfloat16": lambda module: module.bfloat16(),
    "compiled": lambda module: torch.compile(module, backend="eager"),
    "parallel": nn.DataParallel,
    "compiled in parallel": lambda module: nn.DataParallel(torch.compile(module, backend="eager")),
    "parallel inside": lambda module: nn.Sequential(nn.DataParallel(module), nn.Identity()),
}


@pytest.mark.parametrize("wrap", WRAPS)
def test_wrappers_and_types_make_no_difference(wrap):
    module = trained(Mixed)
    wrapped = WRAPS[wrap](module)
    found = hwgen.from_torch(wrapped, torch.zeros(1, 2, 64))
    assert found.network.name == ("Sequential" if "inside" in wrap else "Mixed")
    assert_computes(found, module, (2, 64))


def test_windows_without_an_axis_of_channels():
    module = nn.Sequential(nn.Unflatten(1, (1, 32)), nn.Conv1d(1, 4, 5), nn.Flatten(),
                           nn.Linear(112, 3))  # fmt: skip
    found = hwgen.from_torch(module, torch.zeros(7, 32))
    assert found.network.input_shape == (32,)
    assert_computes(found, module, (32,))


class ChannelsLast(nn.Module):
    """Takes samples as Keras does, with two axes of one."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.last = nn.Conv1d(3, 4, 5), nn.Linear(4, 3)

    def forward(self, x):
        return self.last(torch.relu(self.conv(x[:, 0].transpose(1, 2))).mean(-1))


def test_time_is_the_longer_axis_wherever_it_is():
    module = ChannelsLast()
    found = hwgen.from_torch(module, np.zeros((1, 1, 32, 3)))
    assert found.network.input_shape == (3, 32)
    x = torch.randn(1, 1, 32, 3)
    made = found.network.run(x.numpy()[:, 0].transpose(0, 2, 1))
    np.testing.assert_allclose(made, module(x).detach().numpy(), rtol=1e-4, atol=1e-5)


class Normed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.memory = nn.GRU(1, 4, batch_first=True)
        self.gates = nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 3))

    def forward(self, x):
        return self.gates(self.memory(x.transpose(1, 2))[0].mean(1))


def test_all_that_is_not_supported_is_named_with_its_place():
    with pytest.raises(InputError) as error:
        hwgen.from_torch(Normed(), torch.zeros(1, 1, 32))
    told = str(error.value)
    assert "Normed has nodes that hwgen cannot do" in told
    assert "(LayerNormalization, in gates.0) is not supported" in told
    assert "instead of LayerNormalization: batch normalisation" in told
    assert "\n" not in told


class Chooses(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Bessel(nn.Module):
    def forward(self, x):
        return torch.special.bessel_j1(torch.special.bessel_j0(x))


class Always(nn.Module):
    """Drops values in eval mode too."""

    def forward(self, x):
        return functional.dropout(x.mean(-1), 0.5, training=True)


class Noisy(nn.Module):
    """Its answer is another with each call; an exporter may take what one was."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return x.mean(-1) * self.calls


REFUSED = {
    Chooses: "cannot be exported by torch.export: .*same way for all windows",
    Bessel: r"node_bessel_j0 \(prims.bessel_j0\) is not supported.*\(prims.bessel_j1\)",
    Always: "call model.eval|without chance",
    Noisy: "Noisy gives other numbers than the network",
}


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.__name__)
def test_what_cannot_be_exported_is_told_in_one_line(kind, capfd):
    with pytest.raises(InputError, match=REFUSED[kind]) as error:
        hwgen.from_torch(kind(), torch.zeros(1, 3, 32))
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


def test_a_module_that_cannot_be_copied_is_told():
    module = nn.Sequential(nn.Linear(4, 3))
    module.log = (line for line in ())  # type: ignore[assignment]
    with pytest.raises(InputError, match="Sequential cannot be copied: TypeError"):
        hwgen.from_torch(module, torch.zeros(1, 4))


@pytest.mark.parametrize(
    ("example", "error"),
    [
        ("text", TypeError), (None, TypeError), (torch.zeros(4), ValueError),
        (torch.zeros(0, 1, 4), ValueError), (torch.zeros(1, 4, dtype=torch.complex64), ValueError),
    ],
)  # fmt: skip
def test_what_is_no_example_is_told(example, error):
    with pytest.raises(error, match=r"example must be"):
        hwgen.from_torch(nn.Linear(4, 3), example)


def test_what_is_no_module_is_told():
    with pytest.raises(TypeError, match=r"module must be a torch.nn.Module, not OrderedDict"):
        hwgen.from_torch(nn.Linear(4, 3).state_dict(), torch.zeros(1, 4))  # type: ignore[arg-type]


def test_a_network_is_saved_whole_or_not_at_all(tmp_path):
    found = hwgen.from_torch(nn.Linear(4, 3), torch.zeros(1, 4))
    found.save(str(tmp_path / "net.pt"))
    with pytest.raises(FileAccessError):
        found.save(tmp_path / "net.pt" / "net.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["net.pt"]


def test_the_code_of_the_text_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = Path(__file__).parents[2].joinpath("docs", "pytorch.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    *ways, on_a_spectrum = blocks
    assert len(ways) == 2
    model = nn.Sequential(nn.Conv1d(1, 2, 8, 64), nn.Flatten(), nn.Linear(64, 3))
    for block in ways:
        exec(block, {"torch": torch, "model": model})
    model = nn.Sequential(nn.Conv1d(1, 2, 8, 64), nn.Flatten(), nn.Linear(32, 3))
    given = {"torch": torch, "model": model}
    exec(on_a_spectrum, given)
    assert given["network"].network.input_shape == (2048,)
    one, other = (importers.load(tmp_path / name).network for name in ("net.pt", "net.pt2"))
    x = np.random.default_rng(1).normal(size=(2, 2048))
    np.testing.assert_allclose(one.run(x), other.run(x), rtol=1e-6)


def test_the_package_is_imported_without_torch():
    code = "import sys, hwgen; print('torch' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
    with pytest.raises(AttributeError, match="no attribute 'from_jax'"):
        hwgen.from_jax  # noqa: B018


class Quantised(nn.Module):
    """Rounds samples and values as a training with quantisers does."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Conv1d(1, 4, 3), nn.Linear(120, 3)

    def forward(self, x):
        x = torch.fake_quantize_per_tensor_affine(x, 2.0**-5, 0, -128, 127)
        y = torch.relu(self.first(x))
        y = torch.fake_quantize_per_tensor_affine(y, 2.0**-4, 0, 0, 255)
        return self.last(y.flatten(1))


def test_quantisers_of_a_training_are_saved(tmp_path):
    imported = hwgen.from_torch(Quantised(), torch.zeros(1, 1, 32))
    imported.save(tmp_path / "net.pt")
    again = importers.load(tmp_path / "net.pt").network
    grids = [layer.grid for layer in again.layers if layer.grid is not None]
    assert grids == [Grid((2.0**-5,), -128, 127), Grid((2.0**-4,), 0, 255)]
    x = np.random.default_rng(1).normal(size=(5, 32)).astype(np.float32)
    np.testing.assert_allclose(again.run(x), imported.network.run(x), atol=1e-5)


class Spelled(nn.Module):
    """Sums of sums of functions of one value, and products of several convolutions."""

    def __init__(self, end) -> None:
        super().__init__()
        self.first = nn.Conv1d(1, 4, 5, 2, 2)
        self.parts = nn.ModuleList(nn.Conv1d(4, 4, 3, padding=1) for _ in range(3))
        self.last = nn.Linear(64, 3)
        self.end = end

    def forward(self, x):
        return self.last(self.end(torch.relu(self.first(x)), *self.parts).flatten(1))


SPELLED = {
    "a sum of sums": lambda y, *_: y + y * y + y,
    "a cubic": lambda y, *_: y**3 + y**2 + y,
    "a high power and little else": lambda y, *_: y**8 + 0.3 * y,
    "an odd power": lambda y, *_: torch.tanh(y**5) + y,
    "products of three and of two": lambda y, a, b, c: a(y) * b(y) * c(y) + a(y) * b(y),
    "a cubic neuron": lambda y, a, b, c: torch.relu(c(y**3) + a(y) * b(y) * c(y) + b(y)),
    "a function of a product of three": lambda y, a, b, c: torch.relu(a(y) * b(y) * c(y)),
}


@pytest.mark.parametrize("end", SPELLED)
def test_powers_and_products_however_they_are_spelled(end):
    torch.manual_seed(3)
    module = Spelled(SPELLED[end]).eval()
    network = hwgen.from_torch(module, torch.zeros(1, 1, 32)).network
    plain, x = canonical(network), np.random.default_rng(1).standard_normal((40, 32))
    with torch.no_grad():
        wanted = module(torch.from_numpy(x).float().unsqueeze(1)).numpy()
    for each in (network, plain):
        np.testing.assert_allclose(each.run(x), wanted, rtol=1e-4, atol=1e-5)
    made = calibrate(plain, x, Precision(), Task(tuple("abc"), 1.0, None)).model
    found = judged(made, digitise(x, made.bits)) * made.graph.nodes[-1].op.output.scale
    assert np.std(found - wanted) < 0.2 * np.std(wanted)
