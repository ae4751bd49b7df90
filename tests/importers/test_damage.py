"""A file in which bytes have changed is refused, where its form has checksums."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from hwgen import importers
from hwgen.errors import InputError
from hwgen.importers import CheckpointMeta, save_checkpoint


class Stranger(dict):
    pass


def flipped(data: bytes, after: bytes) -> bytes:
    hurt = bytearray(data)
    hurt[data.index(after) + 3] ^= 8
    return bytes(hurt)


@pytest.mark.parametrize("wrap", [dict, lambda s: {"m": s, "x": Stranger()}, "own"])
def test_a_flipped_bit_in_a_weight_is_damage(tmp_path, save, make_state, wrap):
    state = make_state()
    if wrap == "own":
        path = tmp_path / "own.pt"
        save_checkpoint(
            path, importers.load(save(state)).network, meta=CheckpointMeta("synthetic", None)
        )
    else:
        path = save(wrap(state))
    importers.load(path)
    path.write_bytes(flipped(path.read_bytes(), state["fc1.weight"].numpy().tobytes()[:32]))
    with pytest.raises(InputError, match=r"is damaged: its entry .*data/\d+ .*; copy it again"):
        importers.load(path)


def test_a_flipped_bit_in_the_names_is_damage(save, make_state):
    path = save(make_state())
    path.write_bytes(flipped(path.read_bytes(), b"conv1.weight"))
    with pytest.raises(InputError, match=r"is damaged: its entry .*data.pkl"):
        importers.load(path)


def test_a_flipped_bit_in_packed_entries_is_damage(tmp_path, save, make_state):
    """Archives may be packed again: what unpacks no longer is damage too."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(save(make_state())) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name), zipfile.ZIP_DEFLATED)
    data = buffer.getvalue()
    rng = np.random.default_rng(3)
    told = set()
    path = tmp_path / "x.pt"
    for place in rng.integers(2000, len(data) - 2000, size=20):
        hurt = bytearray(data)
        hurt[place] ^= 8
        path.write_bytes(hurt)
        with pytest.raises(InputError) as error:
            importers.load(path)
        told.add("damaged: its entry" in str(error.value))
    assert True in told


@pytest.mark.parametrize("wrap", [dict, lambda s: {"m": s, "x": Stranger()}])
def test_files_that_were_saved_without_checksums_are_read(save, make_state, wrap):
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        path: Path = save(wrap(make_state()))
    finally:
        torch.serialization.set_crc32_options(before)
    assert importers.load(path).network.logits == 10
