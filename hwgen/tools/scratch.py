"""Folders that tools work in: empty, and with a path that any tool can take.

make splits paths at spaces and reads ``#``, ``:``, ``$`` and ``%`` as its own; a test bench has
room for a short name. So no tool works where the user's folder is, unless its path is plain.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hwgen import files
from hwgen.errors import FileAccessError, HwgenError

_PLAIN = re.compile(r"(/[A-Za-z0-9_.+-]+)+", re.ASCII)
_LONGEST = 200
"""Characters of a plain path; a tool's own names come behind it."""
_NAME = "work"


@contextlib.contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """Yield an empty scratch folder; the files in it are put into `folder` at the end.

    It is in `folder` itself where that has a plain path, else in a temporary folder. At the end,
    an error of a tool's included, the files (not the folders) in it take the place of those of
    their names in `folder`. After Ctrl-C nothing does. The error names the files where they then
    are. What earlier runs of `folder` left is removed: one run at a time is the caller's promise.

    Raises
    ------
    FileAccessError
        If `folder` cannot be written, or there is no temporary folder with a plain path.
    """
    with files.access(folder, "write"):
        folder.mkdir(parents=True, exist_ok=True)
        place = _made(Path(os.path.realpath(folder)))
    try:
        try:
            yield place
        except HwgenError as error:
            _put(place, folder)
            text = str(error).replace(str(place), str(folder))
            if text == str(error):
                raise
            raise type(error)(text) from error
        _put(place, folder)
    finally:
        files.remove(place)


def _made(folder: Path) -> Path:
    """Return a new scratch folder for `folder`, those left by earlier runs being removed."""
    if _plain(folder):
        files.sweep(folder, _NAME)
        prefix, suffix = files.temporary_names(_NAME)
        return Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=folder))
    base = _temporary_folder(folder)
    prefix, suffix = files.temporary_names(f"hwgen-{files.digest(os.fsencode(folder))[:16]}")
    for left in base.glob(f"{prefix}*{suffix}"):
        if left.stat(follow_symlinks=False).st_uid == os.getuid():
            files.remove(left)
    return Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=base))


def _plain(path: Path) -> bool:
    return bool(_PLAIN.fullmatch(str(path))) and len(str(path)) <= _LONGEST


def _temporary_folder(folder: Path) -> Path:
    """Return a folder for scratch folders: plain, writable, and programs may be started in it."""
    asked = tempfile.gettempdir()
    for name in dict.fromkeys([asked, "/tmp", "/var/tmp"]):
        base = Path(os.path.realpath(name))
        if not _plain(base) or not os.access(base, os.W_OK | os.X_OK):
            continue
        if not os.statvfs(base).f_flag & os.ST_NOEXEC:
            return base
    raise FileAccessError(
        f"cannot work in {folder}: tools cannot take its path, and {asked} will not do instead; "
        f"set TMPDIR to a folder with a path of letters, digits and _ . + - that allows programs"
    )


def _put(place: Path, folder: Path) -> None:
    """Move the files in `place` into `folder`."""
    with files.access(folder, "write"):
        for path in sorted(place.iterdir()):
            if path.is_file():
                files.move(path, folder / path.name)
