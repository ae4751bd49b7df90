"""Files that are whole or absent: write beside, then rename."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwgen.errors import FileAccessError, InputError


@contextlib.contextmanager
def access(path: Path | str, doing: str) -> Iterator[None]:
    """Turn an `OSError` on `path` into a `FileAccessError` that says what was being done.

    Parameters
    ----------
    path
        What is read or written; named in the message.
    doing
        ``"read"`` or ``"write"``.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileAccessError(f"cannot {doing} {path}: {reason}") from error


@contextlib.contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes `path`'s place when the block succeeds.

    On any failure, Ctrl-C included, the temporary file is removed and `path` is as it was.
    """
    path = Path(path)
    with access(path, "write"):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        # mkstemp makes private files; the result gets the permissions an ordinary open gives.
        umask = os.umask(0)
        os.umask(umask)
        temporary = Path(name)
        temporary.chmod(0o666 & ~umask)
    try:
        with access(path, "write"):
            yield temporary
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(path: Path | str) -> None:
    """Raise `FileAccessError` now if `path` could not be written later; leaves no file behind."""
    path = Path(path)
    with access(path, "write"):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.NamedTemporaryFile(prefix=f".{path.name}.", dir=path.parent):
            pass


def write_text(path: Path | str, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write `data`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_json(path: Path | str, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all. NaN and infinity are refused."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def read_bytes(path: Path | str) -> bytes:
    """Return the content of `path`; `FileAccessError` if it cannot be read."""
    with access(path, "read"):
        return Path(path).read_bytes()


def read_text(path: Path | str) -> str:
    """Return the UTF-8 content of `path`; `InputError` if it is not text."""
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: {error.reason}") from error


def read_json(path: Path | str) -> Any:
    """Return the JSON value in `path`; `InputError` if it is not JSON."""
    try:
        return json.loads(read_text(path))
    except ValueError as error:  # JSONDecodeError, or a number of absurd length
        raise InputError(f"{path} is not JSON: {error}") from error
    except RecursionError as error:
        raise InputError(f"{path} is not usable JSON: nested too deeply") from error


def digest(*parts: bytes | str) -> str:
    """Return a SHA-256 over `parts`, each length-prefixed: borders matter (64 hex digits)."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little"))
        total.update(data)
    return total.hexdigest()
