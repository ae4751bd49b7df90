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
