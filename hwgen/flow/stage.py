"""A stage that is not run again while its inputs and tools are what they were."""

from __future__ import annotations

import functools
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import hwgen
from hwgen import files
from hwgen.errors import HwgenError

Say = Callable[[str], None]
"""Takes one line for the user."""

_RECORD = "stage.json"
_FIELDS = {"stage", "key", "result", "outputs"}
_SECONDS = "seconds"


class StageResult(ABC):
    """What a stage has to say: a record that outlives the run, as JSON in the stage's folder."""

    @property
    def again(self) -> Sequence[str]:
        """Lines for the user that are said again when the stage is not run."""
        return ()

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""

    @classmethod
    @abstractmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote; any of KeyError, TypeError and ValueError if it did not."""


class DesignResult(StageResult):
    """What a stage has to say of one design.

    `basis` says of which one: it is kept, and compared with that of the design that is asked for
    now. So it is as JSON gives it back.
    """

    basis: Mapping[str, Any]


Result = TypeVar("Result", bound=StageResult)


@dataclass(frozen=True)
class Done(Generic[Result]):
    """A stage that came to its end.

    Parameters
    ----------
    said
        What it has to say.
    seconds
        How long it took.
    """

    said: Result
    seconds: float


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
    work: Callable[[], Result],
    *,
    kind: type[Result],
    say: Say,
    force: bool = False,
    edited: bool = False,
) -> Done[Result]:
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
        Does it. Nothing is recorded when it fails.
    kind
        Of what `work` returns.
    force
        Run it in any case.
    edited
        Take the files as they are now, changed by hand or not.
    """
    key = _key(inputs)
    record = _record(folder)
    if not force and record and record["key"] == key and _stands(record, folder, edited=edited):
        done = _done(record, kind)
        if done is not None:
            for line in done.said.again:
                say(line)
            say(f"{name}: unchanged, not run again")
            return done
    begin = time.monotonic()
    said = work()
    seconds = round(time.monotonic() - begin, 2)
    result = said.to_json() | {_SECONDS: seconds}
    record = {"stage": name, "key": key, "result": result, "outputs": _digests(folder, outputs)}
    files.write_json(folder / _RECORD, record | {"check": _check(record)})
    return Done(said, seconds)


def is_done(folder: Path, inputs: Any) -> bool:
    """Return whether a stage with these inputs need not be run: `run` would not."""
    record = _record(folder)
    return bool(record) and record["key"] == _key(inputs) and _stands(record, folder, edited=False)


def result_of(folder: Path, kind: type[Result], *, edited: bool = False) -> Done[Result] | None:
    """Return what a stage said when it was last run to its end.

    Parameters
    ----------
    kind
        Of what it says.
    edited
        As of `run`.

    Returns
    -------
    None if it never was, or if a file that it wrote is gone or another: whoever wrote that has
    not come to its end, and what was said of the file before does not hold for it. None too if
    it said something else than this hwgen's stage does.
    """
    record = _record(folder)
    return _done(record, kind) if record and _stands(record, folder, edited=edited) else None


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


def _key(inputs: Any) -> str:
    return files.digest(code_digest(), json.dumps(inputs, sort_keys=True, default=str))


def _done(record: dict[str, Any], kind: type[Result]) -> Done[Result] | None:
    """Return what a record says; None if that is not what a stage of this kind says."""
    try:
        fields = dict(record["result"])
        seconds = float(fields.pop(_SECONDS))
        return Done(kind.from_json(fields), seconds)
    except (KeyError, TypeError, ValueError, AttributeError, HwgenError):
        return None


def _record(folder: Path) -> dict[str, Any]:
    """Return the stage's record; empty when there is none, or not the one that was written."""
    try:
        record = files.read_json(folder / _RECORD)
    except HwgenError:
        return {}
    if not isinstance(record, dict):
        return {}
    check = record.pop("check", None)
    return record if set(record) == _FIELDS and check == _check(record) else {}


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
