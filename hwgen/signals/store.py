"""Samples that need not fit into memory: the first ones stay there, the rest go to a file.

A `Stored` is read where it is looked at, slice by slice; what it was cut from stays in the file.
`Store` decides: arrays are kept as they are until its room is full.
"""

from __future__ import annotations

import contextlib
import math
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
    """Samples ``(n,)`` or ``(n, channels)`` in a file, read when they are asked for.

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
    row
        Shape of what was measured at one time: ``()`` or ``(channels,)``.
    column
        The only channel that is there to be seen, of several; None: all.
    """

    def __init__(
        self,
        file: _Scratch,
        offset: int,
        size: int,
        dtype: npt.DTypeLike,
        row: tuple[int, ...] = (),
        column: int | None = None,
    ) -> None:
        self._file, self._offset, self._size = file, offset, size
        self._row, self._column = row, column
        self.dtype = np.dtype(dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """``(n,)`` or ``(n, channels)``."""
        return (self._size, *(self._row if self._column is None else ()))

    @property
    def ndim(self) -> int:
        """1 of one channel, 2 of several."""
        return len(self.shape)

    def __len__(self) -> int:
        return self._size

    def column(self, number: int) -> Stored:
        """Return one channel of several, ``(n,)``."""
        return Stored(self._file, self._offset, self._size, self.dtype, self._row, number)

    @overload
    def __getitem__(self, key: slice) -> Stored: ...
    @overload
    def __getitem__(self, key: int) -> Any: ...
    def __getitem__(self, key: slice | int) -> Any:
        if not isinstance(key, slice):
            return self.read(*slice(key, key + 1 or None).indices(len(self))[:2])[0]
        start, stop, step = key.indices(len(self))
        if step != 1:
            raise ValueError(f"step must be 1, not {step}")
        offset = self._offset + start * self._width
        size = max(0, stop - start)
        return Stored(self._file, offset, size, self.dtype, self._row, self._column)

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        if copy is False:
            raise ValueError("copy must not be False: samples in a file are read to be had")
        return self.read(0, len(self)).astype(dtype or self.dtype, copy=False)

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Return the samples from `start` to `stop`, both within 0..n."""
        width = self._width
        with access(_folder(), "read samples kept in"):
            data = self._file.read(self._offset + start * width, (stop - start) * width)
        values = np.frombuffer(data, self.dtype).reshape(-1, *self._row)
        return values if self._column is None else values[:, self._column]

    @property
    def _width(self) -> int:
        """Bytes of what was measured at one time."""
        return self.dtype.itemsize * math.prod(self._row)


Samples = npt.NDArray[np.float64] | Stored
"""Float64, in memory or in a file: ``(n,)`` of one channel, ``(n, channels)`` of several."""


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
        self,
        parts: Iterable[npt.NDArray[Any]],
        size: int,
        dtype: npt.DTypeLike = np.float64,
        row: tuple[int, ...] = (),
    ) -> Any:
        """Return the samples of `parts`, one behind the other, as an array or as `Stored`.

        Parameters
        ----------
        parts
            Arrays ``(k, *row)``.
        size
            Length of all of them.
        dtype
            What they become.
        row
            ``()`` for one channel, ``(channels,)`` for several.

        Raises
        ------
        FileAccessError
            If the file cannot be written: says where it is, and how to have it elsewhere.
        """
        if size * math.prod(row) <= self._left:
            self._left -= size * math.prod(row)
            kept = np.empty((size, *row), dtype)
            place = 0
            for part in parts:
                kept[place : place + len(part)] = part
                place += len(part)
            return kept
        where = f"samples to {_folder()} (TMPDIR says where else)"
        with access(where, "write"):
            self._file = self._file or _Scratch()
        offset = self._file.size
        for part in parts:
            data = np.ascontiguousarray(part, dtype).data
            with access(where, "write"):
                self._file.append(data)
        return Stored(self._file, offset, size, dtype, row)


def chunks(samples: Any, most: int = CHUNK) -> Iterator[npt.NDArray[Any]]:
    """Yield `samples` in arrays of at most `most` times, whether in memory or in a file."""
    for start in range(0, len(samples), most):
        yield np.asarray(samples[start : start + most])


def columns(samples: Samples) -> Iterator[Samples]:
    """Yield each channel ``(n,)``; nothing of a file is read for it."""
    if samples.ndim == 1:
        yield samples
        return
    for number in range(samples.shape[1]):
        yield samples.column(number) if isinstance(samples, Stored) else samples[:, number]


def _folder() -> Path:
    """Return where large temporary files belong: ``/tmp`` is in memory on many machines."""
    named = os.environ.get("TMPDIR")
    disk = Path("/var/tmp")
    if named or not (disk.is_dir() and os.access(disk, os.W_OK)):
        return Path(tempfile.gettempdir())
    return disk
