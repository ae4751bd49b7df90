"""A package's folder: whole or absent, and never over something that is not an earlier package."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwgen import files, lock
from hwgen.errors import HwgenError, UsageError

MANIFEST = "MANIFEST.json"
FORMAT, VERSION = "hwgen-export", 1
_NEW, _OLD = "new", "old"


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
    with lock.output(folder):
        workshop = _workshop(folder)
        _recover(workshop, folder)
        others = _others(folder)
        with files.access(folder, "write"):
            workshop.mkdir(parents=True)
        try:
            new = workshop / _NEW
            with files.access(folder, "write"):
                new.mkdir()
                yield new
                files.write_json(new / MANIFEST, _manifest(new, about))
                clash = sorted(name for name in others if os.path.lexists(new / name))
                if clash:
                    raise UsageError(f"{folder / clash[0]} is not hwgen's and would be "
                                     f"overwritten; move it away")  # fmt: skip
                _swap(new, folder, workshop / _OLD, others)
        finally:
            # Nothing but hwgen's own files: where moving the others back failed, they are kept.
            if not any(os.path.lexists(workshop / _OLD / name) for name in others):
                shutil.rmtree(workshop, ignore_errors=True)


def _workshop(folder: Path) -> Path:
    """Return where a package for `folder` is made, always the same, so that it is found again."""
    return folder.with_name(f"{files.temporary_names(folder.name)[0]}hwgen-export")


def _recover(workshop: Path, folder: Path) -> None:
    """Put right what a killed run left: the package before, with what others put beside it."""
    if not workshop.is_dir() or workshop.is_symlink():
        return
    new, old = workshop / _NEW, workshop / _OLD
    with files.access(folder, "write"):
        if old.is_dir():
            if not folder.exists():
                # It was broken off while others' files were moving over.
                ours = _ours(new)
                for path in list(new.iterdir()):
                    if path.name not in ours:
                        path.rename(old / path.name)
                old.rename(folder)
            elif any(path.name not in {MANIFEST, *_ours(old)} for path in old.iterdir()):
                raise UsageError(f"{old} holds files that are not hwgen's, of an export that "
                                 f"was broken off; move them away")  # fmt: skip
        shutil.rmtree(workshop)


def _ours(folder: Path) -> set[str]:
    """Return the names of a package's own files."""
    manifest = files.read_json(folder / MANIFEST)
    return {MANIFEST, *manifest["files"]}


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
