"""WAV of every width, by libsndfile; the sample rate is in the header."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.formats._contents import Channel, Contents, StatedRate

ENDINGS = (".wav", ".wave")

_OPEN = (0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000)
"""Sizes of data that a program leaves which writes into a pipe (sox: half the range)."""
_STREAMED_FROM = 0x7FFFF000
_MOST_CHUNKS = 4096
_BLOCK = 1 << 16
_PLAIN, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_OF_FRAMES = (_PLAIN, _FLOAT, 6, 7)
"""Whose samples lie one behind the other, unlike those of ADPCM."""
_LOSSY = {2: "Microsoft ADPCM", 6: "A-law", 7: "µ-law", 17: "IMA ADPCM", 49: "GSM"}


@dataclass(frozen=True)
class _Head:
    """What the chunks before the samples say.

    `form` is the place of the description, `start` and `size` are those of the samples; a frame
    has `frame` bytes, a sample `bits`; `streamed`: the header leaves the size open.
    """

    order: str
    codec: int
    channels: int
    rate: int
    form: int
    start: int
    size: int
    frame: int
    bits: int
    streamed: bool


def read(path: Path) -> Contents:
    """Return the channels, called by their numbers.

    Integers become shares of full scale, -1..1; floats stay as they are. A file whose header
    leaves the size open, because it was written into a pipe, is read to its end.
    """
    head = _head(path)
    rates = (StatedRate(float(head.rate), "the header"),)
    with _opened(path, head) as file:
        frames = len(file)
        if file.channels != head.channels:
            raise ValueError(f"{head.channels} channels announced, {file.channels} found")
    _check_frames(path, head, frames)
    shares = head.codec != _FLOAT
    channels = tuple(
        Channel(
            str(number),
            frames,
            partial(_samples, path, head, number - 1),
            shares=shares,
            number=number,
        )
        for number in range(1, head.channels + 1)
    )
    notices = []
    if head.codec in _LOSSY:
        notices.append(f"the samples are coded with loss ({_LOSSY[head.codec]})")
    if head.streamed:
        notices.append("the header leaves the size open; the file is read to its end")
    if frames < 2:
        return Contents((), rates, tuple(channel.name for channel in channels), tuple(notices))
    return Contents(channels, rates, notices=tuple(notices))


def _check_frames(path: Path, head: _Head, frames: int) -> None:
    """Refuse samples that the library cuts otherwise than the header says."""
    if head.codec in _OF_FRAMES and frames != head.size // head.frame:
        raise InputError(
            f"{path}: {head.bits} bits in frames of {head.frame} bytes for {head.channels} "
            f"{'channel' if head.channels == 1 else 'channels'} are not read; the samples must "
            "fill their frames: convert them to 24 bits in 3 bytes, or to 32 bits"
        )


def _check_float(path: Path, codec: int, bits: int) -> None:
    if codec == _FLOAT and bits not in {32, 64}:
        raise InputError(
            f"{path}: floating-point samples must have 32 or 64 bits, not {bits}; convert them "
            "to 32"
        )


def _head(path: Path) -> _Head:
    """Return what the header says; refuse a file that ends before its samples do."""
    total = path.stat().st_size
    with path.open("rb") as file:
        tag, _, form = struct.unpack("<4sI4s", file.read(12).ljust(12))
        order = {b"RIFF": "<", b"RF64": "<", b"BW64": "<", b"RIFX": ">"}.get(tag)
        if order is None or form != b"WAVE":
            raise ValueError("it does not start as RIFF or RF64")
        wide: int | None = None
        form_data, form = b"", 0
        for name, size, start in _chunks(file, order, total):
            if name == b"ds64":
                wide = struct.unpack_from("<Q", file.read(24), 8)[0]
            elif name == b"fmt ":
                form_data, form = file.read(min(size, 64)).ljust(28, b"\0"), start
            elif name == b"data":
                if not form_data:
                    raise ValueError("its samples come before their description")
                long = wide if wide is not None and size == 0xFFFFFFFF else size
                return _described(path, order, (form, form_data), start, long, total)
    raise InputError(f"{path} is truncated: it ends before its samples; copy it again")


def _chunks(file: Any, order: str, total: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, size and place of each chunk; the file stands there."""
    position = 12
    for _ in range(_MOST_CHUNKS):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            return
        name, size = struct.unpack(order + "4sI", head)
        yield name, size, position + 8
        position += 8 + size + size % 2
        if position > total:
            return


def _described(
    path: Path, order: str, form: tuple[int, bytes], start: int, size: int, total: int
) -> _Head:
    """Return the header's facts, once the file has all the samples that it announces."""
    place, text = form
    codec, channels, rate, _, frame, bits = struct.unpack_from(order + "HHIIHH", text)
    if codec == _EXTENSIBLE:
        codec = struct.unpack_from(order + "H", text, 24)[0]
    if not 0 < channels <= 256 or frame == 0:
        raise ValueError(f"{channels} channels of {frame} bytes a frame")
    _check_float(path, codec, bits)
    present = total - start
    # A pipe's size is a mark, and the last chunk: so nothing else can follow the samples.
    streamed = (size in _OPEN or _STREAMED_FROM <= size <= 0xFFFFFFFF) and size != present
    if streamed and present >= frame:
        size = present - present % frame
        return _Head(order, codec, channels, rate, place, start, size, frame, bits, streamed=True)
    if size > present:
        raise InputError(
            f"{path} is truncated: {start + size} bytes announced, {total} present; copy it again"
        )
    return _Head(order, codec, channels, rate, place, start, size, frame, bits, streamed=False)


@contextmanager
def _opened(path: Path, head: _Head) -> Iterator[Any]:
    """Open a file by libsndfile, its header put right where sizes are open, or the rate is 0."""
    import soundfile

    if not head.streamed and head.rate:
        with soundfile.SoundFile(path) as file:
            yield file
        return
    data = bytearray(path.read_bytes()[: head.start + head.size])
    if not head.rate:
        struct.pack_into(head.order + "I", data, head.form + 4, 1)
    struct.pack_into(head.order + "I", data, 4, min(len(data) - 8, 0xFFFFFFFF))
    struct.pack_into(head.order + "I", data, head.start - 4, min(head.size, 0xFFFFFFFF))
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        yield file


def _samples(path: Path, head: _Head, column: int) -> np.ndarray:
    """Return (n,) float64 of one channel, read in blocks."""
    with _opened(path, head) as file:
        found = np.empty(len(file))
        at = 0
        for block in file.blocks(_BLOCK, dtype="float64", always_2d=True):
            found[at : at + len(block)] = block[:, column]
            at += len(block)
    if at != len(found):
        raise InputError(
            f"{path} is truncated: {len(found)} samples announced, {at} present; copy it again"
        )
    return found
