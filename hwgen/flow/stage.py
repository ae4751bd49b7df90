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
        Files in `folder` that must be there for the stage to count as done.
    work
        Does it and returns a JSON object; its ``notices`` are lines that are said again when the
        stage is not run. Nothing is recorded when it fails.
    force
        Run it in any case.
    """
    key = files.digest(code_digest(), json.dumps(inputs, sort_keys=True, default=str))
    record = _record(folder)
    if not force and record.get("key") == key and all((folder / f).exists() for f in outputs):
        result: dict[str, Any] = record["result"]
        for notice in result.get("notices", []):
            say(notice)
        say(f"{name}: unchanged, not run again")
        return result
    with files.access(folder / _RECORD, "write"):
        (folder / _RECORD).unlink(missing_ok=True)
    begin = time.monotonic()
    result = work()
    result = result | {"seconds": round(time.monotonic() - begin, 2)}
    files.write_json(folder / _RECORD, {"stage": name, "key": key, "result": result})
    return result


def result_of(folder: Path) -> dict[str, Any] | None:
    """Return what a stage said when it was last run to its end; None if it never was."""
    return _record(folder).get("result")


def _record(folder: Path) -> dict[str, Any]:
    path = folder / _RECORD
    if not path.exists():
        return {}
    record = files.read_json(path)
    return record if isinstance(record, dict) else {}
