"""Samples that need not fit into memory: the first ones stay there, the rest go to a file.

A `Stored` is read where it is looked at, slice by slice; what it was cut from stays in the file.
`Store` decides: arrays are kept as they are until its room is full.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from hwgen.files import access

ROOM = 1 << 24
"""Samples that a `Store` keeps in memory: 128 MiB of float64."""

CHUNK = 1 << 20
"""Samples that are looked at together: 8 MiB of float64."""


class _Scratch:
    """A file without a name: nothing is left of it, whatever happens to the program."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(dir=_folder(), buffering=0)  # noqa: SIM115 -- lives on
        self.size = 0

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):  # it was never made
            self._file.close()

    def append(self, data: memoryview) -> None:
        """Write `data` at the end."""
        view = data.cast("B")
        while view:
            view = view[self._file.write(view) :]
        self.size += data.nbytes

    def read(self, offset: int, size: int) -> bytearray:
        """Return `size` bytes from `offset`."""
        data = bytearray(size)
        done = 0
        while done < size:
            got = os.preadv(self._file.fileno(), [memoryview(data)[done:]], offset + done)
            if not got:
                raise OSError("the file of samples ends early")
            done += got
        return data


class Stored:
    """Samples ``(n,)`` in a file, read when they are asked for.

    A slice of it is another one, and nothing is read for it; ``np.asarray`` reads.

    Parameters
    ----------
    file
        Holds them. It lives as long as anything that was cut from it.
    offset
        Bytes before the first sample.
    size
        n >= 0.
    dtype
        Of a sample.
    """

    ndim = 1

    def __init__(self, file: _Scratch, offset: int, size: int, dtype: npt.DTypeLike) -> None:
        self._file, self._offset = file, offset
        self.size, self.dtype = size, np.dtype(dtype)

    @property
    def shape(self) -> tuple[int]:
        """(n,)."""
        return (self.size,)

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, key: slice) -> Stored: ...
    @overload
    def __getitem__(self, key: int) -> Any: ...
    def __getitem__(self, key: slice | int) -> Any:
        if not isinstance(key, slice):
            return self.read(*slice(key, key + 1 or None).indices(self.size)[:2])[0]
        start, stop, step = key.indices(self.size)
        if step != 1:
            raise ValueError(f"step must be 1, not {step}")
        offset = self._offset + start * self.dtype.itemsize
        return Stored(self._file, offset, max(0, stop - start), self.dtype)

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        if copy is False:
            raise ValueError("copy must not be False: samples in a file are read to be had")
        return self.read(0, self.size).astype(dtype or self.dtype, copy=False)

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Return the samples from `start` to `stop`, both within 0..n."""
        width = self.dtype.itemsize
        with access(_folder(), "read samples kept in"):
            data = self._file.read(self._offset + start * width, (stop - start) * width)
        return np.frombuffer(data, self.dtype)


Samples = npt.NDArray[np.float64] | Stored
"""Float64, in memory or in a file."""


class Store:
    """Keeps arrays: in memory while there is room, then in one file, which goes with its user.

    The file is in ``TMPDIR``, or else where large temporary files belong.

    Parameters
    ----------
    room
        Samples that may stay in memory.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._left = room
        self._file: _Scratch | None = None

    def keep(
        self, parts: Iterable[npt.NDArray[Any]], size: int, dtype: npt.DTypeLike = np.float64
    ) -> Any:
        """Return the samples of `parts`, one behind the other, as an array or as `Stored`.

        Parameters
        ----------
        parts
            Arrays ``(k,)``.
        size
            Samples in all of them.
        dtype
            What they become.

        Raises
        ------
        FileAccessError
            If the file cannot be written: says where it is, and how to have it elsewhere.
        """
        if size <= self._left:
            self._left -= size
            kept = np.empty(size, dtype)
            place = 0
            for part in parts:
                kept[place : place + part.size] = part
                place += part.size
            return kept
        where = f"samples to {_folder()} (TMPDIR says where else)"
        with access(where, "write"):
            self._file = self._file or _Scratch()
        offset = self._file.size
        for part in parts:
            data = np.ascontiguousarray(part, dtype).data
            with access(where, "write"):
                self._file.append(data)
        return Stored(self._file, offset, size, dtype)


def chunks(samples: Any, most: int = CHUNK) -> Iterator[npt.NDArray[Any]]:
    """Yield `samples` ``(n,)`` in arrays of at most `most`, whether in memory or in a file."""
    for start in range(0, len(samples), most):
        yield np.asarray(samples[start : start + most])


def _folder() -> Path:
    """Return where large temporary files belong: ``/tmp`` is in memory on many machines."""
    named = os.environ.get("TMPDIR")
    disk = Path("/var/tmp")
    if named or not (disk.is_dir() and os.access(disk, os.W_OK)):
        return Path(tempfile.gettempdir())
    return disk
