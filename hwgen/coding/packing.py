"""Integers of any width side by side in bytes, nothing between them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.fixedpoint import Integers

Bytes = npt.NDArray[np.uint8]

MAX_BITS = 32
"""Of one integer."""
_AT_ONCE = 1 << 16
"""Integers; a multiple of 8, so that each part but the last ends with a byte."""


def size(count: int, bits: int) -> int:
    """Return the bytes that `count` integers of `bits` take."""
    return -(-count * bits // 8)


def packed(values: Integers, bits: int, *, signed: bool = False) -> Bytes:
    """Return integers as bytes: the lowest bit of the first is the lowest of the first byte.

    Raises
    ------
    ValueError
        If one does not fit its bits.
    """
    flat = np.asarray(values, dtype=np.int64).reshape(-1)
    low, high = limits(bits, signed=signed)
    if flat.size and (flat.min() < low or flat.max() > high):
        raise ValueError(f"values must be {low} to {high}, not {flat.min()} to {flat.max()}")
    places = np.arange(bits)
    parts = [
        np.packbits(
            ((flat[start : start + _AT_ONCE, None] >> places) & 1).astype(np.uint8),
            bitorder="little",
        )
        for start in range(0, flat.size, _AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint8)


def unpacked(data: Bytes, count: int, bits: int, *, signed: bool = False) -> Integers:
    """Return the integers that `packed` wrote.

    Raises
    ------
    InputError
        If there are more or fewer bytes than they take, or a bit behind the last one is set.
    """
    if data.dtype != np.uint8 or data.shape != (size(count, bits),):
        raise InputError(
            f"{count} integers of {bits} bits must be {size(count, bits)} bytes, "
            f"not {data.size} of {data.dtype}"
        )
    found = np.empty(count, dtype=np.int64)
    weights = np.int64(1) << np.arange(bits, dtype=np.int64)
    for start in range(0, count, _AT_ONCE):
        some = min(_AT_ONCE, count - start)
        first = start * bits // 8
        part = np.unpackbits(data[first : first + size(some, bits)], bitorder="little")
        if part[some * bits :].any():
            raise InputError("bits behind the last integer must be 0")
        found[start : start + some] = part[: some * bits].reshape(some, bits) @ weights
    if signed:
        found -= (found >> (bits - 1)) << bits
    return found


def limits(bits: int, *, signed: bool) -> tuple[int, int]:
    """Return the lowest and highest integer of a width."""
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
