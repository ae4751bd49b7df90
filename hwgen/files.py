"""Files that are whole or absent: write beside, then rename.

What is being written has a name of its own form (``.NAME.XXXXXXXX.hwgen``), so that what a killed
run left is known for what it is, and removed by the next one (`sweep`).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from hwgen.errors import FileAccessError, InputError

ENDING = ".hwgen"
"""Of what is not whole yet."""
_UNFINISHED = re.compile(r"(\..+\.)[a-z0-9_]{8}\.hwgen", re.DOTALL)
_LONGEST = 200
"""Bytes of a name that are repeated in the name of what is beside it, which has at most 255."""
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EACCES, errno.EROFS}
"""What drives say that cannot be told to write at once; anything else is a failed write."""


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


def temporary_names(name: str) -> tuple[str, str]:
    """Return what a file's unfinished version begins and ends with; random characters between."""
    while len(os.fsencode(name)) > _LONGEST:
        name = name[:-1]
    return f".{name}.", ENDING


@contextlib.contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes `path`'s place when the block succeeds.

    On any failure, Ctrl-C included, the temporary file is removed and `path` is as it was. The
    content is on the drive before it takes the name: a full disk or a lost drive is told here.
    """
    path = Path(path)
    with access(path, "write"):
        _check_replaceable(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        prefix, suffix = temporary_names(path.name)
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=path.parent)
        os.close(handle)
    temporary = Path(name)
    try:
        with access(path, "write"):
            # mkstemp makes private files; the result gets the permissions an ordinary open gives.
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)
            yield temporary
            _flush(temporary)
            temporary.replace(path)
            _flush(path.parent)
    finally:
        with contextlib.suppress(OSError):  # of a drive that is lost, the first error is told
            temporary.unlink(missing_ok=True)


def _check_replaceable(path: Path) -> None:
    """Raise `OSError` unless a file may take the place of what is there: a device must stay one."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is a device or a pipe, no file; name a file")


def _flush(path: Path) -> None:
    """Have a file's content, or a folder's names, written to the drive now."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(handle)


def move(source: Path, target: Path) -> None:
    """Put a file in another's place, whole or not at all, from another drive too."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with replacing(target) as temporary:
            shutil.copyfile(source, temporary)
            shutil.copymode(source, temporary)
        source.unlink()


def sweep(folder: Path, of: str | None = None) -> None:
    """Remove what a killed run left unfinished in `folder`, which nobody else may be writing to.

    Parameters
    ----------
    of
        The name of a file; only what was to become it is removed.
    """
    wanted = None if of is None else temporary_names(of)[0]
    with contextlib.suppress(OSError):  # whoever writes there next tells what is wrong
        for entry in list(os.scandir(folder)):
            found = _UNFINISHED.fullmatch(entry.name)
            if found and wanted in {None, found[1]}:
                remove(Path(entry.path))


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, as far as that can be done."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def check_writable(path: Path | str, read: Collection[Path] = ()) -> None:
    """Raise `FileAccessError` now if `path` could not be written later; leaves no file behind.

    `read` are the files that the same run reads: what is written must not take their place.
    """
    path = Path(path)
    prefix, suffix = temporary_names(path.name)
    with access(path, "write"):
        _check_replaceable(path)
        if path.resolve() in {each.resolve() for each in read}:
            raise OSError(errno.EINVAL, "it is what is read; name another file")
        path.parent.mkdir(parents=True, exist_ok=True)
        if len(os.fsencode(path.name)) > os.pathconf(path.parent, "PC_NAME_MAX"):
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        with tempfile.NamedTemporaryFile(prefix=prefix, suffix=suffix, dir=path.parent):
            pass


def write_text(path: Path | str, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all.

    What has no UTF-8, part of a file's name that is none, is written as an escape.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


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
