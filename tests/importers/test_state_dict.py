"""Bare state_dicts: what is accepted, and what each refusal says."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from hwgen import importers
from hwgen.errors import FileAccessError, HwgenError, InputError, UsageError
from hwgen.importers import Geometry
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense

REAL = (
    Path(__file__).resolve().parents[2].parent
    / "shared/data/checkpoints/bearingpga_cwru_0hp_-6db.pt"
)


def one_line(error: pytest.ExceptionInfo[HwgenError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert text.isprintable()
    return text


def reference(state, x, *, window, stride, padding, pool):
    """Compute the logits with torch, from the published description."""
    x = torch.as_tensor(x)
    bins = torch.fft.fft(x).abs()[:, None, window // 2 :] / window
    state = {key: value.double() for key, value in state.items()}
    y = functional.conv1d(bins, state["conv1.weight"], state["conv1.bias"], stride, padding)
    y = functional.max_pool1d(functional.relu(y), pool).flatten(1)
    y = functional.linear(y, state["fc1.weight"], state["fc1.bias"])
    if "fc2.weight" in state:
        y = functional.linear(functional.relu(y), state["fc2.weight"], state["fc2.bias"])
    return y.numpy()


@pytest.mark.parametrize(
    ("sizes", "geometry", "window", "stride", "padding", "pool"),
    [
        ({}, None, 2048, 8, 28, 2),
        ({"filters": 8, "kernel": 32, "positions": 32, "classes": 6}, None, 1024, 8, 12, 2),
        ({"hidden": 24}, None, 2048, 8, 28, 2),
        ({"classes": 2, "positions": 1, "kernel": 8, "filters": 1}, None, 32, 8, 0, 2),
        ({"kernel": 16, "positions": 128}, Geometry(stride=4), 2048, 4, 6, 2),
        ({"kernel": 5, "positions": 64}, Geometry(padding=0, pool=1), 1024, 8, 0, 1),
        # 256 bins + 2 * 2 zeros: (260 - 7) // 5 + 1 = 51 positions, 51 // 4 = 12 pooled.
        ({"kernel": 7, "positions": 12}, Geometry(5, 2, 4, 512), 512, 5, 2, 4),
    ],
)
def test_network_means_what_torch_computes(
    *, save, make_state, sizes, geometry, window, stride, padding, pool
):
    state = make_state(**sizes)
    checkpoint = importers.load(save(state), geometry=geometry)
    network = checkpoint.network
    assert checkpoint.bare
    assert checkpoint.meta is None
    assert network.name == "bearingpga"
    assert network.input_samples == window
    x = np.random.default_rng(1).normal(size=(3, window))
    expected = reference(state, x, window=window, stride=stride, padding=padding, pool=pool)
    np.testing.assert_allclose(network.run(x), expected, rtol=1e-9, atol=1e-9)


def test_layers_are_named_and_typed_as_published(save, make_state):
    network = importers.load(save(make_state(hidden=7))).network
    assert [layer.name for layer in network.layers] == ["spectrum", "conv1", "pool1", "fc1", "fc2"]
    conv, hidden, last = network.layers[1], network.layers[3], network.layers[4]
    assert isinstance(conv, Conv1d)
    assert isinstance(hidden, Dense)
    assert isinstance(last, Dense)
    assert (conv.relu, hidden.relu, last.relu) == (True, True, False)


@pytest.mark.parametrize("wrap", ["state_dict", "model_state_dict"])
def test_wrapped_and_prefixed_state_dicts_load(save, make_state, wrap):
    state = make_state()
    prefixed = {f"module.{key}": value for key, value in state.items()}
    network = importers.load(save({"epoch": 3, wrap: prefixed})).network
    np.testing.assert_array_equal(network.layers[1].weight, state["conv1.weight"].numpy())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_float_types_keep_their_values(save, make_state, dtype):
    state = {key: torch.nn.Parameter(value.to(dtype)) for key, value in make_state().items()}
    network = importers.load(save(state)).network
    np.testing.assert_array_equal(
        network.layers[3].weight, state["fc1.weight"].detach().double().numpy()
    )


def test_the_format_before_zip_loads(save, make_state):
    path = save(make_state(), _use_new_zipfile_serialization=False)
    assert importers.load(path).network.logits == 10


def test_the_real_checkpoint_loads():
    if not REAL.exists():
        pytest.skip(f"no {REAL}")
    network = importers.load(REAL).network
    assert network.parameters == 2830
    assert [*network.shapes().values()] == [(2048,), (1, 1024), (4, 128), (4, 64), (10,)]


def test_no_torch_for_the_records():
    code = "import sys, hwgen.checkpoint, hwgen.importers; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Evil:
    """Creates a file where it is loaded by a careless reader."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("kind", ["zip", "legacy", "plain", "protocol 0", "nested"])
def test_code_in_a_pickle_is_refused_and_not_run(tmp_path, make_state, kind):
    trap = tmp_path / "ran"
    buffer = io.BytesIO()
    if kind == "zip":
        torch.save(Evil(trap), buffer)
    elif kind == "legacy":
        torch.save(Evil(trap), buffer, _use_new_zipfile_serialization=False)
    elif kind == "plain":
        pickle.dump(Evil(trap), buffer)
    elif kind == "protocol 0":
        buffer.write(b"cos\nsystem\n(S'touch " + str(trap).encode() + b"'\ntR.")
    else:
        torch.save({"state_dict": make_state() | {"conv1.bias": Evil(trap)}}, buffer)
    path = tmp_path / "evil.pt"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(InputError) as error:
        importers.load(path)
    assert "would run code" in one_line(error)
    assert not trap.exists()


def test_a_whole_pickled_model_says_what_to_save(save):
    with pytest.raises(InputError) as error:
        importers.load(save(torch.nn.Linear(2, 2)))
    assert "2 tensors of torch.nn.modules.linear.Linear with 6 numbers" in one_line(error)
    assert "torch.onnx.export(model.eval()" in str(error.value)


def a_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello, world\n",
        b"class Foo:\n    x = 1\n",
        b"label,x\n1,2\n",
        a_zip(),
        a_zip()[:30],
        b"\x80\x02}q\x00.",
        b"\x93NUMPY" + bytes(200),
        bytes(1000),
        b"\xff" * 1000,
    ],
    ids=["empty", "text", "python", "csv", "zip", "cut zip", "pickle", "npy", "zeros", "ones"],
)
def test_what_is_no_checkpoint_is_named_so(tmp_path, data):
    path = tmp_path / "x.pt"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        importers.load(path)
    assert str(path) in one_line(error)
    assert "checkpoint" in str(error.value)
    assert "run code" not in str(error.value)


@pytest.mark.parametrize("zipped", [True, False])
def test_truncation_anywhere_is_an_input_error(save, make_state, zipped):
    path = save(make_state(), _use_new_zipfile_serialization=zipped)
    data = path.read_bytes()
    for size in [1, 10, 100, 1000, len(data) // 2, len(data) - 100, len(data) - 1]:
        path.write_bytes(data[:size])
        with pytest.raises(InputError) as error:
            importers.load(path)
        one_line(error)


def test_flipped_bytes_load_or_are_refused_but_never_crash(save, make_state):
    path = save(make_state())
    data = path.read_bytes()
    rng = np.random.default_rng(5)
    for _ in range(150):
        # The pickle lies at the start, the directory at the end: hit those as often as the data.
        spot = rng.choice([rng.integers(1500), rng.integers(len(data)), len(data) - 1200])
        hurt = bytearray(data)
        for i in rng.integers(spot, min(spot + 1200, len(data)), size=3):
            hurt[i] = rng.integers(256)
        path.write_bytes(hurt)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                importers.load(path)
            except InputError as error:
                assert "\n" not in str(error)  # noqa: PT017


def test_a_folder_and_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        importers.load(tmp_path)
    with pytest.raises(FileAccessError, match="No such file"):
        importers.load(tmp_path / "none.pt")
    with pytest.raises(InputError, match="no regular file"):
        importers.load(Path("/dev/zero"))


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "huge.pt"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="at most 256 MiB"):
        importers.load(path)


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(300 << 20))
    with pytest.raises(InputError, match="at most 256 MiB"):
        importers.load(path)


@pytest.mark.parametrize("value", [[1, 2], torch.zeros(3), 7, "text", None])
def test_an_object_that_is_no_dict(save, value):
    with pytest.raises(InputError, match="not a state_dict"):
        importers.load(save(value))


def test_every_wrong_tensor_is_named_with_its_shape(save, make_state):
    state = make_state()
    del state["fc1.bias"]
    state["bn1.weight"] = torch.zeros(3)
    state["conv1.bias"] = torch.zeros(5)
    with pytest.raises(InputError) as error:
        importers.load(save(state))
    text = one_line(error)
    assert "missing: fc1.bias (10,)" in text
    assert "extra: bn1.weight" in text
    assert "wrong: conv1.bias must be (4,), not (5,)" in text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"conv1.weight": torch.zeros(4, 2, 64)}, r"conv1.weight must be \(F, 1, K\), not"),
        ({"conv1.weight": torch.zeros(4, 64)}, r"conv1.weight must be \(F, 1, K\), not"),
        ({"conv1.weight": torch.zeros(0, 1, 64)}, r"not \(0, 1, 64\)"),
        ({"fc1.weight": torch.zeros(10, 0)}, r"not \(10, 0\)"),
        ({"fc1.weight": torch.zeros(10, 258)}, "multiple of conv1's 4 filters, not 258"),
        ({"fc1.weight": torch.zeros(10, 300)}, "75 positions a filter.*give --window"),
        ({"fc1.weight": torch.zeros(1, 256), "fc1.bias": torch.zeros(1)}, "2 or more logits"),
        ({"fc1.bias": torch.tensor(1.0)}, r"fc1.bias must be \(10,\), not \(\)"),
        ({"fc1.bias": torch.zeros(10, dtype=torch.int64)}, "fc1.bias must be float32, not int64"),
        ({"fc1.bias": torch.zeros(10, dtype=torch.complex64)}, "must be float32, not complex64"),
        ({"fc1.bias": torch.zeros(10, dtype=torch.bool)}, "must be float32, not bool"),
        ({"fc1.bias": torch.zeros(10).to_sparse()}, "ordinary dense tensor"),
        ({"fc1.bias": torch.zeros(10, device="meta")}, "ordinary dense tensor"),
        ({"fc1.bias": [0.0] * 10}, r"fc1.bias must be a tensor \(10,\), not list"),
        ({"fc1.weight": torch.zeros(1).expand(10, 1 << 40)}, "at most 16777216 elements"),
        ({"fc1.bias": torch.full((10,), torch.nan)}, "10 of 10 in fc1.bias"),
        ({"conv1.bias": torch.tensor([1.0, -torch.inf, 0, 0])}, "1 of 4 in conv1.bias"),
        ({"conv1.bias": torch.full((4,), 1e300, dtype=torch.float64)}, "4 of 4 in conv1.bias"),
        ({"fc2.weight": torch.zeros(3, 9), "fc2.bias": torch.zeros(3)}, r"must be \(C, 10\)"),
        ({"fc3.weight": torch.zeros(3, 10), "fc3.bias": torch.zeros(3)}, "missing: fc2.weight"),
        ({"a\nb\x1b[1m": torch.zeros(1)}, r"extra: 'a\\nb\\x1b\[1m'"),
        ({5: torch.zeros(1)}, "extra: 5"),
        ({"cnn.Conv1D_1.weight": torch.zeros(1)}, "teacher network"),
        ({f"x{i}": torch.zeros(1) for i in range(99)}, "and 87 more"),
    ],
)
def test_each_unusable_state_is_refused(save, make_state, change, says):
    with pytest.raises(InputError, match=says) as error:
        importers.load(save(make_state() | change))
    one_line(error)


def test_an_empty_dict_misses_everything(save):
    with pytest.raises(InputError, match=r"holds a dict, .* no named tensors; .*onnx.export"):
        importers.load(save({}))


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        (Geometry(window=1024), "window of 1024 makes 32 .*give --stride, --padding, --pool"),
        (Geometry(stride=7), "--padding"),
        (Geometry(padding=64), "--padding must be less than"),
        (Geometry(stride=8, padding=28, pool=2, window=512), "makes 16 .*check these options"),
        (Geometry(stride=100, padding=0), "no window that is a power of two"),
    ],
)
def test_a_geometry_that_does_not_fit_is_refused(save, make_state, geometry, says):
    with pytest.raises(InputError, match=says):
        importers.load(save(make_state()), geometry=geometry)


def test_several_windows_that_fit_ask_for_one(save, make_state):
    state = make_state(positions=1, kernel=8)
    with pytest.raises(InputError, match=r"all fit .* give --window"):
        importers.load(save(state), geometry=Geometry(stride=100, padding=0, pool=1))


@pytest.mark.parametrize(
    ("field", "value"), [("window", 1000), ("stride", 0), ("padding", -1), ("pool", 1 << 20)]
)
def test_options_out_of_range_are_usage_errors(field, value):
    with pytest.raises(UsageError, match=f"--{field}"):
        Geometry(**{field: value})


def test_options_of_the_wrong_type_are_programming_mistakes():
    with pytest.raises(TypeError, match="stride must be an integer"):
        Geometry(stride=2.0)  # type: ignore[arg-type]
