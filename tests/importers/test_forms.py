"""The forms in which people have their weights: wrappers, prefixes, other names, other files."""

from __future__ import annotations

import argparse
import collections
import pickle
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from hwgen import importers
from hwgen.errors import InputError
from hwgen.importers import Geometry

CASES = Path(__file__).resolve().parents[2].parent / "shared/cases/ck"


def weights_of(path: Path, **options) -> dict[str, np.ndarray]:
    layers = importers.load(path, **options).network.layers
    return {
        f"{layer.name}.{part}": getattr(layer, part)
        for layer in layers
        if hasattr(layer, "weight")
        for part in ("weight", "bias")
    }


def assert_same(path: Path, state: dict, **options) -> None:
    found = weights_of(path, **options)
    assert found.keys() == state.keys()
    for name, tensor in state.items():
        np.testing.assert_array_equal(found[name], tensor.double().numpy())


def prefixed(prefix: str, state: dict) -> dict:
    return {f"{prefix}{key}": value for key, value in state.items()}


class Net(torch.nn.Module):
    def __init__(self, state: dict) -> None:
        super().__init__()
        self.conv1 = torch.nn.Conv1d(1, 4, 64, 8, 28)
        self.fc1 = torch.nn.Linear(256, 10)
        self.load_state_dict(state)


class Bag(dict):
    """A dict of a training framework's own, such as Lightning's AttributeDict."""


WRAPS = {
    **{
        key: (lambda s, key=key: {key: s, "epoch": 3, "best": 0.9})
        for key in (
            "state_dict", "model_state_dict", "model_state", "model", "net", "network", "params",
            "weights", "ema", "student", "anything",
        )
    },
    **{
        prefix: (lambda s, prefix=prefix: prefixed(prefix, s))
        for prefix in ("module.", "_orig_mod.", "model.", "net.", "student.", "a.b.module.")
    },
    "both": lambda s: {"model": {"state": prefixed("_orig_mod.module.", s)}},
    "in a list": lambda s: [s, {"lr": 0.1}],
    "lightning": lambda s: {
        "state_dict": prefixed("model.", s) | {"criterion.weight": torch.ones(10)},
        "hyper_parameters": Bag(lr=0.1),
        "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(4, 1, 64)}}}],
    },
    "namespace": lambda s: {"state_dict": s, "args": argparse.Namespace(lr=0.1)},
    "numpy scalar": lambda s: {"model": s, "acc": np.float64(0.5), "n": np.int64(3)},
    "numpy array": lambda s: {"model": s, "loss": np.zeros(3)},
    "path": lambda s: {"model": s, "device": torch.device("cpu"), "dtype": torch.float32},
    "defaultdict": lambda s: {"model": s, "log": collections.defaultdict(list, a=[1.0])},
    "as defaultdict": lambda s: collections.defaultdict(list, s),
    "as OrderedDict": collections.OrderedDict,
    "as bag": Bag,
    "arrays": lambda s: {key: value.numpy() for key, value in s.items()},
    "fortran arrays": lambda s: {k: np.asfortranarray(v.numpy()) for k, v in s.items()},
    "parameters": lambda s: {key: torch.nn.Parameter(value) for key, value in s.items()},
    "a module": Net,
    "a module in a dict": lambda s: {"net": Net(s), "optimizer": object()},
    "data parallel": lambda s: torch.nn.DataParallel(Net(s)),
    "with an optimizer": lambda s: {"m": s, "o": torch.optim.Adam([s["fc1.bias"]])},
    "flat with numbers": lambda s: s | {"epoch": 5, "name": "x"},
    "the same twice": lambda s: {"model": s, "best": dict(s)},
    "a counter": lambda s: s | {"bn1.num_batches_tracked": torch.tensor(3)},
}  # fmt: skip


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("wrap", WRAPS)
def test_every_wrapper_gives_the_same_weights(save, make_state, wrap, zipped):
    state = make_state()
    path = save(WRAPS[wrap](state), _use_new_zipfile_serialization=zipped)
    assert_same(path, state)


NAMES = {
    "conv, fc": ["conv", "fc"],
    "numbers": ["0", "4"],
    "nested numbers": ["features.0", "classifier.1"],
    "words": ["encoder.cnn", "head"],
}


@pytest.mark.parametrize("names", NAMES)
def test_other_names_are_taken_by_their_shapes_and_told(save, make_state, names):
    state = make_state()
    new = dict(zip(("conv1", "fc1"), NAMES[names], strict=True))
    renamed = {f"{new[k.partition('.')[0]]}.{k.partition('.')[2]}": v for k, v in state.items()}
    path = save(renamed)
    assert_same(path, state)
    taken = importers.load(path).taken
    assert taken is not None
    assert f"{NAMES[names][0]} as conv1" in " ".join(taken.notes)


def test_numbered_layers_are_in_the_order_of_numbers(tmp_path, make_state):
    state = make_state(hidden=10, classes=10)
    new = {"conv1": "0", "fc1": "4", "fc2": "11"}
    tensors = {f"{new[k.partition('.')[0]]}.{k.partition('.')[2]}": v for k, v in state.items()}
    safetensors.torch.save_file(tensors, tmp_path / "x.safetensors")  # sorted as text: 11 before 4
    assert_same(tmp_path / "x.safetensors", state)


def test_layers_of_which_two_orders_fit_are_refused(save, make_state):
    state = make_state(hidden=256, classes=256)
    names = {"conv1": "conv", "fc1": "z", "fc2": "a"}
    tensors = {f"{names[k.partition('.')[0]]}.{k.partition('.')[2]}": v for k, v in state.items()}
    with pytest.raises(InputError, match=r"missing: conv1.weight"):
        importers.load(save(tensors))


def test_a_network_without_biases_has_zeros_and_says_so(save, make_state):
    state = make_state()
    del state["conv1.bias"]
    checkpoint = importers.load(save(state))
    assert not checkpoint.network.layers[1].bias.any()  # type: ignore[attr-defined]
    assert checkpoint.taken is not None
    assert "conv1.bias is not there: zeros" in checkpoint.taken.notes


def test_weights_that_are_all_0_are_told(save, make_state):
    state = make_state()
    zeros = {key: torch.zeros_like(value) for key, value in state.items()}
    some = zeros | {"fc1.weight": state["fc1.weight"]}
    for each, told in ((zeros, True), (some, False)):
        taken = importers.load(save(each)).taken
        assert taken is not None
        assert ("all weights are 0" in " ".join(taken.notes)) == told


@pytest.mark.parametrize("form", ["safetensors", "npz"])
@pytest.mark.parametrize("ending", [".safetensors", ".npz", ".pt", ""])
def test_tensors_without_a_pickle_are_known_by_their_content(tmp_path, make_state, form, ending):
    state, path = make_state(), tmp_path / f"x{ending}"
    if form == "safetensors":
        path.write_bytes(safetensors.torch.save(state))
    else:
        with path.open("wb") as file:
            np.savez_compressed(file, **{k: v.numpy() for k, v in state.items()})
    assert_same(path, state)


def test_bfloat16_safetensors_and_big_endian_arrays(tmp_path, make_state):
    state = {key: value.bfloat16() for key, value in make_state().items()}
    safetensors.torch.save_file(state, tmp_path / "x")
    assert_same(tmp_path / "x", state)
    big = {key: value.float().numpy().astype(">f8") for key, value in state.items()}
    np.savez(tmp_path / "x.npz", **big)
    assert_same(tmp_path / "x.npz", state)


def test_several_networks_are_asked_for_and_chosen(save, make_state):
    model, ema = make_state(seed=1), make_state(seed=2)
    path = save({"model": model, "ema": {"shadow": ema}})
    with pytest.raises(InputError, match=r"holds 2 networks: model, ema.shadow; .*--weights-from"):
        importers.load(path)
    assert_same(path, model, weights_from="model")
    assert_same(path, ema, weights_from="ema.shadow")
    with pytest.raises(InputError, match=r"--weights-from must name .*model, ema.shadow.*not emma"):
        importers.load(path, weights_from="emma")


def test_student_and_another_in_one_state_dict(save, make_state):
    one, two = make_state(seed=1), make_state(seed=2)
    path = save({"state_dict": prefixed("student.", one) | prefixed("twin.", two)})
    with pytest.raises(InputError, match=r"state_dict.student, state_dict.twin"):
        importers.load(path)
    assert_same(path, two, weights_from="state_dict.twin")
    teacher = {"cnn.Conv1D_1.weight": torch.zeros(3)}
    path = save(prefixed("student.", one) | prefixed("teacher.", teacher))
    assert_same(path, one)


def test_outputs_are_put_in_order(save, make_state):
    state = make_state(classes=3)
    found = weights_of(save(state), outputs=(2, 0, 1))
    np.testing.assert_array_equal(found["fc1.weight"], state["fc1.weight"][[2, 0, 1]].numpy())
    np.testing.assert_array_equal(found["fc1.bias"], state["fc1.bias"][[2, 0, 1]].numpy())
    for wrong in ((0, 1), (0, 1, 1), (1, 2, 3)):
        with pytest.raises(InputError, match="--outputs must be each"):
            importers.load(save(state), outputs=wrong)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "pool", "window"),
    [
        (64, 8, 28, 2, 2048),
        (7, 5, 2, 4, 512),  # neither the stride nor the pool comes out even
        (16, 4, 0, 3, 256),
        (9, 3, 8, 5, 128),
        (5, 1, 0, 1, 64),
    ],
)
@pytest.mark.parametrize("order", ["ascending", "from-zero"])
def test_other_bins_are_exact(*, save, make_state, kernel, stride, padding, pool, window, order):
    count = ((window // 2 + 2 * padding - kernel) // stride + 1) // pool
    state = make_state(kernel=kernel, positions=count, classes=3, filters=2, hidden=5)
    geometry = Geometry(stride, padding, pool, window, bins=order)
    network = importers.load(save(state), geometry=geometry).network
    x = torch.from_numpy(np.random.default_rng(2).normal(size=(4, window)))
    some = slice(1, None) if order == "ascending" else slice(None, -1)
    bins = torch.fft.rfft(x).abs()[:, None, some] / window
    wide = {key: value.double() for key, value in state.items()}
    y = torch.nn.functional.conv1d(bins, wide["conv1.weight"], wide["conv1.bias"], stride, padding)
    y = torch.nn.functional.max_pool1d(torch.relu(y), pool).flatten(1)
    y = torch.relu(torch.nn.functional.linear(y, wide["fc1.weight"], wide["fc1.bias"]))
    y = torch.nn.functional.linear(y, wide["fc2.weight"], wide["fc2.bias"])
    np.testing.assert_allclose(network.run(x.numpy()), y.numpy(), rtol=1e-9, atol=1e-9)


def test_geometries_that_fit_as_well_are_known(save, make_state):
    taken = importers.load(save(make_state())).taken
    assert taken is not None
    assert {(4, 4, 2048), (16, 1, 2048)} <= {(g.stride, g.pool, g.window) for g in taken.others}
    assert (8, 2, 2048) not in {(g.stride, g.pool, g.window) for g in taken.others}
    given = Geometry(stride=8, pool=2, window=2048)
    assert importers.load(save(make_state()), geometry=given).taken.others == ()  # type: ignore[union-attr]


def test_batch_normalisation_says_what_to_do(save, make_state):
    norm = torch.nn.BatchNorm1d(4).state_dict()
    with pytest.raises(InputError, match=r"extra: bn1.weight.*fold batch normalisation"):
        importers.load(save(make_state() | prefixed("bn1.", norm)))


READ = [
    "args",
    "bfloat16",
    "bins_asc",
    "bins_desc",
    "compiled",
    "conv_fc",
    "cuda",
    "dataparallel",
    "defaultdict",
    "float16",
    "float64",
    "good",
    "key_model",
    "key_model_state",
    "key_model_state_dict",
    "key_net",
    "key_params",
    "key_state_dict",
    "key_weights",
    "legacy",
    "nobias",
    "nparray",
    "params_not_tensors",
    "plain",
    "rawtime",
    "s4p4",
    "seq",
    "whole",
    "with_numbatches",
    "zscore",
]
NAMED = {
    "lfs.pt": "Git LFS pointer.*git lfs pull",
    "page.pt": "a web page",
    "model.onnx": "is no ONNX file, or is cut off",
    "torchscript.pt": "TorchScript",
    "wdcnn.pt": r"9 tensors with .*do not say how the network is wired.*onnx.export",
}


@pytest.mark.skipif(not CASES.exists(), reason=f"no {CASES}")
@pytest.mark.parametrize(
    "name",
    [
        *(f"{name}.pt" for name in READ),
        "lightning.ckpt",
        "model.safetensors",
        "weights.npz",
        "exported.pt2",
    ],
)
def test_the_cases_are_read(name):
    assert importers.load(CASES / name).network.logits == 3


@pytest.mark.skipif(not CASES.exists(), reason=f"no {CASES}")
@pytest.mark.parametrize("name", NAMED)
def test_the_other_cases_are_named(name):
    with pytest.raises(InputError, match=NAMED[name]) as error:
        importers.load(CASES / name)
    assert "\n" not in str(error.value)


def test_a_pickle_of_another_program_is_named(tmp_path, make_state):
    path = tmp_path / "x.pt"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(InputError, match=r"a pickle that torch.save did not write"):
        importers.load(path)
