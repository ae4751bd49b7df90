"""A stage that is not run again while its inputs and tools are what they were."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hwgen
from hwgen import files
from hwgen.errors import HwgenError

Say = Callable[[str], None]
"""Takes one line for the user."""

_RECORD = "stage.json"


@functools.cache
def code_digest() -> str:
    """Return a digest of hwgen's own source: a changed program is a changed tool."""
    root = Path(hwgen.__file__).parent
    paths = sorted(root.rglob("*.py"))
    return files.digest(hwgen.__version__, *(files.read_bytes(path) for path in paths))


def run(
    name: str,
    folder: Path,
    inputs: Any,
    outputs: Sequence[str],
    work: Callable[[], dict[str, Any]],
    *,
    say: Say,
    force: bool = False,
    edited: bool = False,
    told: Callable[[dict[str, Any]], Sequence[str]] = lambda _: (),
) -> dict[str, Any]:
    """Return what the stage has to say, running it only if it must.

    Parameters
    ----------
    name
        For messages.
    folder
        Of the stage; its record is kept there.
    inputs
        JSON value of all that decides the outcome, tool versions too.
    outputs
        Files in `folder` that the stage may write. What it wrote must be there, as it was
        written, for the stage to count as done.
    work
        Does it and returns a JSON object; its ``notices`` are lines that are said again when the
        stage is not run, as is what `told` makes of it. Nothing is recorded when it fails.
    force
        Run it in any case.
    edited
        Take the files as they are now, changed by hand or not.
    told
        Returns further lines to be said again when the stage is not run.
    """
    key = files.digest(code_digest(), json.dumps(inputs, sort_keys=True, default=str))
    record = _record(folder)
    if not force and record and record["key"] == key and _stands(record, folder, edited=edited):
        result: dict[str, Any] = record["result"]
        for line in [*told(result), *result.get("notices", [])]:
            say(line)
        say(f"{name}: unchanged, not run again")
        return result
    begin = time.monotonic()
    result = work()
    result = result | {"seconds": round(time.monotonic() - begin, 2)}
    record = {"stage": name, "key": key, "result": result, "outputs": _digests(folder, outputs)}
    files.write_json(folder / _RECORD, record | {"check": _check(record)})
    return result


def result_of(folder: Path, *, edited: bool = False) -> dict[str, Any] | None:
    """Return what a stage said when it was last run to its end.

    Parameters
    ----------
    edited
        As of `run`.

    Returns
    -------
    None if it never was, or if a file that it wrote is gone or another: whoever wrote that has
    not come to its end, and what was said of the file before does not hold for it.
    """
    record = _record(folder)
    return record["result"] if record and _stands(record, folder, edited=edited) else None


def changed(folder: Path) -> Path | None:
    """Return a file that the stage wrote and that is not as it was written; None if all are."""
    record = _record(folder)
    wrote: dict[str, str] = record["outputs"] if record else {}
    there = _digests(folder, list(wrote))
    return next((folder / name for name in wrote if there.get(name) != wrote[name]), None)


def forget(folder: Path) -> None:
    """Let a stage count as not done.

    For a stage whose files may be changed by hand: one that is about to be written anew must not
    be taken for such a change if the run is broken off.
    """
    with files.access(folder / _RECORD, "write"):
        (folder / _RECORD).unlink(missing_ok=True)


def _record(folder: Path) -> dict[str, Any]:
    """Return the stage's record; empty when there is none, or not the one that was written."""
    try:
        record = files.read_json(folder / _RECORD)
    except HwgenError:
        return {}
    if not isinstance(record, dict):
        return {}
    check = record.pop("check", None)
    return record if check == _check(record) else {}


def _check(record: dict[str, Any]) -> str:
    return files.digest(json.dumps(record, sort_keys=True))


def _digests(folder: Path, outputs: Sequence[str]) -> dict[str, str]:
    """Return the digests of those outputs that are there."""
    there = [name for name in outputs if (folder / name).is_file()]
    return {name: files.digest(files.read_bytes(folder / name)) for name in there}


def _stands(record: dict[str, Any], folder: Path, *, edited: bool) -> bool:
    """Return whether what the stage wrote is still there."""
    wrote: dict[str, str] = record["outputs"]
    if edited:
        return all((folder / name).is_file() for name in wrote)
    return _digests(folder, list(wrote)) == wrote
