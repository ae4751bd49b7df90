"""Programs of torch.export become networks; nothing of a file is run, unpickled or evaluated."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from hwgen import importers
from hwgen.errors import InputError, NodesError, UsageError
from hwgen.importers import Geometry
from hwgen.importers.adaptive import by_sizes
from hwgen.importers.live import Imported
from hwgen.importers.program.calls import function
from tests.importers.test_live import KINDS, Normed, OldNorm, assert_computes, trained


def saved(path: Path, module: nn.Module, windows: torch.Tensor, *, some: bool = False) -> Path:
    """Write a program; for any number of windows, if `some`."""
    shapes = ({0: torch.export.Dim.DYNAMIC},) if some else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, of what modules keep beside their weights
        program = torch.export.export(module.eval(), (windows,), dynamic_shapes=shapes)
        torch.export.save(program, path)
    return path


@pytest.mark.parametrize("some", [True, False], ids=["any number", "one window"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_computes_what_the_module_does(tmp_path, kind, some):
    module = trained(kind) if kind is not OldNorm else kind()
    path = saved(tmp_path / "net.pt2", module, torch.zeros(1 + some, *KINDS[kind]), some=some)
    # A dense layer of as many outputs as inputs is not meant as an autoencoder.
    answer = "values" if kind.__name__ == "Dense" else None
    assert_computes(Imported(importers.load(path, answer=answer)), module, KINDS[kind])


@pytest.mark.parametrize("kind", [torch.float64, torch.float16, torch.bfloat16], ids=str)
def test_types_of_numbers_make_no_difference(tmp_path, kind):
    module = nn.Sequential(nn.Conv1d(1, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(112, 3)).to(kind)
    path = saved(tmp_path / "net", module, torch.zeros(1, 1, 32, dtype=kind))
    assert_computes(Imported(importers.load(path)), module, (1, 32))


class Constants(nn.Module):
    """A tensor that is no parameter, sizes that are worked out, weights that share a storage."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.tensor([0.5])
        whole = torch.randn(2, 3, 8)
        self.one, self.two = nn.Parameter(whole[0]), nn.Parameter(whole[1].T.contiguous().T)

    def forward(self, x):
        y = x.view(x.shape[0] * 2, -1).view(x.shape[0], -1) * self.scale + torch.tensor(1.0)
        return y @ self.one.T + y @ self.two.T


def test_constants_and_sizes(tmp_path):
    module = Constants()
    path = saved(tmp_path / "net.pt2", module, torch.zeros(2, 8), some=True)
    assert_computes(Imported(importers.load(path)), module, (8,))


def test_outputs_are_put_in_order_and_nothing_else_is_said(tmp_path):
    path = saved(tmp_path / "net.pt2", nn.Linear(8, 3), torch.zeros(1, 8))
    one, other = (importers.load(path, outputs=order).network for order in ((), (2, 0, 1)))
    x = np.ones((1, 8))
    np.testing.assert_array_equal(other.run(x), one.run(x)[:, [2, 0, 1]])
    with pytest.raises(InputError, match="leave --stride, --weights-from out"):
        importers.load(path, geometry=Geometry(stride=2), weights_from="x")
    with pytest.raises((InputError, UsageError), match="--outputs"):
        importers.load(path, outputs=(0, 0, 1))


@pytest.mark.parametrize("pool", [nn.AdaptiveMaxPool1d, nn.AdaptiveAvgPool1d])
def test_adaptive_pooling_in_even_groups(tmp_path, pool):
    module = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), pool(5), nn.Flatten(), nn.Linear(20, 3))
    path = saved(tmp_path / "net.pt2", module, torch.zeros(1, 1, 33))
    network = importers.load(path).network
    assert_computes(Imported(importers.load(path)), module, (1, 33))
    sizes = [(each.size, each.stride) for each in network.layers if each.op.endswith("pool1d")]
    assert sizes == [(7, 6)]


@pytest.mark.parametrize("pool", [nn.AdaptiveMaxPool1d, nn.AdaptiveAvgPool1d])
def test_adaptive_pooling_in_groups_that_differ(tmp_path, pool):
    module = nn.Sequential(
        nn.Conv1d(1, 4, 3, padding=7), pool(4), nn.Conv1d(4, 2, 3), nn.Flatten(), nn.Linear(4, 3)
    )
    path = saved(tmp_path / "net.pt2", module, torch.zeros(1, 1, 33))
    assert_computes(Imported(importers.load(path)), module, (1, 33))


def test_adaptive_pooling_in_too_many_groups_is_named():
    module = nn.Sequential(nn.Conv1d(1, 4, 3), nn.AdaptiveMaxPool1d(65))
    program = torch.export.export(module, (torch.zeros(1, 1, 101),))
    with pytest.raises(InputError, match=r"in 1\) pools 99 positions to 65.*divides 99"):
        by_sizes("net", program)


def test_what_is_not_supported_is_named(tmp_path):
    path = saved(tmp_path / "net.pt2", Normed(), torch.zeros(1, 1, 32))
    with pytest.raises(InputError, match=r"\(LayerNorm.*\) is not supported.*instead of") as error:
        importers.load(path)
    assert "\n" not in str(error.value)


class Odd(nn.Module):
    """Functions that are not taken from a file, some that ONNX or hwgen has not."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(32)
        self.inner = nn.Sequential(Bessel(), nn.ReLU())

    def forward(self, x):
        low, high = torch.frexp(self.inner(self.norm(x)))
        return torch.special.bessel_j1(low + high).erfinv()


class Bessel(nn.Module):
    def forward(self, x):
        return torch.special.bessel_j0(x)


@pytest.mark.parametrize("some", [True, False], ids=["any number", "one window"])
def test_all_that_is_not_supported_is_named_at_once(tmp_path, some):
    path = saved(tmp_path / "net.pt2", Odd(), torch.zeros(1 + some, 1, 32), some=some)
    with pytest.raises(NodesError) as error:
        importers.load(path)
    told = str(error.value)
    for name in (
        "special_bessel_j0 (aten.special_bessel_j0, in inner.0)", "frexp (aten.frexp)",
        "special_bessel_j1 (aten.special_bessel_j1)", "(LayerNormalization)", "(aten.erfinv)",
    ):  # fmt: skip
        assert f"{name} is not supported" in told
    assert told.count("is not supported") == 5
    assert "\n" not in told
    nodes = {each.op: each for each in error.value.survey.nodes}
    assert {op for op, each in nodes.items() if each.reason is None} == {"relu", "add", "cast"}
    assert {each.shape for each in nodes.values()} == {(1, 32)}
    assert error.value.survey.shape == (1, 32)


def test_what_is_behind_a_node_without_a_tensor_is_not_known(tmp_path, members):
    def edit(value: Any) -> None:
        relu = node(value, 1)
        relu.update(target="torch.ops.aten.nonzero_static.default")
        value["graph_module"]["graph"]["tensor_values"].pop(relu["outputs"][0]["as_tensor"]["name"])
        node(value, 0).update(target="os.system")

    path = packed(edited(members, MODEL, edit), tmp_path / "x")
    says = r"\(os.system, in 0\); relu \(aten.nonzero_static.default, in 1\): what is not"
    with pytest.raises(InputError, match=says):
        importers.load(path)


def test_a_shape_that_the_file_says_wrongly_is_told(tmp_path, members):
    def edit(value: Any) -> None:
        relu = node(value, 1)
        relu.update(target="os.system")
        name = relu["outputs"][0]["as_tensor"]["name"]
        value["graph_module"]["graph"]["tensor_values"][name]["sizes"] = [{"as_int": 3}]

    path = packed(edited(members, MODEL, edit), tmp_path / "x")
    with pytest.raises(InputError, match=r"\(os.system, in 1\): what is not in") as error:
        importers.load(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("shape", "dims", "says"),
    [
        ((2, 1, 32), None, "must take one window, or any number, not 2"),
        ((1, 1, 32), {2: torch.export.Dim.DYNAMIC}, "sizes but the first known"),
    ],
)
def test_sizes_that_are_open_or_many_are_refused(tmp_path, shape, dims, says):
    program = torch.export.export(nn.ReLU(), (torch.zeros(shape),), dynamic_shapes=(dims,))
    torch.export.save(program, tmp_path / "x.pt2")
    with pytest.raises(InputError, match=says):
        importers.load(tmp_path / "x.pt2")


# Hostile and damaged files: each is a good one with one thing changed.

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def members(tmp_path_factory) -> Members:
    """Return what is in the archive of a small network, by name without the root."""
    module = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(28, 3))
    path = saved(tmp_path_factory.mktemp("pt2") / "x.pt2", module, torch.zeros(2, 1, 16), some=True)
    with zipfile.ZipFile(path) as packed:
        return {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}


def packed(members: Members, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"x/{name}", data)
    return path


MODEL = "models/model.json"
WEIGHTS = "data/weights/model_weights_config.json"


def edited(members: Members, name: str, edit: Callable[[Any], Any]) -> Members:
    """Return members of which a JSON file is changed in place."""
    value = json.loads(members[name])
    edit(value)
    return {**members, name: json.dumps(value).encode()}


def node(value: Any, number: int = -1) -> Any:
    return value["graph_module"]["graph"]["nodes"][number]


def put(place: Any, **fields: Any) -> None:
    place.update(fields)


def weight(value: Any) -> Any:
    return value["config"]["0.weight"]


EDITS: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "version": (MODEL, lambda v: put(v["schema_version"], major=7), "must be of version 8"),
    "no graph": (MODEL, lambda v: v.pop("graph_module"), "damaged program"),
    "no nodes": (MODEL, lambda v: v["graph_module"]["graph"].pop("nodes"), "damaged program"),
    "no target": (MODEL, lambda v: node(v).pop("target"), "damaged program"),
    "unknown value": (
        MODEL, lambda v: put(node(v)["inputs"][0]["arg"]["as_tensor"], name="no"), "nothing gives"),
    "itself": (
        MODEL, lambda v: put(node(v)["outputs"][0]["as_tensor"], name="x"), "damaged|two values"),
    "unknown argument": (MODEL, lambda v: put(node(v)["inputs"][0], name="no"), "has no no"),
    "a number of text": (
        MODEL, lambda v: put(node(v, 0)["inputs"][1]["arg"], as_int=[]), "damaged"),
    "a lot of nodes": (MODEL, lambda v: v["graph_module"]["graph"]["nodes"].extend(
        [node(v)] * 6000), "damaged program.*nodes"),
    "pickled": (WEIGHTS, lambda v: put(weight(v), use_pickle=True), "runs no code of a file"),
    "a path": (WEIGHTS, lambda v: put(weight(v), path_name="../weight_0"), "damaged program"),
    "no file": (WEIGHTS, lambda v: put(weight(v), path_name="weight_9"), "damaged program"),
    "a type": (WEIGHTS, lambda v: put(weight(v)["tensor_meta"], dtype=999), "damaged program"),
    "huge": (WEIGHTS, lambda v: put(weight(v)["tensor_meta"], sizes=[{"as_int": 1 << 39}] * 3),
             "damaged program"),
    "more than its file": (
        WEIGHTS, lambda v: put(weight(v)["tensor_meta"]["sizes"][0], as_int=9), "more bytes"),
    "negative": (
        WEIGHTS, lambda v: put(weight(v)["tensor_meta"]["storage_offset"], as_int=-9), "a size of"),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_damage_is_told_in_one_line(tmp_path, members, name):
    file, edit, says = EDITS[name]
    path = packed(edited(members, file, edit), tmp_path / "x.pt2")
    with pytest.raises(InputError, match=says) as error:
        importers.load(path)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


def test_the_files_that_are_edited_are_good(tmp_path, members):
    assert importers.load(packed(members, tmp_path / "any.name")).network.logits == 3


TARGETS = [
    "os.system", "torch.hub.load", "torch.load", "torch.ops.aten.from_file.default",
    "torch.ops.aten.__class__.default", "torch.ops.aten.relu.__init__", "torch.ops.aten.relu.out",
    "torch.ops.load_library", "torch.ops.load_library.default", "torch.ops.aten.rand.default",
    "_operator.attrgetter", "_operator.pow", "#x:y", "math.factorial", "", "torch.ops.aten.relu",
    "torch.ops.higher_order.cond", "torch.ops.prim.device.default", "torch.ops.aten._ops.default",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_only_functions_of_numbers_are_called(target):
    assert function(target) is None


@pytest.mark.parametrize("target", ["os.system", "", "#x:y", "torch.ops.aten.rand.default"])
def test_what_is_not_called_is_named(tmp_path, members, target):
    path = packed(edited(members, MODEL, lambda v: put(node(v, 1), target=target)), tmp_path / "x")
    with pytest.raises(NodesError, match=r"relu \(\w+\.\w+, in 1\) is not supported"):
        importers.load(path)


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def test_nothing_of_a_file_is_unpickled_or_evaluated(tmp_path, members):
    made = tmp_path / "made"
    code = f"__import__('os').system('touch {made}')"
    buffer = io.BytesIO()
    torch.save(Evil(made), buffer)

    def expressions(value: Any) -> None:
        graph = value["graph_module"]["graph"]
        for meta in graph["tensor_values"].values():
            for size in meta["sizes"]:
                if "as_expr" in size:
                    size["as_expr"]["expr_str"] = code
        graph["sym_int_values"] = {
            name: {"as_expr": {"expr_str": code, "hint": None}} for name in graph["sym_int_values"]
        }
        value["guards_code"] = [code]

    hostile = edited(members, MODEL, expressions)
    hostile["data/sample_inputs/model.pt"] = buffer.getvalue()
    path = packed(hostile, tmp_path / "x.pt2")
    assert importers.load(path).network.logits == 3
    pickled = {"t": {"path_name": "custom_obj_0", "is_param": False, "use_pickle": True,
                     "tensor_meta": None}}  # fmt: skip
    hostile["data/constants/custom_obj_0"] = pickle.dumps(Evil(made))
    hostile["data/constants/model_constants_config.json"] = json.dumps({"config": pickled}).encode()
    with pytest.raises(InputError, match="holds t, an object that is no plain tensor"):
        importers.load(packed(hostile, path))
    assert not made.exists()
    pickle.loads(pickle.dumps(Evil(made)))  # it would have been seen
    assert made.exists()


def test_numbers_out_of_nothing_are_refused(tmp_path, members):
    """A few bytes of a file may ask for any amount of memory."""

    def edit(value: Any) -> None:
        relu = node(value, 1)
        assert relu["target"] == "torch.ops.aten.relu.default"
        arg = relu["inputs"][0]
        sizes = {"name": "repeats", "arg": {"as_ints": [1 << 12, 1 << 12, 1 << 12]}, "kind": 1}
        relu.update(target="torch.ops.aten.repeat.default", inputs=[arg, sizes])

    path = packed(edited(members, MODEL, edit), tmp_path / "x.pt2")
    with pytest.raises(InputError, match="must have at most"):
        importers.load(path)


def test_a_deep_or_a_large_graph_is_refused(tmp_path, members):
    for text in (b"[" * 100_000, b" " * (1 << 26), b"{", b"[]", b"\xff", b"null"):
        path = packed({**members, MODEL: text}, tmp_path / "x.pt2")
        with pytest.raises(InputError, match="damaged program"):
            importers.load(path)


def test_files_that_are_cut_or_lack_a_part(tmp_path, members):
    path = tmp_path / "x.pt2"
    whole = packed(members, path).read_bytes()
    for size in (10, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError):
            importers.load(path)
    for name in (MODEL, WEIGHTS, "archive_version", "byteorder", "data/weights/weight_0"):
        some = {key: data for key, data in members.items() if key != name}
        with pytest.raises(InputError):
            importers.load(packed(some, path))
    two = {**members, "models/other.json": members[MODEL]}
    with pytest.raises(InputError, match="one exported program, not 2"):
        importers.load(packed(two, path))


def test_flipped_bytes_load_or_are_refused_but_never_crash(tmp_path, members):
    rng = np.random.default_rng(6)
    path = tmp_path / "x.pt2"
    for _ in range(15):
        hurt = copy.copy(members)
        name = list(hurt)[rng.integers(len(hurt))]
        data = bytearray(hurt[name])
        for place in rng.integers(max(len(data), 1), size=3):
            data[place : place + 1] = bytes([rng.integers(256)])
        hurt[name] = bytes(data)
        with contextlib.suppress(InputError):
            importers.load(packed(hurt, path))
