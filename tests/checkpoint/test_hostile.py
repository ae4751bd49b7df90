"""Pickles that would run code, exhaust memory or the stack; and files of every other kind."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from hwgen import importers
from hwgen.checkpoint import inert
from hwgen.errors import InputError


def in_archive(pickled: bytes, **members: bytes) -> bytes:
    """Return a file of torch.save's form around any pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in {"data.pkl": pickled, "version": b"3\n", **members}.items():
            archive.writestr(f"x/{name}", data)
    return buffer.getvalue()


def refused(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        importers.load(path)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 2000
    return str(error.value)


class Call:
    """Is pickled as a call of a function."""

    def __init__(self, function, *args) -> None:
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def calls(trap: Path) -> dict[str, Call]:
    import builtins
    import os
    import shutil

    return {
        "os.system": Call(os.system, f"touch {trap}"),
        "subprocess": Call(subprocess.run, ["touch", str(trap)]),
        "eval": Call(builtins.eval, f"open({str(trap)!r}, 'w')"),
        "exec": Call(builtins.exec, f"open({str(trap)!r}, 'w')"),
        "open": Call(builtins.open, str(trap), "w"),
        "import": Call(builtins.__import__, "antigravity"),
        "getattr": Call(builtins.getattr, Path, "touch"),
        "copy": Call(shutil.copy, __file__, str(trap)),
        "torch.load": Call(torch.load, str(trap)),
    }


@pytest.mark.parametrize("name", list(calls(Path("x"))))
@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("form", ["archive", "beside weights", "plain"])
def test_no_call_is_made(tmp_path, make_state, name, protocol, form):
    trap = tmp_path / "ran"
    call = calls(trap)[name]
    if form == "plain":
        data = pickle.dumps(call, protocol)
    elif form == "archive":
        data = in_archive(pickle.dumps({"conv1.weight": call}, protocol))
    else:
        buffer = io.BytesIO()
        torch.save({"state_dict": make_state(), "x": call}, buffer, pickle_protocol=protocol)
        data = buffer.getvalue()
    assert "would run code" in refused(tmp_path / "x.pt", data)
    assert not trap.exists()


def test_a_class_of_the_users_is_never_imported(tmp_path, make_state):
    # A module of this name lies where Python would find it, and would leave a trace.
    (tmp_path / "nets.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    pickled = b"\x80\x02cnets\nWDCNN\n)\x81}b."
    path = tmp_path / "x.pt"
    path.write_bytes(in_archive(pickled))
    code = (
        "import sys; from pathlib import Path; from hwgen import importers\n"
        "from hwgen.errors import InputError\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        f"try: importers.load(Path({str(path)!r}))\n"
        "except InputError as error: print(error)\n"
        "sys.exit('nets' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "nets.WDCNN" in done.stdout
    assert not (tmp_path / "ran").exists()


def test_what_a_stand_in_is_told_changes_no_stand_in():
    """State that aims at the class itself is refused, and reaches nothing of the program."""
    for pickled in (
        b"\x80\x02cx\nA\n}X\x04\x00\x00\x00nameX\x01\x00\x00\x00yssb.",
        b"\x80\x02cx\nA\n}X\x08\x00\x00\x00__call__K\x01sb.",
    ):
        with pytest.raises((TypeError, pickle.UnpicklingError)):
            inert.load(io.BytesIO(pickled))
    assert inert.Inert.name == ""


DEEP = 200_000
BOMBS = {
    "nested tuples as a key": b"\x80\x02})" + b"\x85" * DEEP + b"K\x01s.",
    "nested lists": b"\x80\x02" + b"]" * DEEP + b"a" * (DEEP - 1) + b".",
    "nested state": b"\x80\x02" + b"cx\nA\n)\x81" * 50_000 + b"b" * 49_999 + b".",
    "a far place in the memo": b"\x80\x02cx\nA\n)\x81K\x01r\xf0\xff\xff\xff0.",
    "the same behind a number for C": b"\x80\x02cx\nA\n)\x81I0x10\n0r\xf0\xff\xff\xff.",
    "a huge string": b"\x80\x04\x8d" + struct.pack("<Q", 1 << 60) + b"x.",
    "a huge number": b"\x80\x02}X\x01\x00\x00\x00a\x8b\x00\x00\x10\x00" + bytes(1 << 20) + b"s.",
    "many objects": b"\x80\x02]" + b"K\x01a" * 600_000 + b".",
    "a key that holds itself": b"\x80\x02]q\x00h\x00a}h\x00K\x01s.",
    "a list that holds itself": b"\x80\x02]q\x00h\x00a.",
}  # fmt: skip


@pytest.mark.parametrize("stranger", [False, True], ids=["known", "stranger"])
def test_bombs_are_refused_in_bounded_memory(tmp_path, stranger):
    """All in one process of its own, which must neither crash nor grow."""
    for number, data in enumerate(BOMBS.values()):
        if stranger:  # one foreign class makes another reader take the file
            data = data[:2] + b"cx\nA\n)\x810" + data[2:]  # noqa: PLW2901
        (tmp_path / f"{number}.pt").write_bytes(in_archive(data))
    code = (
        "import resource, sys; from pathlib import Path\n"
        "import torch; from hwgen import importers\n"
        "from hwgen.errors import InputError\n"
        f"for number in range({len(BOMBS)}):\n"
        f"  path = Path({str(tmp_path)!r}) / f'{{number}}.pt'\n"
        "  try: importers.load(path)\n"
        "  except InputError as error: print(error)\n"
        "sys.exit(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 3 << 20)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert len(told) == len(BOMBS)
    assert all(f"{number}.pt" in line for number, line in enumerate(told))


def test_modules_that_are_shared_again_and_again_end(tmp_path):
    """Forty modules, each with the one below twice: 2**40 tensors if they were all listed."""
    module = b"ca\nM\n)\x81}X\x0b\x00\x00\x00_parameters}X\x01\x00\x00\x00wK\x01ss"
    module += b"X\x08\x00\x00\x00_modules}"
    pickled = b"\x80\x02" + module + b"sbq\x00"
    for level in range(40):
        here, below = bytes([level + 1]), bytes([level])
        pickled += module + b"(X\x01\x00\x00\x00ah" + below + b"X\x01\x00\x00\x00bh" + below
        pickled += b"usbq" + here
    assert "holds objects of a.M, not a state_dict" in refused(
        tmp_path / "x.pt", in_archive(pickled + b".")
    )


def test_a_format_that_is_nested_without_end_is_one_line(tmp_path):
    pickled = b"\x80\x02}X\x06\x00\x00\x00format" + b"]" * 5000 + b"a" * 4999 + b"s."
    refused(tmp_path / "x.pt", in_archive(pickled))


@pytest.mark.parametrize("beside", [{}, {"x": Call(dict, ())}], ids=["known", "stranger"])
def test_a_key_that_is_a_huge_number_is_no_traceback(save, make_state, beside):
    path = save({"model": make_state(), 10**6000: {"a": 1}, **beside})
    assert importers.load(path).network.logits == 10


@pytest.mark.parametrize("spoil", ["offset", "stride", "size", "key", "short"])
def test_tensors_beyond_their_storage_are_not_read(tmp_path, spoil):
    size, stride, offset = (4, 1, 64), (64, 64, 1), 0
    if spoil == "offset":
        offset = 1 << 30
    elif spoil == "stride":
        stride = (1 << 30, 64, 1)
    elif spoil == "size":
        size = (1 << 30, 1, 64)
    buffer = io.BytesIO()
    writer = pickle._Pickler(buffer, 2)  # type: ignore[attr-defined]

    class Made:
        def __reduce__(self):
            return (torch._utils._rebuild_tensor_v2, (Key(), offset, size, stride, False, {}))

    class Key:
        pass

    kind = torch.FloatStorage
    key = "9" if spoil == "key" else "0"
    writer.persistent_id = lambda value: (
        ("storage", kind, key, "cpu", 256) if isinstance(value, Key) else None
    )
    writer.dump({"conv1.weight": Made(), "fc1.weight": Made(), "x": Call(Bag)})
    numbers = bytes(10 if spoil == "short" else 1024)
    refused(tmp_path / "x.pt", in_archive(buffer.getvalue(), **{"data/0": numbers}))


class Bag(dict):
    pass


def test_flipped_bytes_in_whole_modules_never_crash(tmp_path, save):
    path = save({"model": torch.nn.Linear(3, 2), "scalar": np.float64(1), "bag": Bag(a=1)})
    data = path.read_bytes()
    rng = np.random.default_rng(7)
    for _ in range(150):
        hurt = bytearray(data)
        for i in rng.integers(0, min(2500, len(data)), size=3):
            hurt[i] = rng.integers(256)
        refused(path, bytes(hurt))


def a_zip(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def an_h5() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["x"] = [1.0]
    return buffer.getvalue()


def an_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


KINDS = {
    "LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:9f\nsize 7\n", "git lfs pull"),
    "html": (b"\n <!doctype html><html></html>", "a web page"),
    "html with a mark": (b"\xef\xbb\xbf<HTML lang=en>", "a web page"),
    "xml": (b"<?xml version='1.0'?><Error/>", "XML"),
    "json": (b'{"error": "Access denied"}', "JSON"),
    "text": ("größe 1, 2, 3\n".encode(), "text, not a network"),
    "tflite": (b"\x1c\0\0\0TFL3" + bytes(100), "TFLite"),
    "hdf5": (an_h5(), "HDF5"),
    "keras": (a_zip(**{"config.json": b"{}", "model.weights.h5": b""}), "a Keras network"),
    "gzip": (gzip.compress(b"x"), "gzip"),
    "bzip2": (bz2.compress(b"x"), "bzip2"),
    "xz": (lzma.compress(b"x"), "xz"),
    "zip of one": (a_zip(**{"folder/best.pt": b"x"}), "folder/best.pt' in it; unpack"),
    "zip of others": (a_zip(**{"a.txt": b"x"}), "a zip archive of other things"),
    "array": (an_array(), "one NumPy array"),
    "mat": (b"MATLAB 5.0 MAT-file, Platform" + bytes(200), "a MATLAB file"),
    "wav": (b"RIFF\0\0\0\0WAVE", "--data"),
    "pickle": (pickle.dumps([1, 2]), "a pickle that torch.save did not write"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", [".pt", ".onnx", ".safetensors", ""])
def test_other_files_are_named_by_their_content(tmp_path, kind, ending):
    data, says = KINDS[kind]
    text = refused(tmp_path / f"x{ending}", data)
    assert "is no checkpoint but" in text
    assert says in text


def test_torchscript_and_exported_programs_are_named(tmp_path, save, make_state):
    data = in_archive(pickle.dumps({}, 2), **{"code/__torch__.py": b"", "constants.pkl": b""})
    assert "torch.jit.load('x.pt'" in refused(tmp_path / "x.pt", data)
    data = a_zip(**{"x/models/model.json": b"{}", "x/archive_format": b"pt2"})
    assert "is a damaged program of torch.export" in refused(tmp_path / "x.pt2", data)
    data = a_zip(**{"serialized_exported_program.json": b"{}", "version": b"1"})
    assert "another version of torch" in refused(tmp_path / "x.pt2", data)


@pytest.mark.parametrize(
    "header",
    [
        {"conv1.weight": {"dtype": "F32", "shape": [4, 1, 64], "data_offsets": [0, 1 << 40]}},
        {"conv1.weight": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 4]}},
        {"conv1.weight": {"dtype": "X", "shape": [1], "data_offsets": [0, 4]}},
        {"conv1.weight": 5},
        {},
    ],
)
def test_damaged_safetensors_are_refused(tmp_path, header):
    text = json.dumps(header).encode()
    refused(tmp_path / "x", len(text).to_bytes(8, "little") + text + bytes(4))


@pytest.mark.parametrize("what", ["objects", "more than it holds", "cut", "huge"])
def test_damaged_npz_are_refused(tmp_path, what):
    buffer = io.BytesIO()
    if what == "objects":
        np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    else:
        np.save(buffer, np.zeros(4))
    member = buffer.getvalue()
    if what == "more than it holds":
        member = member.replace(b"(4,), ", b"(9,), ")
    elif what == "huge":
        member = member.replace(b"(4,), }     ", b"(1<<9,), }  ").replace(b"1<<9", b"9999")
    elif what == "cut":
        member = member[:20]
    assert ".npz archive" in refused(tmp_path / "x.npz", a_zip(**{"conv1.weight.npy": member}))
