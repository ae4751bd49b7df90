"""NumPy's .npz: a zip of .npy files, each a variable."""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.formats import npy
from hwgen.signals.formats._contents import Channel, Contents
from hwgen.signals.formats._stated import stated_rates, stated_unit

ENDINGS = (".npz",)

_MOST_BYTES = 1 << 30
"""Of one array; a deflated one can be a thousand times the file."""
_MOST_ARRAYS = 4096


def read(path: Path) -> Contents:
    """Return the arrays as channels, by their names; a scalar ``fs`` or the like is the rate."""
    channels: list[Channel] = []
    passed_over: list[str] = []
    notices: list[str] = []
    facts: dict[str, object] = {}
    with zipfile.ZipFile(path) as file:
        for member in _members(path, file):
            name = member.filename.removesuffix(".npy")
            with file.open(member) as stream:
                shape, _, dtype = npy.header(cast("BinaryIO", stream))
            npy.check(f"{path}: {name}", shape, dtype, member.file_size)
            load = partial(_array, path, member.filename)
            found, over, said = npy.contents_of(name, shape, dtype, load)
            channels += found
            passed_over += over
            notices += said
            if math.prod(shape) == 1 and dtype.kind in "iufU":
                value = load().reshape(-1)[0]
                facts[name] = str(value) if dtype.kind == "U" else value
    if (unit := stated_unit(facts)) is not None:
        channels = [replace(channel, unit=channel.unit or unit) for channel in channels]
    return Contents(tuple(channels), stated_rates(facts), tuple(passed_over), tuple(notices))


def _members(path: Path, file: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the arrays in a zip; refuse what would not fit into memory."""
    members = [member for member in file.infolist() if member.filename.endswith(".npy")]
    if not members or len(members) > _MOST_ARRAYS:
        raise InputError(
            f"{path} must hold 1 to {_MOST_ARRAYS} arrays, not {len(members)}; "
            "save the recording as .npy"
        )
    for member in members:
        if member.file_size > _MOST_BYTES:
            raise InputError(
                f"{path}: {member.filename} unpacks to {member.file_size} bytes; at most "
                f"{_MOST_BYTES} are read"
            )
    return members


def _array(path: Path, filename: str) -> np.ndarray:
    """Return one array; what zip announces of its size and sum is checked as it is read."""
    with zipfile.ZipFile(path) as file, file.open(filename) as stream:
        size = file.getinfo(filename).file_size
        data = stream.read(size + 1)
    start = io.BytesIO(data)
    shape, order, dtype = npy.header(start)
    npy.check(f"{path}: {filename}", shape, dtype, len(data) - start.tell())
    flat = np.frombuffer(data, dtype, math.prod(shape), offset=start.tell())
    return flat.reshape(shape, order=order)
