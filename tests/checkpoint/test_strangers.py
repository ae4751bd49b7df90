"""Objects beside the weights: data is passed over, what would run code is named and refused."""

from __future__ import annotations

import argparse
import collections
import datetime
import functools
import io
import os
import pathlib
import pickle
import uuid

import numpy as np
import pytest
import torch
from torch.nn import functional

from hwgen import importers
from hwgen.checkpoint import inert
from hwgen.checkpoint.calls import foreign_names
from hwgen.errors import InputError


class Net(torch.nn.Module):
    class Config:
        """A class in a class: pickled by way of getattr."""

    def __init__(self, act) -> None:
        super().__init__()
        self.conv1 = torch.nn.Conv1d(1, 4, 64, 8, 28)
        self.fc1 = torch.nn.Linear(256, 10)
        self.act = act
        self.config = Net.Config()


class Call:
    def __init__(self, function, *args) -> None:
        self.call = (function, args)

    def __reduce__(self):
        return self.call


DATA = {
    "nothing": None,
    "path": pathlib.PurePosixPath("runs/1"),
    "own path": pathlib.Path("runs/1"),
    "windows path": pathlib.PureWindowsPath("C:/runs"),
    "dates": [datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), datetime.timedelta(1)],
    "uuid": uuid.UUID(int=5),
    "collections": [collections.deque([1]), collections.Counter("a"), collections.ChainMap({})],
    "torch": [torch.Size([1]), torch.device("cpu"), torch.float16, torch.float8_e5m2],
    "function": torch.relu,
    "method": torch.Tensor.relu,
}


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", DATA)
def test_data_beside_the_weights_is_passed_over(save, make_state, name, zipped, protocol):
    path = save(
        {"model": make_state(), "x": DATA[name]},
        _use_new_zipfile_serialization=zipped,
        pickle_protocol=protocol,
    )
    assert importers.load(path).network.logits == 10


@pytest.mark.parametrize(
    "act", [torch.relu, functional.relu, torch.Tensor.relu], ids=["torch", "F", "T"]
)
def test_a_module_with_a_function_of_torch_is_read(save, act):
    net = Net(act)
    layer = importers.load(save(net)).network.layers[1]
    np.testing.assert_array_equal(layer.weight, net.conv1.weight.detach().double().numpy())  # type: ignore[attr-defined]


REFUSED = {
    "posix.system": Call(os.system, "true"),
    "posix.getcwd": functools.partial(os.getcwd),
    "builtins.eval": Call(eval, "1"),
    "pathlib.Path.cwd": pathlib.Path.cwd,
    "builtins.getattr": Call(getattr, pathlib.Path, "touch"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_refusal_names_the_culprit_alone(save, make_state, name, protocol):
    others = {
        "optimizer": torch.optim.Adam([torch.nn.Parameter(torch.zeros(3))]),
        "scalar": np.float64(1),
        "args": argparse.Namespace(out=pathlib.Path("x")),
    }
    path = save({"model": make_state(), **others, "x": REFUSED[name]}, pickle_protocol=protocol)
    with pytest.raises(InputError) as error:
        importers.load(path)
    told = str(error.value)
    assert "would run code (" in told
    blamed = told.partition("run code (")[2].partition(")")[0]
    assert blamed in (name, "builtins.getattr")


@pytest.mark.parametrize(
    ("owner", "name"),
    [("os path", "x"), ("numpy load", "x"), ("x A", "__class__"), ("builtins getattr", "x")],
)
def test_getattr_leads_to_no_more_than_a_name(owner, name):
    module, _, attribute = owner.partition(" ")
    text = f"c__builtin__\ngetattr\nc{module}\n{attribute}\n".encode()
    pickled = (
        b"\x80\x02" + text + b"X" + len(name).to_bytes(4, "little") + name.encode() + b"\x86R."
    )
    with pytest.raises(pickle.UnpicklingError, match="attribute"):
        inert.load(io.BytesIO(pickled))


def test_what_getattr_is_told_changes_no_stand_in():
    state = b"}X\x04\x00\x00\x00nameX\x01\x00\x00\x00ys"
    for pickled in (
        b"\x80\x02c__builtin__\ngetattr\nN" + state + b"\x86b.",
        b"\x80\x02c__builtin__\ngetattr\n" + state + b"b.",
    ):
        with pytest.raises((TypeError, pickle.UnpicklingError)):
            inert.load(io.BytesIO(pickled))
    assert inert.Attribute.name == ""


def test_names_are_found_by_way_of_the_table_of_objects():
    """A module's name that was met before is not written again."""
    pickled = (
        b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94]\x94\x8c\x01x\x94\x8c\x01y\x94"
        b"000h\x00h\x01\x93\x8c\x04true\x85R."
    )
    assert "os.system" in foreign_names(pickled)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("stranger", [{}, {"args": argparse.Namespace(a=1)}], ids=["bare", "args"])
def test_types_of_numbers_that_are_not_read_are_named(save, make_state, zipped, stranger):
    state = {key: value.to(torch.float8_e4m3fn) for key, value in make_state().items()}
    path = save({"model": state, **stranger}, _use_new_zipfile_serialization=zipped)
    with pytest.raises(
        InputError, match=r"conv1.weight must be float32, not float8_e4m3fn"
    ) as error:
        importers.load(path)
    assert "would run" not in str(error.value)
