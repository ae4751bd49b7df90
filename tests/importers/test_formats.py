"""Each file is of one kind; a kind is a module, and nothing lists it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen import importers
from hwgen.errors import InputError
from hwgen.importers import CheckpointMeta, Geometry, formats, network_from_state, save_checkpoint
from hwgen.importers.source import Source
from hwgen.network.quadratic import TENSORS

NEW = """
def recognises(source):
    return source.data.startswith(b"NEW!")

def load(source, asked):
    {body}
"""


@pytest.fixture
def network(make_state):
    state = {key: value.double().numpy() for key, value in make_state().items()}
    return network_from_state(state, Geometry(window=2048))


@pytest.fixture
def files(tmp_path, make_state, network):
    """Return a file of each kind, by its name."""
    torch.save({"state_dict": make_state(), "epoch": 3}, tmp_path / "bare.pt")
    np.savez(tmp_path / "bare.npz", **{k: v.numpy() for k, v in make_state().items()})
    save_checkpoint(tmp_path / "own.pt", network, meta=CheckpointMeta("mine", None))
    torch.save({"format": "another"}, tmp_path / "another.pt")
    neurons = {f"a.{end}": torch.ones((3, 3) if "weight" in end else 3) for end in TENSORS}
    torch.save(neurons, tmp_path / "quadratic.pt")
    program = torch.export.export(torch.nn.Linear(8, 3), (torch.zeros(1, 8),))
    torch.export.save(program, tmp_path / "program.pt2")
    wanted = {
        "bare.pt": "state_dict",
        "bare.npz": "state_dict",
        "own.pt": "own",
        "quadratic.pt": "quadratic",
    }
    wanted["program.pt2"] = "program"
    return {tmp_path / name: kind for name, kind in (wanted | {"another.pt": "own"}).items()}


def test_one_kind_recognises_a_file(files):
    for path, kind in files.items():
        found = [name for name, each in formats.every().items() if each.recognises(Source(path))]
        assert found == [kind], path


def test_what_no_kind_recognises_is_told(tmp_path):
    path = tmp_path / "net.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    assert not [name for name, each in formats.every().items() if each.recognises(Source(path))]
    with pytest.raises(InputError, match="reads no Keras networks"):
        importers.load(path)


def test_a_file_is_read_once(files, monkeypatch):
    read = []
    whole = Source.data.func
    monkeypatch.setattr(Source.data, "func", lambda source: read.append(source) or whole(source))
    for path in files:
        if path.name != "another.pt":
            importers.load(path)
    assert len(read) == len(files) - 1


@pytest.fixture
def new_kind(tmp_path, monkeypatch):
    """Put a module beside the others, with the body of its `load`."""

    def put(body):
        (tmp_path / "kinds").mkdir()
        (tmp_path / "kinds" / "new_kind.py").write_text(NEW.format(body=body))
        monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path / "kinds")])
        formats.every.cache_clear()

    yield put
    monkeypatch.undo()
    formats.every.cache_clear()


def test_a_kind_is_a_file(tmp_path, new_kind, network, files):
    path = tmp_path / "some.new"
    path.write_bytes(b"NEW! and whatever follows")
    with pytest.raises(InputError, match="no checkpoint"):
        importers.load(path)
    new_kind("raise RuntimeError(source.data[5:].decode())")
    assert set(formats.every()) == {"onnx", "own", "program", "quadratic", "state_dict", "new_kind"}
    with pytest.raises(RuntimeError, match="and whatever follows"):
        importers.load(path)
    for path in files:  # the others are as they were
        if path.name not in ("another.pt", "program.pt2", "quadratic.pt"):
            assert importers.load(path).network.logits == network.logits
