"""Where a training is, in a file: it can go on after an interruption."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from hwgen import files
from hwgen.errors import InputError
from hwgen.training.average import State
from hwgen.training.fit import Snapshot

_MAX_BYTES = 1 << 28
_DIGEST = 64  # hexadecimal digits


class Journal:
    """Finished runs of a training, and the one that is under way.

    The file is written after every epoch, whole or not at all. It counts only if it is of the
    same training and not damaged.

    Parameters
    ----------
    path
        Of the file; None keeps nothing.
    key
        Digest of all that decides the training.

    Attributes
    ----------
    notice
        What a user should know about the file that was found; "" if there was none.
    """

    def __init__(self, path: Path | None, key: str) -> None:
        self._path = path
        self._key = key
        self._done: dict[str, dict[str, Any]] = {}
        self._current: dict[str, Any] = {}
        self.notice = ""
        if path and path.is_file():
            self._read(path)

    def finished(self, run: str) -> tuple[float, State] | None:
        """Return F1 and weights of a run that is over; no weights if it diverged."""
        found = self._done.get(run)
        return (found["f1"], found["model"]) if found else None

    def snapshot(self, run: str) -> Snapshot | None:
        """Return where a run was interrupted; None if it was not."""
        return self._current["snapshot"] if self._current.get("run") == run else None

    def keep(self, run: str, snapshot: Snapshot) -> None:
        """Write where a run is."""
        self._current = {"run": run, "snapshot": snapshot}
        self._write()

    def finish(self, run: str, f1: float, model: State) -> None:
        """Write how a run ended."""
        self._done[run] = {"f1": f1, "model": model}
        self._current = {}
        self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        buffer = io.BytesIO()
        torch.save({"key": self._key, "done": self._done, "current": self._current}, buffer)
        data = buffer.getvalue()
        files.write_bytes(self._path, files.digest(data).encode() + data)

    def _read(self, path: Path) -> None:
        try:
            value = _loaded(path)
        except InputError as error:
            self.notice = f"{error}; starting anew"
            return
        if value["key"] != self._key:
            self.notice = f"{path} is of another training; starting anew"
            return
        self._done, self._current = value["done"], value["current"]
        where = f"{len(self._done)} runs over"
        if self._current:
            where = f"{self._current['run']}, epoch {self._current['snapshot']['epoch']}"
        self.notice = f"going on from {path} ({where})"


def _loaded(path: Path) -> dict[str, Any]:
    with files.access(path, "read"):
        size = path.stat().st_size
    data = files.read_bytes(path) if size <= _MAX_BYTES else b""
    content = data[_DIGEST:]
    # What is as it was written needs no further checks; anything else is not even unpickled.
    if data[:_DIGEST] != files.digest(content).encode():
        raise InputError(f"{path} is damaged or no state of a training")
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # a forger's digest is right; torch raises whatever it likes
        raise InputError(f"{path} is damaged or no state of a training") from error
