"""A file that may hold a network, and what the user says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hwgen.checkpoint import Content, read_file, read_object
from hwgen.errors import InputError
from hwgen.files import access
from hwgen.importers.bearingpga.geometry import Geometry
from hwgen.importers.front_end import FrontEnd


class Source:
    """A file, read once and only as far as somebody asks.

    Parameters
    ----------
    path
        Where it is.
    """

    def __init__(self, path: Path):
        self.path = path

    @cached_property
    def first(self) -> bytes:
        """Its first byte, none of what is empty or no file; `FileAccessError` as of `data`."""
        with access(self.path, "read"):
            if not self.path.is_file():
                return b""
            with self.path.open("rb") as stream:
                return stream.read(1)

    @cached_property
    def data(self) -> bytes:
        """Its bytes.

        Raises
        ------
        InputError
            If it is empty, too large, or no file.
        FileAccessError
            If it cannot be read.
        """
        return read_file(self.path)

    @property
    def content(self) -> Content | None:
        """What it holds as a file of tensors; None where it is none, and `problem` says why."""
        return self._read if isinstance(self._read, Content) else None

    @property
    def problem(self) -> InputError | None:
        """Why it cannot be read as a file of tensors; None where it can."""
        return self._read if isinstance(self._read, InputError) else None

    @cached_property
    def _read(self) -> Content | InputError:
        data = self.data
        try:
            return read_object(self.path, data)
        except InputError as error:
            return error


def stated_format(value: object) -> str | None:
    """Return the format that what a file holds is said to be of; None where nothing is said."""
    told = value.get("format") if isinstance(value, Mapping) else None
    return told if isinstance(told, str) else None


@dataclass(frozen=True)
class Asked:
    """What the user says of a network beside its file; parameters as of `hwgen.importers.load`."""

    geometry: Geometry | None = None
    weights_from: str | None = None
    outputs: tuple[int, ...] = ()
    quantizers: str | None = None
    front_end: FrontEnd | None = None


KEEP, DROP = "keep", "drop"
QUANTIZERS = (KEEP, DROP)
"""What is done with the quantisers that a network was trained with."""
