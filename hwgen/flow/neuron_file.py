"""Files that say what a neuron sums."""

from __future__ import annotations

from pathlib import Path

from hwgen import files
from hwgen.errors import InputError
from hwgen.network.neuron import Neuron

_MOST_BYTES = 1 << 20
"""Of a neuron's file; more is taken for another file."""


def read_neuron(path: Path) -> Neuron:
    """Return the neuron of a file.

    Raises
    ------
    FileAccessError
        If it cannot be read.
    InputError
        If it is not one of `hwgen neuron search`; the path is named.
    """
    with files.access(path, "read"):
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: a neuron's file must have at most {_MOST_BYTES:,} bytes")
    value = files.read_json(path)
    try:
        return Neuron.from_json(value)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
