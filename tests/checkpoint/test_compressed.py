from __future__ import annotations

import json

import numpy as np
import pytest
import safetensors.torch
import torch

from hwgen.checkpoint import compressed
from hwgen.checkpoint.compressed import Compressed, Matrix, read, recognises, value_of, write
from hwgen.coding import codes
from hwgen.errors import InputError

TREE = {"d": [["w", {"n": 0}], ["b", {"n": 1}], ["classes", {"l": ["x", "y"]}]]}


@pytest.fixture
def content():
    weights = np.random.default_rng(0).standard_normal((4, 6))
    coded = codes.of("trajectory").fit(weights, theta_bits=8)
    matrix = Matrix((4, 2, 3), "float16", coded)
    return Compressed("trajectory", TREE, {1: torch.arange(4)}, {0: matrix})


def parts(data):
    """Return metadata and tensors."""
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + size])["__metadata__"], safetensors.torch.load(data)


def again(data, change, *, signed=True):
    """Return a file with something changed, and its digest made right where that is asked for."""
    metadata, tensors = parts(data)
    index = json.loads(metadata["index"])
    change(index, tensors, metadata)
    metadata["index"] = json.dumps(index)
    if signed:
        metadata["digest"] = compressed._digest(metadata["index"], tensors)
    return safetensors.torch.save(tensors, metadata)


def test_it_comes_back(content):
    data = write(content)
    assert recognises(data)
    found = value_of(data, "x")
    assert found["w"].dtype == torch.float16
    assert found["w"].shape == (4, 2, 3)
    wanted = torch.from_numpy(content.coded[0].coded.real).reshape(4, 2, 3).to(torch.float16)
    assert torch.equal(found["w"], wanted)
    assert torch.equal(found["b"], torch.arange(4))
    assert found["classes"] == ["x", "y"]
    assert read(data, "x").method == "trajectory"
    assert write(content) == data


def test_another_library_reads_its_tensors(content):
    metadata, tensors = parts(write(content))
    assert set(tensors) == {"words", "1"}
    assert tensors["words"].numel() * 8 == content.coded[0].coded.bits
    assert set(metadata) == {"format", "version", "digest", "index"}
    assert (metadata["format"], metadata["version"]) == ("hwgen-compressed", "1")


def test_tensors_that_share_their_memory(content):
    whole = torch.arange(6.0)
    plain = {1: whole[:3], 2: whole.reshape(2, 3).T, 3: torch.zeros(0, 2), 4: torch.tensor(True)}
    tree = {"l": [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]}
    found = value_of(write(Compressed("x", tree, plain, content.coded)), "x")
    assert all(torch.equal(found[number], each) for number, each in plain.items())


def test_every_byte_matters(content):
    data = write(content)
    rng = np.random.default_rng(1)
    for place in rng.choice(len(data), 150, replace=False):
        altered = bytearray(data)
        altered[place] ^= 1 << rng.integers(8)
        if recognises(bytes(altered)):
            with pytest.raises(InputError):
                value_of(bytes(altered), "x")


@pytest.mark.parametrize("end", [9, 100, -1])
def test_a_file_that_is_cut_short(content, end):
    data = write(content)[:end]
    if recognises(data):
        with pytest.raises(InputError, match="cut short"):
            read(data, "x")


def test_a_newer_version(content):
    data = again(write(content), lambda i, t, m: m.update(version="2"))
    with pytest.raises(
        InputError, match="x is of version 2 of compressed networks, but this hwgen"
    ):
        read(data, "x")


def test_other_safetensors_are_none():
    data = safetensors.torch.save({"words": torch.zeros(3)}, {"format": "pt"})
    assert not recognises(data)
    assert not recognises(safetensors.torch.save({"words": torch.zeros(3)}))
    assert not recognises(b"")


def put(*path):
    """Return a change of the index: the last of `path` is put where the others lead."""

    def change(index, tensors, metadata):
        del tensors, metadata
        *way, last, value = path
        for each in way:
            index = index[each]
        index[last] = value

    return change


HOSTILE = [
    put("coded", "0", "shape", [4, 7]),
    put("coded", "0", "shape", [6, 4]),
    put("coded", "0", "shape", "x"),
    put("coded", "0", "dtype", "load"),
    put("coded", "0", "dtype", None),
    put("coded", "0", "code", "huffman"),
    put("coded", "0", "code", "os"),
    put("coded", "0", "matrix", [1 << 30, 1 << 30]),
    put("coded", "0", "words", [1 << 40]),
    put("coded", "0", "words", None),
    put("coded", "0", "theta_bits", 60),
    put("coded", "0", "directions", [1] * 63),
    put("coded", "1", {}),
    put("coded", "x", {}),
    put("coded", {}),
    put("coded", []),
    put("coded", None),
    put("tree", 3),
    put("tree", {"d": [["w", {"n": 9}]]}),
    put("tree", {"d": "x"}),
    lambda i, t, m: i.pop("tree"),
    lambda i, t, m: i.pop("method"),
    lambda i, t, m: t.pop("words"),
    lambda i, t, m: t.update(words=torch.zeros(300)),
    lambda i, t, m: t.update(words=torch.zeros(0, dtype=torch.uint8)),
    lambda i, t, m: t.update(words=torch.cat([t["words"], torch.zeros(1, dtype=torch.uint8)])),
    lambda i, t, m: t.update(name=torch.zeros(1)),
    lambda i, t, m: t.update({"0": torch.zeros(1)}),
]


@pytest.mark.parametrize("change", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_with_a_right_digest(content, change):
    data = again(write(content), change)
    with pytest.raises(InputError, match="x"):
        value_of(data, "x")
    with pytest.raises(InputError, match="its digest"):
        value_of(again(write(content), change, signed=False), "x")
