"""Our own format: everything comes back, and a damaged file is refused."""

from __future__ import annotations

import dataclasses
import errno

import numpy as np
import pytest
import torch

from hwgen import importers
from hwgen.errors import FileAccessError, InputError
from hwgen.importers import CheckpointMeta, Geometry, Windows, network_from_state, save_checkpoint
from hwgen.signals import ReadAs

GEOMETRY = {"stride": 4, "padding": 1, "pool": 4, "window": 1024}
READ_AS = ReadAs("FE", "counts", 2048.0, "counts")
META = CheckpointMeta("synthetic", -6.0, {"f1": 0.98}, (-9.0, -3.0), "default", "dkd", READ_AS)


@pytest.fixture
def network(make_state):
    state = make_state(filters=8, kernel=32, positions=30, hidden=12, classes=6)
    return network_from_state(
        {key: value.double().numpy() for key, value in state.items()},
        Geometry(**GEOMETRY),
        classes=("a", "b", "c", "d", "e", "normal"),
        input_scale=1.25,
        sample_rate=12000.0,
    )


@pytest.fixture
def windows():
    x = np.random.default_rng(3).normal(size=(12, 1024))
    return Windows(x, np.arange(12) % 6, "synthetic")  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path, network, windows):
    path = tmp_path / "own.pt"
    save_checkpoint(path, network, meta=META, calibration=windows, test=windows)
    return path


def test_everything_comes_back(path, network, windows):
    checkpoint = importers.load(path)
    assert not checkpoint.bare
    assert checkpoint.network.to_json() == network.to_json()
    assert checkpoint.meta == META
    for back in (checkpoint.calibration, checkpoint.test):
        assert back is not None
        assert back.name == "synthetic"
        assert back.x.dtype == np.float32
        assert back.labels.dtype == np.int64
        np.testing.assert_array_equal(back.x, windows.x)
        np.testing.assert_array_equal(back.labels, windows.labels)


def test_windows_scale_rate_and_snr_may_be_open(tmp_path, network):
    network = dataclasses.replace(network, input_scale=None, sample_rate=None, classes=())
    save_checkpoint(tmp_path / "x.pt", network, meta=CheckpointMeta("mine", None))
    checkpoint = importers.load(tmp_path / "x.pt")
    assert checkpoint.network.to_json() == network.to_json()
    assert checkpoint.meta == CheckpointMeta("mine", None)
    assert checkpoint.calibration is None
    assert checkpoint.test is None


def test_the_same_network_gives_the_same_bytes(path, network, windows, tmp_path):
    save_checkpoint(tmp_path / "b.pt", network, meta=META, calibration=windows, test=windows)
    assert path.read_bytes() == (tmp_path / "b.pt").read_bytes()


def test_torch_loads_it_safely_under_the_published_names(path):
    value = torch.load(path, weights_only=True)
    assert value["version"] == 1
    assert list(value["state_dict"]) == [
        f"{layer}.{part}" for layer in ("conv1", "fc1", "fc2") for part in ("weight", "bias")
    ]


def test_a_geometry_that_agrees_is_taken_and_another_refused(path):
    assert importers.load(path, geometry=Geometry(stride=4, window=1024)).network.logits == 6
    with pytest.raises(InputError, match="--pool 2 contradicts the checkpoint's own 4"):
        importers.load(path, geometry=Geometry(pool=2))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 3}, "version 3, newer"),
        ({"version": 2}, "damaged: 'network'"),
        ({"version": "1"}, "version must be 1"),
        ({"format": "other"}, "has format other"),
        ({"state_dict": 3}, "state_dict must be a dict"),
        ({"state_dict": {}}, "missing: conv1.weight"),
        ({"geometry": GEOMETRY | {"stride": 0}}, "--stride must be"),
        ({"geometry": GEOMETRY | {"stride": "4"}}, "stride must be an integer"),
        ({"geometry": GEOMETRY | {"stride": 8}}, "30 positions a filter"),
        ({"geometry": GEOMETRY | {"size": 4}}, "damaged.*size"),
        ({"geometry": {"stride": 4}}, "damaged.*padding"),
        ({"geometry": None}, "damaged"),
        ({"classes": ["a"]}, "one per logit"),
        ({"classes": ["a", "b", "c", "d", "e", "x\ny"]}, "a class must be a line of text"),
        ({"classes": 6}, "damaged"),
        ({"input_scale": float("nan")}, "input_scale must be finite"),
        ({"input_scale": 10**400}, "input_scale must be finite"),
        ({"input_scale": -1.0}, "input_scale must be a positive"),
        ({"input_scale": "1"}, "input_scale must be a number"),
        ({"sample_rate": 0}, "sample_rate must be a positive"),
        ({"snr_db": float("inf")}, "snr_db must be finite"),
        ({"metrics": {"f1": None}}, "a metric must be a number"),
        ({"metrics": 5}, "damaged"),
        ({"read_as": {"channel": "DE"}}, "read_as is damaged: it must have channel"),
        ({"read_as": READ_AS.to_json() | {"unit": "furlong"}}, "read_as is damaged: there is no"),
        ({"snr_range": [1.0]}, "snr_range must be two numbers"),
        ({"snr_range": [3.0, -3.0]}, "snr_range must not fall"),
        ({"snr_range": [0.0, float("nan")]}, "snr_range must be finite"),
        ({"recipe": 4}, "recipe must be a line of text"),
        ({"notes": "x"}, "notes must be a list of a few lines"),
        ({"notes": ["x"] * 101}, "notes must be a list of a few lines"),
        ({"notes": ["x\ny"]}, "a note must be a line of text"),
        ({"method": "x\ny"}, "method must be a line of text"),
        ({"calibration": {"x": torch.zeros(3, 1024)}}, "damaged: 'labels'"),
        ({"calibration": []}, "damaged"),
    ],
)
def test_each_damaged_field_is_refused(path, change, says):
    value = torch.load(path, weights_only=True)
    torch.save(value | change, path)
    with pytest.raises(InputError, match=says) as error:
        importers.load(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "field", ["geometry", "state_dict", "classes", "input_scale", "data", "snr_db", "test"]
)
def test_each_missing_field_is_refused(path, field):
    value = torch.load(path, weights_only=True)
    del value[field]
    torch.save(value, path)
    with pytest.raises(InputError, match=field):
        importers.load(path)


def test_fields_that_came_later_may_be_missing_and_unknown_ones_there(path):
    value = torch.load(path, weights_only=True)
    for field in ("snr_range", "recipe", "method", "read_as"):
        del value[field]
    torch.save(value | {"weather": "fine"}, path)
    meta = importers.load(path).meta
    assert meta == dataclasses.replace(
        META, snr_range=None, recipe=None, method=None, read_as=ReadAs()
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"x": torch.zeros(12, 512)}, "1024 samples, not 512"),
        ({"x": torch.zeros(12, 1024, dtype=torch.int64)}, "must be float32, not int64"),
        ({"x": torch.full((12, 1024), torch.nan)}, "must be finite"),
        ({"x": torch.zeros(0, 1024)}, "n >= 1"),
        ({"x": torch.zeros(1).expand(1 << 30, 1024)}, "at most"),
        ({"x": [1.0]}, "must be a tensor"),
        ({"labels": torch.zeros(11, dtype=torch.int64)}, "one per window"),
        ({"labels": torch.full((12,), 6)}, r"below the number of classes \(6\), not 6"),
        ({"labels": torch.full((12,), -1)}, "class numbers from 0"),
        ({"name": ""}, "line of text"),
    ],
)
def test_damaged_windows_are_refused(path, change, says):
    value = torch.load(path, weights_only=True)
    value["test"] |= change
    torch.save(value, path)
    with pytest.raises(InputError, match=says):
        importers.load(path)


def test_windows_that_need_gradients_load(path):
    value = torch.load(path, weights_only=True)
    value["test"]["x"] = torch.nn.Parameter(value["test"]["x"])
    torch.save(value, path)
    assert importers.load(path).test is not None


@pytest.mark.parametrize(
    ("layer", "change"), [(1, {"relu": False}), (1, {"padding_right": 2}), (2, {"stride": 4})]
)
def test_a_network_of_nearly_that_kind_comes_back(tmp_path, network, layer, change):
    other = network.with_layers([dataclasses.replace(network.layers[layer], **change)])
    save_checkpoint(tmp_path / "x.pt", other, meta=META)
    assert importers.load(tmp_path / "x.pt").network.to_json() == other.to_json()


def test_a_network_of_another_name_is_not_taken_for_the_published_one(tmp_path, network):
    other = dataclasses.replace(network, name="mine")
    save_checkpoint(tmp_path / "x.pt", other, meta=META)
    assert torch.load(tmp_path / "x.pt", weights_only=True)["version"] == 2
    assert importers.load(tmp_path / "x.pt").network.to_json() == other.to_json()


def test_windows_of_another_network_are_not_saved(tmp_path, network):
    short = Windows(np.zeros((2, 8)), np.zeros(2), "x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1024 samples"):
        save_checkpoint(tmp_path / "x.pt", network, meta=META, test=short)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file(path, network, monkeypatch):
    before = path.read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(FileAccessError, match="No space left"):
        save_checkpoint(path, network, meta=META)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_an_unwritable_place(tmp_path, network):
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileAccessError, match="cannot write"):
        save_checkpoint(tmp_path / "file" / "x.pt", network, meta=META)


@pytest.mark.parametrize(
    "change",
    [
        {"dilation": 3, "padding": 32, "stride": 4},
        {"padding": 3, "padding_right": 2},
        {"relu": False},
    ],
    ids=["dilation", "sides", "no relu"],
)
def test_what_the_tensors_and_a_geometry_do_not_say_is_kept(tmp_path, network, change):
    conv = dataclasses.replace(network.graph["conv1"].op, **change)
    other = dataclasses.replace(network, graph=network.graph.with_ops([conv]))
    path = tmp_path / "other.pt"
    save_checkpoint(path, other, meta=META)
    assert torch.load(path, weights_only=True)["version"] == 2
    assert importers.load(path).network.to_json() == other.to_json()
