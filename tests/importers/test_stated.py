"""What the layers of a whole module state is taken, said, or refused."""

from __future__ import annotations

import collections

import pytest
import torch
from torch import nn

from hwgen import importers
from hwgen.errors import InputError
from hwgen.importers import Geometry


class Net(nn.Module):
    def __init__(self, conv=None, act=None, pool=None, positions=64) -> None:
        super().__init__()
        self.conv1 = conv or nn.Conv1d(1, 4, 64, 8, 28)
        self.act = act or nn.ReLU()
        self.pool = pool or nn.MaxPool1d(2)
        self.fc1 = nn.Linear(4 * positions, 10)


def numbers(path, **options):
    taken = importers.load(path, **options).taken
    assert taken is not None
    full = taken.geometry
    return taken, (full.stride, full.padding, full.pool, full.window)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("wrap", [lambda n: n, lambda n: {"a": {"net": n}}, nn.DataParallel])
def test_stride_padding_and_pool_are_those_of_the_module(save, wrap, zipped):
    """The published numbers would fit these tensors too, at the same window."""
    net = wrap(Net(nn.Conv1d(1, 4, 64, 4, 30), pool=nn.MaxPool1d(4)))
    path = save(net, _use_new_zipfile_serialization=zipped)
    taken, found = numbers(path)
    assert found == (4, 30, 4, 2048)
    assert taken.stated == ("stride", "padding", "pool")
    assert taken.others == ()


def test_what_the_user_gives_goes_before_and_is_told(save):
    path = save(Net(nn.Conv1d(1, 4, 64, 4, 30), pool=nn.MaxPool1d(4)))
    given = Geometry(stride=8, padding=28, pool=2)
    taken, found = numbers(path, geometry=given)
    assert found == (8, 28, 2, 2048)
    assert taken.stated == ()
    assert "the module in the file has stride 4, but --stride says 8" in taken.notes


def test_padding_may_be_a_word(save):
    net = Net(nn.Conv1d(1, 4, 63, padding="same"), pool=nn.MaxPool1d(16))
    assert numbers(save(net))[1] == (1, 31, 16, 2048)
    net = Net(nn.Conv1d(1, 4, 8, 8, padding="valid"))
    assert numbers(save(net))[1] == (8, 0, 2, 2048)
    net = Net(nn.Conv1d(1, 4, 64, padding="same"), pool=nn.MaxPool1d(16))
    with pytest.raises(InputError, match=r"conv1 \(Conv1d\) pads 64 taps unevenly"):
        importers.load(save(net))


def test_a_sequence_without_a_pool_has_none(save):
    parts = [nn.Conv1d(1, 4, 64, 16, 24), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10)]
    assert numbers(save(nn.Sequential(*parts)))[1] == (16, 24, 1, 2048)
    nested = nn.Sequential(nn.Sequential(*parts[:2], nn.MaxPool1d(2)), *parts[2:])
    assert numbers(save(nested))[1] == (16, 24, 2, 4096)


def test_another_networks_layers_do_not_count(save, make_state):
    others = collections.OrderedDict(conv1=nn.Conv1d(1, 9, 5, dilation=2), act=nn.Tanh())
    path = save({"student": Net(), "teacher": nn.Sequential(others), "loss": nn.NLLLoss()})
    assert numbers(path)[1] == (8, 28, 2, 2048)
    path = save({"student": make_state(), "teacher": nn.Sequential(others)})
    taken, _ = numbers(path)
    assert taken.stated == ()


REFUSED = {
    "dilation": ({"conv": nn.Conv1d(1, 4, 32, 8, 28, dilation=2)}, r"conv1 \(Conv1d\).*dilation 2"),
    "padding_mode": (
        {"conv": nn.Conv1d(1, 4, 64, 8, 28, padding_mode="circular")}, "padding_mode circular",
    ),
    "average": ({"pool": nn.AvgPool1d(2)}, r"no layer such as net.pool \(AvgPool1d\)"),
    "adaptive": ({"pool": nn.AdaptiveMaxPool1d(64)}, "AdaptiveMaxPool1d"),
    "overlap": ({"pool": nn.MaxPool1d(3, 2)}, r"net.pool \(MaxPool1d\) has stride 2.*has 3"),
    "ceiling": ({"pool": nn.MaxPool1d(2, ceil_mode=True)}, "ceil_mode True"),
    "two pools": ({"act": nn.MaxPool1d(2)}, "one max-pool, not net.act"),
    "tanh": ({"act": nn.Tanh()}, r"no layer such as net.act \(Tanh\)"),
    "leaky": ({"act": nn.LeakyReLU()}, "LeakyReLU"),
    "norm": ({"act": nn.InstanceNorm1d(4)}, "InstanceNorm1d"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_layer_that_hwgen_has_not_is_refused(save, what):
    options, says = REFUSED[what]
    with pytest.raises(InputError, match=says) as error:
        importers.load(save({"net": Net(**options)}))
    assert "\n" not in str(error.value)
    assert "state_dict alone" in str(error.value)


def test_what_changes_no_class_is_read(save):
    for act in (nn.Identity(), nn.Dropout(0.2), nn.LogSoftmax(1), nn.Sequential(nn.ReLU())):
        assert numbers(save(Net(act=act)))[1] == (8, 28, 2, 2048)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (torch.relu, False),
        (nn.functional.relu, False),
        (torch.tanh, True),
        (nn.functional.gelu, True),
    ],
)
def test_functions_that_the_network_has_not_are_told(save, function, told):
    net = Net()
    del net.act
    net.act = function
    taken, _ = numbers(save({"net": net}))
    assert ("net.act is torch's" in " ".join(taken.notes)) == told


def test_values_without_end_are_refused_at_once(save):
    """Stand-ins of which each holds the one below twice: 2**40 of them if all were written."""
    bag = Bag()
    for _ in range(40):
        bag = Bag(a=bag, b=bag)
    for value in (bag, (bag,), [bag], [1] * 9):
        net = Net()
        net.conv1.stride = value
        with pytest.raises(InputError, match=r"stride of another kind"):
            importers.load(save(net))
        net = Net()
        net.conv1.padding_mode = value
        with pytest.raises(InputError, match=r"padding_mode of another kind"):
            importers.load(save(net))


def test_modules_that_are_none_end_in_one_line(save):
    net = nn.Sequential(nn.Linear(1, 1))
    net.__dict__["_modules"] = [1]
    with pytest.raises(InputError):
        importers.load(save({"net": net}))


class Bag(dict):
    pass


@pytest.mark.parametrize("value", ["x", (1, 2), (0,), -1, 10**30, None, 2.0])
def test_numbers_that_are_none_are_refused(save, value):
    net = Net()
    net.conv1.stride = value
    with pytest.raises(InputError, match=r"conv1 \(Conv1d\) has stride .* cannot have"):
        importers.load(save(net))
