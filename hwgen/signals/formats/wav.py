"""RIFF WAVE files of every width, RF64 too, by libsndfile; the sample rate is in the header."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.files import read_bytes
from hwgen.signals.formats._contents import Channel, Contents, StatedRate

ENDINGS = (".wav",)
_UNKNOWN = (0, 0xFFFFFFFF)
"""Sizes that a program writes which does not know yet how long a recording will be."""
_HEAD = 1024


def read(path: Path) -> Contents:
    """Return the channels, named 1, 2, ...; integers as shares of full scale, floats as is."""
    import soundfile

    sizes = _sizes(path)
    try:
        with _opened(path, sizes) as file:
            frames, subtype, rate, count = file.frames, file.subtype, file.samplerate, file.channels
            head = file.read(min(_HEAD, frames), always_2d=True)
    except soundfile.LibsndfileError as error:
        raise InputError(
            f"{path} is not a usable .wav file: {error.error_string.rstrip('.')}; "
            "save it as PCM or float"
        ) from error
    if frames < 2:
        raise InputError(f"{path} has no samples")
    exact = subtype.startswith(("PCM", "FLOAT", "DOUBLE"))
    channels = tuple(
        Channel(
            str(number), frames, partial(_Frames, path, sizes, number - 1, frames),
            shares=not subtype.startswith(("FLOAT", "DOUBLE")), number=number,
            head=head[:, number - 1],
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    lossy = () if exact else (f"samples are compressed with loss ({subtype})",)
    return Contents(channels, (StatedRate(float(rate), "the header"),), notices=lossy)


class _Frames:
    """The samples (n,) of one channel, read slice by slice."""

    ndim = 1
    dtype = np.dtype(np.float64)

    def __init__(self, path: Path, sizes: _Sizes | None, column: int, frames: int) -> None:
        self._path, self._sizes, self._column, self.size = path, sizes, column, frames

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: slice) -> np.ndarray:
        start, stop, _ = key.indices(self.size)
        with _opened(self._path, self._sizes) as file:
            file.seek(start)
            found: np.ndarray = file.read(stop - start, always_2d=True)[:, self._column]
        if len(found) != stop - start:
            raise InputError(
                f"{self._path} is truncated: {self.size} samples announced, "
                f"{start + len(found)} present; copy it again"
            )
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[0 : self.size].astype(dtype or self.dtype, copy=False)


@dataclass(frozen=True)
class _Sizes:
    """Where the sizes of the file and of its samples stand, and what they ought to be."""

    order: str
    place: int
    data: int


def _opened(path: Path, sizes: _Sizes | None) -> Any:
    """Return the file, open; with sizes put right where its recorder left them open."""
    import soundfile

    if sizes is None:
        return soundfile.SoundFile(str(path))
    data = bytearray(read_bytes(path))
    struct.pack_into(sizes.order + "I", data, 4, len(data) - 8)
    struct.pack_into(sizes.order + "I", data, sizes.place, sizes.data)
    return soundfile.SoundFile(io.BytesIO(data))


def _sizes(path: Path) -> _Sizes | None:
    """Return what has to be put right in a file whose recorder wrote as it went; None if nothing.

    A file that ends before it says is refused: a library would return what there is.
    """
    present = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(12)
        order = {b"RIFF": "<", b"RIFX": ">"}.get(head[:4])
        if order is None or head[8:] != b"WAVE":
            return None
        size = struct.unpack_from(order + "I", head, 4)[0]
        if size not in _UNKNOWN and present < 8 + size:
            raise _truncated(path, 8 + size, present)
        while len(tag := stream.read(8)) == 8:
            size = struct.unpack_from(order + "I", tag, 4)[0]
            begin = stream.tell()
            if tag[:4] != b"data":
                stream.seek(size + size % 2, 1)
            elif size in _UNKNOWN and begin < present:
                return _Sizes(order, begin - 4, present - begin)
            elif size not in _UNKNOWN and present < begin + size:
                raise _truncated(path, begin + size, present)
            else:
                break
    return None


def _truncated(path: Path, announced: int, present: int) -> InputError:
    return InputError(
        f"{path} is truncated: {announced} bytes announced, {present} present; copy it again"
    )
