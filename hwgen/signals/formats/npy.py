"""NumPy's .npy: one array of numbers, or of records of them; never a pickle."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.lib import format as npy_format

from hwgen.errors import InputError
from hwgen.signals.formats._arrays import channels_of
from hwgen.signals.formats._contents import Channel, Contents

ENDINGS = (".npy",)

_NUMBERS = "iuf"


def read(path: Path) -> Contents:
    """Return the array as channels: columns by number, or one for each field of its records.

    The header's shape is compared with the file's size before anything of that size is
    allocated, and arrays of Python objects are refused unread.
    """
    with path.open("rb") as stream:
        shape, order, dtype = header(stream)
        start = stream.tell()
    present = path.stat().st_size - start
    check(str(path), shape, dtype, present)
    _check_end(path, start, math.prod(shape) * dtype.itemsize, present)

    def load() -> np.ndarray:
        flat = np.fromfile(path, dtype, math.prod(shape), offset=start)
        return flat.reshape(shape, order=order)

    channels, passed_over, notices = contents_of("", shape, dtype, load)
    return Contents(channels, (), passed_over, notices)


def header(stream: BinaryIO) -> tuple[tuple[int, ...], Literal["C", "F"], np.dtype]:
    """Return shape, order (``"C"`` or ``"F"``) and type of the array that starts here."""
    version = npy_format.read_magic(stream)
    read_header = {
        (1, 0): npy_format.read_array_header_1_0,
        (2, 0): npy_format.read_array_header_2_0,
        (3, 0): npy_format.read_array_header_2_0,  # differs in the names of fields only
    }[version]
    shape, fortran_order, dtype = read_header(stream)
    return shape, "F" if fortran_order else "C", dtype


def check(name: str, shape: tuple[int, ...], dtype: np.dtype, present: int) -> None:
    """Refuse an array of objects, or one that has fewer than its bytes in the `present` ones."""
    if dtype.hasobject:
        raise InputError(
            f"{name} holds Python objects (dtype {dtype}), which are not read for safety; "
            "save a 1-D array of numbers"
        )
    announced = math.prod(shape) * dtype.itemsize
    if announced > present:
        raise InputError(
            f"{name} is truncated: {announced} bytes of samples announced, {present} present; "
            "copy it again"
        )


def _check_end(path: Path, start: int, announced: int, present: int) -> None:
    """Refuse what lies behind the array: it would be left out silently."""
    behind = present - announced
    if not behind:
        return
    with path.open("rb") as stream:
        stream.seek(start + announced)
        another = stream.read(len(npy_format.MAGIC_PREFIX)) == npy_format.MAGIC_PREFIX
    if another:
        raise InputError(
            f"{path} holds more than one array; save them in an .npz, or in a file each"
        )
    raise InputError(
        f"{path} has {behind} bytes behind its array; save the array again, as a file of its own"
    )


def contents_of(
    name: str, shape: tuple[int, ...], dtype: np.dtype, load: Callable[[], np.ndarray]
) -> tuple[tuple[Channel, ...], tuple[str, ...], tuple[str, ...]]:
    """Return channels, names passed over and notices of an array called `name`."""
    if dtype.names is None:
        parts = {name: (shape, dtype, load)}
    else:
        parts = {
            f"{name}.{field}" if name else field: (
                shape + dtype[field].shape,
                dtype[field].base,
                partial(_field, load, field),
            )
            for field in dtype.names
        }
    channels: list[Channel] = []
    passed_over, notices = [], []
    for called, (size, of, loads) in parts.items():
        found, said = channels_of(called, size, loads) if of.kind in _NUMBERS else ((), None)
        channels += found
        notices += [said] if said else []
        if not found:
            kind = "" if of.kind in _NUMBERS else f"{of}, "
            passed_over.append(f"{called or 'the array'} ({kind}shape {size})")
    return tuple(channels), tuple(passed_over), tuple(notices)


def _field(load: Callable[[], np.ndarray], field: str) -> np.ndarray:
    return load()[field]
