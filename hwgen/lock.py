"""One hwgen at a time where something is written.

The lock is the operating system's (`flock`): it ends with its process, however that ends, so that
a file that a killed run left locks nobody out. The file tells the next one who is at work.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shlex
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from hwgen import files
from hwgen.errors import FileAccessError, UsageError

FOLDER_LOCK = ".hwgen.lock"
"""In a build's folder while something is at work there."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}
_TRIES = 100
"""Times that the file, or its folder, may be removed by others just as it is opened."""
_LOOKS, _LOOK_S = 50, 0.02
_SHOWN = 120
"""Characters of another's command that are told."""
_held: dict[str, int] = {}
"""Locks of this process, and how many times each is held."""


@contextlib.contextmanager
def folder(path: Path, *, make: bool = False) -> Iterator[None]:
    """Hold the lock of a build's folder; what a killed run left unfinished in it is removed.

    Parameters
    ----------
    path
        The folder. Its lock is the same by whatever path it is reached. A process may hold it
        several times over.
    make
        Make the folder when it is missing, and remove it again if it stays empty. Else a folder
        that is missing is not locked: whoever reads from it tells that.

    Raises
    ------
    FileAccessError
        If another process holds it: says which. If the folder cannot be written, or its drive has
        no locks.
    UsageError
        If its name has a line break or the like.
    """
    _check_name(path)
    if not make and not path.is_dir():
        yield
        return
    with files.access(path, "write"):
        missing = [each for each in (path, *path.parents) if not each.exists()]
    try:
        with _holding(path, lambda: _folder_lock(path, make=make)) as first:
            if first:
                _sweep(path)
            yield
    finally:
        for each in missing:
            with contextlib.suppress(OSError):  # it is not empty
                each.rmdir()


@contextlib.contextmanager
def output(path: Path) -> Iterator[None]:
    """Hold the lock of a file, or of a folder that is replaced as a whole, that is to be written.

    Raises
    ------
    FileAccessError, UsageError
        As of `folder`.
    """
    _check_name(path)
    with _holding(path, lambda: _output_lock(path)) as first:
        if first:
            files.sweep(path.parent, path.name)
        yield


def _check_name(path: Path) -> None:
    """Raise `UsageError` if what is to be written could not be named in a line or a file."""
    bad = [char for char in str(path) if unicodedata.category(char) == "Cc"]
    if bad:
        raise UsageError(
            f"the path of what is written must not have control characters such as {bad[0]!r}, "
            f"not {str(path)!r}; name another (-o)"
        )


def _folder_lock(path: Path, *, make: bool) -> Path:
    if make:
        path.mkdir(parents=True, exist_ok=True)
    return Path(os.path.realpath(path)) / FOLDER_LOCK


def _output_lock(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    name = files.temporary_names(path.name)[0]
    return Path(os.path.realpath(path.parent)) / f"{name}lock"


def _sweep(path: Path) -> None:
    """Remove what is unfinished in a build's folder and its stages' folders."""
    files.sweep(path)
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(path)):
            if entry.is_dir(follow_symlinks=False):
                files.sweep(Path(entry.path))


@contextlib.contextmanager
def _holding(path: Path, place: Callable[[], Path]) -> Iterator[bool]:
    """Hold the lock file that `place` returns; yield whether it was not held before."""
    with files.access(path, "write"):
        handle, name = _acquired(path, place)
    _held[name] = _held.get(name, 0) + 1
    try:
        yield handle is not None
    finally:
        _held[name] -= 1
        if handle is not None:
            del _held[name]
            with contextlib.suppress(OSError):
                # Those that wait for nothing see that their file is gone, and take a new one.
                os.unlink(name)  # noqa: PTH108 -- as it was opened
            os.close(handle)


def _acquired(path: Path, place: Callable[[], Path]) -> tuple[int | None, str]:
    """Return the open lock file, or None if this process holds it, and its name."""
    failure: OSError = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    for _ in range(_TRIES):
        try:
            name = str(place())
            if _held.get(name):
                return None, name
            handle = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        except (FileNotFoundError, FileExistsError) as error:
            # The folder, or one above, was removed by whoever had made it; `mkdir` says that it
            # exists when it is gone before it is looked at.
            failure = error
            continue
        try:
            _lock(handle, path)
            if _same(handle, name):
                _tell(handle)
                return handle, name
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
    raise failure


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FileAccessError(
            f"cannot write {path}: another hwgen is at work there ({_holder(handle)}); "
            f"wait for its end, or write elsewhere (-o)"
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        raise FileAccessError(
            f"cannot write {path}: its drive has no file locks ({error.strerror}), without which "
            f"two runs could mix; write to a local drive (-o)"
        ) from error


def _same(handle: int, name: str) -> bool:
    """Return whether the file that is open is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(name))  # noqa: PTH116
    except FileNotFoundError:
        return False


def _tell(handle: int) -> None:
    """Write into the lock file who holds it."""
    command = shlex.join(["hwgen", *sys.argv[1:]])
    about = {
        "pid": os.getpid(),
        "host": os.uname().nodename,
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        "command": command,
    }
    with contextlib.suppress(OSError):  # a full disk is told by the first file that matters
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(about).encode(), 0)


def _holder(handle: int) -> str:
    """Return in words what a lock file tells; whoever took it just now has a moment to say."""
    for _ in range(_LOOKS):
        if os.fstat(handle).st_size:
            break
        time.sleep(_LOOK_S)
    try:
        about = json.loads(os.pread(handle, 1 << 16, 0))
        command = "".join(char if char.isprintable() else "?" for char in about["command"])
        command = command if len(command) <= _SHOWN else command[:_SHOWN] + "..."
        host = "" if about["host"] == os.uname().nodename else f" on {about['host']}"
        return f"process {about['pid']}{host} since {about['since']}: {command}"
    except (OSError, ValueError, TypeError, KeyError):
        return "process unknown"  # it has only just begun
