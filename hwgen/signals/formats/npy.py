"""NumPy's .npy: one numeric array; never a pickle."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
from numpy.lib import format as npy_format

from hwgen.errors import InputError
from hwgen.signals.formats._signal import Signal


def read(path: Path, data: bytes, channel: str) -> Signal:
    """Read the array; `channel` does not matter, since there is only one.

    The header's shape is compared with the file's size before anything of that size is
    allocated, and arrays of Python objects are refused unread.
    """
    del channel
    stream = io.BytesIO(data)
    version = npy_format.read_magic(stream)
    read_header = {
        (1, 0): npy_format.read_array_header_1_0,
        (2, 0): npy_format.read_array_header_2_0,
        (3, 0): npy_format.read_array_header_2_0,  # differs in the names of fields only
    }[version]
    shape, fortran_order, dtype = read_header(stream)
    if dtype.hasobject:
        raise InputError(
            f"{path} holds Python objects (dtype {dtype}), which are not read for safety; "
            "save a 1-D array of numbers"
        )
    count = math.prod(shape)
    present = len(data) - stream.tell()
    if count * dtype.itemsize > present:
        raise InputError(
            f"{path} is truncated: {count * dtype.itemsize} bytes of samples announced, "
            f"{present} present; copy it again"
        )
    flat = np.frombuffer(data, dtype=dtype, count=count, offset=stream.tell())
    return Signal(flat.reshape(shape, order="F" if fortran_order else "C"))
