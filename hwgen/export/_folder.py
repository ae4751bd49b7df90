"""A package's folder: whole or absent, and never over something that is not an earlier package."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwgen import files
from hwgen.errors import HwgenError, UsageError

MANIFEST = "MANIFEST.json"
FORMAT, VERSION = "hwgen-export", 1


@contextlib.contextmanager
def package(folder: Path, about: dict[str, Any]) -> Iterator[Path]:
    """Yield an empty folder to write files into; it takes `folder`'s place at the end.

    A manifest with the SHA-256 of each file is added. An earlier package in `folder` is replaced;
    what others put beside its files (a simulator's output, a vendor's project) stays. On any
    failure, Ctrl-C included, `folder` is as it was.

    Parameters
    ----------
    folder
        New, empty, or an earlier package.
    about
        Further keys of the manifest.

    Raises
    ------
    UsageError
        If `folder` holds anything else.
    FileAccessError
        If it cannot be read or written.
    """
    # A link stays a link: what it points to is replaced.
    folder = Path(os.path.realpath(folder))
    others = _others(folder)
    with files.access(folder, "write"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".hwgen-", dir=folder.parent))
    try:
        new = workshop / "new"
        with files.access(folder, "write"):
            new.mkdir()
            yield new
            files.write_json(new / MANIFEST, _manifest(new, about))
            clash = sorted(name for name in others if os.path.lexists(new / name))
            if clash:
                raise UsageError(f"{folder / clash[0]} is not hwgen's and would be overwritten; "
                                 f"move it away")  # fmt: skip
            _swap(new, folder, workshop / "old", others)
    finally:
        # Nothing but hwgen's own files: where moving the others back failed, they are kept.
        if not any(os.path.lexists(workshop / "old" / name) for name in others):
            shutil.rmtree(workshop, ignore_errors=True)


def _others(folder: Path) -> list[str]:
    """Return what lies in an earlier package without being of it; refuse any other folder."""
    refusal = UsageError(
        f"output must be a new or empty folder or an earlier export, not {folder}; name another"
    )
    with files.access(folder, "read"):
        if not folder.exists():
            return []
        if not folder.is_dir():
            raise refusal
        names = sorted(path.name for path in folder.iterdir())
    if not names:
        return []
    try:
        manifest = files.read_json(folder / MANIFEST)
    except HwgenError as error:
        raise refusal from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise refusal
    ours = manifest.get("files")
    known = {MANIFEST, *ours} if isinstance(ours, dict) else {MANIFEST}
    return [name for name in names if name not in known]


def _manifest(folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    sums = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }
    return {"format": FORMAT, "version": VERSION} | about | {"files": sums}


def _swap(new: Path, folder: Path, old: Path, others: list[str]) -> None:
    """Put `new` in the place of `folder`, whose `others` move over; undo it on failure."""
    if not folder.exists():
        new.rename(folder)
        return
    folder.rename(old)
    moved: list[str] = []
    try:
        for name in others:
            (old / name).rename(new / name)
            moved.append(name)
        new.rename(folder)
    except BaseException:
        for name in moved:
            (new / name).rename(old / name)
        old.rename(folder)
        raise
