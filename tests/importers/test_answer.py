"""What an output is, where the user says it."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn

import hwgen
from hwgen import importers
from hwgen.errors import InputError
from hwgen.importers.answer import answered
from hwgen.network import anomaly
from hwgen.passes import canonical

WINDOW = torch.zeros(1, 1, 32)


def saved(path, *more):
    module = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(120, 3), *more)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), (WINDOW,), str(path), dynamo=False)
    return path


def test_numbers_are_a_class_unless_the_user_says_otherwise(tmp_path):
    path = saved(tmp_path / "net.onnx")
    usual, values = (importers.load(path, answer=each) for each in (None, "values"))
    assert [each.kind for each in usual.network.graph.outputs] == ["class"]
    assert any("is a class, one of 3" in n and "--answer values" in n for n in usual.notes)
    assert [each.kind for each in values.network.graph.outputs] == ["values"]
    assert values.network.logits == 0
    assert not any("is a class" in note for note in values.notes)
    assert any("is values, as --answer says" in note for note in values.notes)
    assert importers.load(path, answer="class").network.to_json() == usual.network.to_json()


def test_a_softmax_says_that_it_is_a_class(tmp_path):
    path = saved(tmp_path / "net.onnx", nn.Softmax(1))
    with pytest.raises(InputError, match=r"net.onnx says what its outputs are \(class\)"):
        importers.load(path, answer="values")


def test_values_are_no_class(tmp_path):
    path = saved(tmp_path / "net.onnx", nn.ReLU())
    assert importers.load(path, answer="values").network.graph.outputs[0].kind == "values"
    with pytest.raises(InputError, match=r"\(values\); leave --answer out"):
        importers.load(path, answer="class")


def test_of_a_live_module():
    module = nn.Sequential(nn.Flatten(), nn.Linear(32, 3))
    found = hwgen.from_torch(module, WINDOW, answer="values")
    assert found.network.graph.outputs[0].kind == "values"


def test_nothing_said_is_nothing_done(tmp_path):
    found = importers.load(saved(tmp_path / "net.onnx"))
    assert answered(tmp_path, found, None) is found


def test_a_number_for_each_position_is_no_class():
    module = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.Conv1d(4, 1, 1))
    found = hwgen.from_torch(module, WINDOW)
    assert found.network.graph.outputs[0].kind == "values"
    flat = hwgen.from_torch(nn.Sequential(*module, nn.Flatten()), WINDOW)
    assert flat.network.graph.outputs[0].kind == "class"


class AutoEncoder(nn.Module):
    """Convolutions of stride 4 down, transposed ones up."""

    def __init__(self, channels: int = 1):
        super().__init__()
        self.down = nn.Sequential(nn.Conv1d(channels, 6, 8, 4, 2), nn.BatchNorm1d(6), nn.ReLU(),
                                  nn.Conv1d(6, 4, 8, 4, 2), nn.ReLU())  # fmt: skip
        self.up = nn.Sequential(nn.ConvTranspose1d(4, 6, 8, 4, 2), nn.BatchNorm1d(6), nn.ReLU(),
                                nn.ConvTranspose1d(6, channels, 8, 4, 2))  # fmt: skip

    def forward(self, x):
        return self.up(self.down(x))


def dense(*more):
    flat = nn.Flatten(), nn.Linear(64, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 64)
    return nn.Sequential(*flat, *more)


class Wide(nn.Module):
    """More channels than positions: 96 values of each of three axes, as a chip maker has it."""

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv1d(96, 24, 1), nn.BatchNorm1d(24), nn.ReLU(),
                                  nn.Conv1d(24, 8, 1), nn.ReLU(), nn.Flatten())  # fmt: skip
        self.up = nn.Sequential(nn.Linear(24, 6), nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 288))

    def forward(self, x):
        return self.up(self.down(x)).view(x.shape)


AUTOENCODERS = {
    "more channels than samples": (Wide(), (1, 96, 3)),
    "convolutions": (AutoEncoder(), (1, 1, 64)),
    "three channels": (AutoEncoder(3), (1, 3, 64)),
    "dense": (dense(), (1, 64)),
    "dense, sigmoid": (dense(nn.Sigmoid()), (1, 1, 64)),
    "dense, cut as it came": (dense(nn.Unflatten(1, (1, 64))), (1, 1, 64)),
}


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_an_output_like_its_input_is_an_autoencoders(name):
    module, shape = AUTOENCODERS[name]
    torch.manual_seed(1)
    x = torch.randn(5, *shape[1:])
    for _ in range(3):
        module.train()(x)
    found = hwgen.from_torch(module.eval(), torch.zeros(shape))
    score = anomaly.score_of(found.network)
    assert score is not None
    assert score.threshold is None
    assert found.network.classes == ("normal", "anomaly")
    assert any("is taken for its input once more" in note for note in found.notes)
    with torch.no_grad():
        wanted = (module(x).reshape(5, -1) - x.reshape(5, -1)).square().sum(1).numpy()
    windows = x.numpy().astype(float).reshape(5, *found.network.input_shape)
    made = canonical(found.network)
    assert made.run(windows)[:, 1] == pytest.approx(wanted, rel=1e-5)
    again = hwgen.from_torch(module, torch.zeros(shape), answer="values")
    assert anomaly.score_of(again.network) is None
    assert again.network.graph.outputs[0].kind == "values"
    said = hwgen.from_torch(module, torch.zeros(shape), answer="anomaly")
    assert any("as --answer says" in note for note in said.notes)


class Last(nn.Module):
    """Channels are the last axis of what it reads and of what it makes."""

    def __init__(self):
        super().__init__()
        self.within = AutoEncoder(3)

    def forward(self, x):
        return self.within(x.transpose(1, 2)).transpose(1, 2)


def test_channels_may_be_the_last_axis():
    torch.manual_seed(1)
    module, x = Last().eval(), torch.randn(5, 64, 3)
    made = hwgen.from_torch(module, torch.zeros(1, 64, 3)).network
    with torch.no_grad():
        wanted = (module(x) - x).square().sum((1, 2)).numpy()
    windows = x.numpy().astype(float).transpose(0, 2, 1)
    assert made.run(windows)[:, 1] == pytest.approx(wanted, rel=1e-5)


def test_what_is_said_of_an_output_is_said_once_by_its_name(tmp_path):
    path = tmp_path / "net.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            AutoEncoder(3).eval(), (torch.zeros(1, 3, 64),), str(path), dynamo=False,
            output_names=["again"],
        )  # fmt: skip
    notes = [note for note in importers.load(path).notes if note.startswith("output")]
    assert [note[:29] for note in notes] == ["output again is taken for its"]


def test_another_shape_is_no_autoencoders():
    module = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.Conv1d(4, 1, 1))
    with pytest.raises(InputError, match=r"must give the numbers that it takes, \(1, 64\) of"):
        hwgen.from_torch(module, torch.zeros(1, 1, 64), answer="anomaly")


def test_a_few_numbers_may_be_classes():
    module = nn.Sequential(nn.Flatten(), nn.Linear(10, 4), nn.ReLU(), nn.Linear(4, 10))
    few = torch.zeros(1, 10)
    assert anomaly.score_of(hwgen.from_torch(module, few).network) is None
    assert anomaly.score_of(hwgen.from_torch(module, few, answer="anomaly").network) is not None


def test_a_score_is_no_class_and_no_value(tmp_path):
    module, shape = AUTOENCODERS["dense"]
    path = tmp_path / "net.pt"
    hwgen.from_torch(module, torch.zeros(shape)).save(path)
    for answer in (None, "anomaly"):
        assert anomaly.score_of(importers.load(path, answer=answer).network) is not None
    with pytest.raises(InputError, match=r"says what its outputs are \(anomaly\)"):
        importers.load(path, answer="values")


def test_a_denoiser_of_our_own_stays_one(tmp_path):
    module, shape = AUTOENCODERS["convolutions"]
    path = tmp_path / "net.pt"
    hwgen.from_torch(module, torch.zeros(shape), answer="values").save(path)
    assert importers.load(path).network.graph.outputs[0].kind == "values"


def test_a_square_output_whose_axes_are_swapped_is_no_autoencoders(tmp_path):
    class Swapped(nn.Sequential):
        def forward(self, x):
            return super().forward(x).transpose(1, 2)

    path = tmp_path / "net.onnx"
    module = Swapped(nn.Conv1d(8, 4, 1), nn.ReLU(), nn.Conv1d(4, 8, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), (torch.zeros(1, 8, 8),), str(path), dynamo=False)
    found = importers.load(path)
    assert anomaly.score_of(found.network) is None
    assert any("not as in its" in note for note in found.notes)
    with pytest.raises(InputError, match="whose axes are swapped"):
        importers.load(path, answer="anomaly")
