"""NumPy's .npy: one numeric array; never a pickle."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.lib import format as npy_format

from hwgen.errors import InputError
from hwgen.signals.formats._arrays import channels_of
from hwgen.signals.formats._contents import Channel, Contents

ENDINGS = (".npy",)


def read(path: Path) -> Contents:
    """Return the array's columns, named by number; a vector is called like the file.

    The header's shape is compared with the file's size before anything of that size is
    allocated, and arrays of Python objects are refused unread. Records with named fields give a
    channel a field.
    """
    with path.open("rb") as stream:
        version = npy_format.read_magic(stream)
        read_header = {
            (1, 0): npy_format.read_array_header_1_0,
            (2, 0): npy_format.read_array_header_2_0,
            (3, 0): npy_format.read_array_header_2_0,  # differs in the names of fields only
        }[version]
        shape, fortran_order, dtype = read_header(stream)
        offset = stream.tell()
    _check(path, shape, dtype, path.stat().st_size - offset)
    if math.prod(shape) == 0:
        return Contents((), passed_over=(f"an array of shape {shape}",))

    def load() -> np.ndarray:
        flat = np.fromfile(path, dtype, math.prod(shape), offset=offset)
        return flat.reshape(shape, order="F" if fortran_order else "C")

    if dtype.names:
        return _of_fields(shape, dtype, load)
    return Contents(channels_of("", shape, load), passed_over=_over(shape))


def _of_fields(shape: tuple[int, ...], dtype: np.dtype, load: Callable[[], np.ndarray]) -> Contents:
    """Return the fields of an array of records as channels."""
    channels: list[Channel] = []
    passed_over = []
    for name in dtype.names or ():
        if dtype[name].kind in "iuf":
            channels += channels_of(name, shape, partial(_field, load, name))
        else:
            passed_over.append(name)
    return Contents(tuple(channels), passed_over=tuple(passed_over))


def _field(load: Callable[[], np.ndarray], name: str) -> np.ndarray:
    return np.asarray(load()[name])


def _over(shape: tuple[int, ...]) -> tuple[str, ...]:
    return () if channels_of("", shape, list) else (f"an array of shape {shape}",)


def _check(path: Path, shape: tuple[int, ...], dtype: np.dtype, present: int) -> None:
    if dtype.hasobject:
        raise InputError(
            f"{path} holds Python objects (dtype {dtype}), which are not read for safety; "
            "save a 1-D array of numbers"
        )
    if not dtype.names and dtype.kind not in "iuf":
        raise InputError(f"{path} must hold real numbers, not {dtype}")
    announced = math.prod(shape) * dtype.itemsize
    if announced > present:
        raise InputError(
            f"{path} is truncated: {announced} bytes of samples announced, "
            f"{present} present; copy it again"
        )
