"""Files as people have them: a network where the tensors say one, else one line that helps."""

from __future__ import annotations

import io
import os
import sys
import types
import warnings
import zipfile

import pytest
import torch
from torch import nn

from hwgen import importers
from hwgen.errors import InputError

STRANGERS = "nets_of_somebody"


class WDCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer1 = nn.Sequential(nn.Conv1d(3, 16, 64, 16, 24), nn.BatchNorm1d(16), nn.ReLU())
        self.layer2 = nn.Sequential(nn.Conv1d(16, 32, 3), nn.BatchNorm1d(32), nn.ReLU())
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        return self.fc(self.layer2(self.layer1(x)).mean(-1))


class Student(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.fc1 = nn.Conv1d(1, 4, 64, 8, 28), nn.Linear(256, 10)

    def forward(self, x):
        return self.fc1(torch.max_pool1d(torch.relu(self.conv1(x)), 2).flatten(1))


class Callback:
    """An object of a training framework."""


@pytest.fixture
def stranger(monkeypatch):
    """Put the classes into a module that is not there when a file of them is read."""
    module = types.ModuleType(STRANGERS)
    for each in (WDCNN, Student, Callback):
        monkeypatch.setattr(each, "__module__", STRANGERS)
        setattr(module, each.__name__, each)
    monkeypatch.setitem(sys.modules, STRANGERS, module)


def on_cuda(data: bytes) -> bytes:
    """Return a file as if its tensors had been on a GPU."""
    tags = (b"X\x03\0\0\0cpu", b"X\x06\0\0\0cuda:0")
    if not data.startswith(b"PK"):
        assert tags[0] in data
        return data.replace(*tags)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            is_pickle = name.endswith("data.pkl")
            new.writestr(name, old.read(name).replace(*tags) if is_pickle else old.read(name))
    return buffer.getvalue()


def optimizer(module: nn.Module) -> torch.optim.Optimizer:
    found = torch.optim.Adam(module.parameters())
    for each in module.parameters():
        each.grad = torch.ones_like(each)
    found.step()
    return found


FORMS = {
    "state_dict": lambda m: m.state_dict(),
    "model and optimizer": lambda m: {"model": m, "optimizer": optimizer(m)},
    "states": lambda m: {"model": m.state_dict(), "optimizer": optimizer(m).state_dict()},
    "net and epoch": lambda m: {"net": m.state_dict(), "epoch": 3},
    "prefixes": lambda m: {f"module._orig_mod.{k}": v for k, v in m.state_dict().items()},
    "lightning": lambda m: {
        "epoch": 1, "state_dict": {f"model.{k}": v for k, v in m.state_dict().items()},
        "callbacks": {"ModelCheckpoint": Callback()}, "hyper_parameters": {"lr": 0.1},
        "optimizer_states": [optimizer(m).state_dict()], "lr_schedulers": [],
    },
    "whole": lambda m: m,
    "parallel": nn.DataParallel,
    "fx": torch.fx.symbolic_trace,
    "scheduler": lambda m: {
        "m": m.state_dict(),
        "s": torch.optim.lr_scheduler.StepLR(torch.optim.Adam(m.parameters()), 3),
    },
    "half": lambda m: m.half(),
    "double": lambda m: m.double().state_dict(),
    "bfloat16": lambda m: m.bfloat16().state_dict(),
}  # fmt: skip
CLASSES = {"whole", "parallel", "half", "model and optimizer"}


def written(tmp_path, value, monkeypatch, *, zipped: bool, cuda: bool):
    """Write a file, and take the classes in it away."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(value, buffer, _use_new_zipfile_serialization=zipped)
    path = tmp_path / "net.pth"
    path.write_bytes(on_cuda(buffer.getvalue()) if cuda else buffer.getvalue())
    monkeypatch.delitem(sys.modules, STRANGERS)
    return path


@pytest.mark.parametrize("cuda", [False, True], ids=["cpu", "cuda"])
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("stranger")
def test_tensors_without_geometry_are_told_with_what_to_do(
    tmp_path, monkeypatch, form, zipped, cuda
):
    path = written(tmp_path, FORMS[form](WDCNN()), monkeypatch, zipped=zipped, cuda=cuda)
    with pytest.raises(InputError) as error:
        importers.load(path)
    told = str(error.value)
    of = f" of {STRANGERS}.WDCNN" if form in CLASSES else ""
    of = " of torch.fx.GraphModule" if form == "fx" else of
    assert f"holds 16 tensors{of} with 5,180 numbers in all: layer1.0.weight (16, 3, 64)" in told
    assert 'torch.onnx.export(model.eval(), torch.zeros(1, 3, SAMPLES), "net.onnx")' in told
    assert "hwgen.from_torch(model, torch.zeros(1, 3, SAMPLES))" in told
    assert "\n" not in told
    assert "would run" not in told


@pytest.mark.parametrize("cuda", [False, True], ids=["cpu", "cuda"])
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("stranger")
def test_the_published_tensors_are_a_network(tmp_path, monkeypatch, form, zipped, cuda):
    module = Student()
    path = written(tmp_path, FORMS[form](module), monkeypatch, zipped=zipped, cuda=cuda)
    layer = importers.load(path).network.layers[1]
    wanted = module.conv1.weight.detach().double().numpy()
    assert (layer.weight == wanted).all()  # type: ignore[attr-defined]


class Runs:
    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.usefixtures("stranger")
def test_what_would_run_code_is_refused_as_before(tmp_path, monkeypatch, zipped):
    value = {"model": WDCNN(), "x": Runs(tmp_path / "made")}
    path = written(tmp_path, value, monkeypatch, zipped=zipped, cuda=False)
    with pytest.raises(InputError, match=r"refused: loading it would run code \(posix.system\)"):
        importers.load(path)
    assert not (tmp_path / "made").exists()


OTHERS = {
    "only an optimizer": (lambda: optimizer(Student()).state_dict(), "state of an optimizer"),
    "nothing": (lambda: {"epoch": 3}, "holds a dict, not a state_dict"),
    "a list": (lambda: list(Student().state_dict().values()), "holds a list, not a state_dict"),
    "a tensor": (lambda: torch.zeros(3), "holds a Tensor, not a state_dict"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_files_without_a_network_are_told(tmp_path, name):
    make, says = OTHERS[name]
    torch.save(make(), tmp_path / "x.pth")
    with pytest.raises(InputError, match=f"{says}.*torch.onnx.export") as error:
        importers.load(tmp_path / "x.pth")
    assert "\n" not in str(error.value)
