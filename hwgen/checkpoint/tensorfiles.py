"""Tensors in files that hold no pickle: safetensors, and .npz archives of arrays."""

from __future__ import annotations

import io
import math
import zipfile
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import MAX_ELEMENTS


def read_safetensors(data: bytes, where: str) -> dict[str, Any]:
    """Return the tensors of a safetensors file by name; `InputError` if it is damaged."""
    import safetensors.torch

    try:
        return safetensors.torch.load(data)
    # The library raises its own errors, and KeyError for a type of numbers that torch lacks.
    except Exception as error:
        raise InputError(
            f"{where} is no checkpoint: safetensors, but damaged or cut short; save it again"
        ) from error


def read_npz(data: bytes, where: str) -> dict[str, Any]:
    """Return the arrays of an .npz file as tensors by name.

    Raises
    ------
    InputError
        If it is damaged, or an array is none of numbers.
    """
    import torch

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {
                member.removesuffix(".npy"): torch.from_numpy(_array(archive.read(member)))
                for member in archive.namelist()
            }
    # A damaged archive fails in whatever layer meets the damage.
    except Exception as error:
        raise InputError(
            f"{where} is no checkpoint: an .npz archive, but damaged or with objects in it; "
            "save it again with numpy.savez(FILE, **arrays)"
        ) from error


def _array(data: bytes) -> np.ndarray:
    """Return one array of numbers; ValueError if it is none, or says more than it holds."""
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    shape, _, kind = read[version](stream)
    if kind.kind not in "fiub" or math.prod(shape) > MAX_ELEMENTS:
        raise ValueError(f"array must be of numbers, not of {kind} {shape}")
    # The header alone decides what NumPy would allocate.
    if math.prod(shape) * kind.itemsize != len(data) - stream.tell():
        raise ValueError("array must hold what its header says")
    array = np.load(io.BytesIO(data), allow_pickle=False)
    return np.array(array, dtype=kind.newbyteorder("="), order="C")
