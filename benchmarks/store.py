"""What has been measured, each figure with a digest of all that decided it.

A part of the benchmarks is a set of items that are measured one by one; what an item gave is kept
in build/benchmarks/results, so that the page can be made again from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import machine
from place import FOLDER

from hwgen import files
from hwgen.errors import HwgenError

RESULTS = FOLDER / "results"

Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A set of items that belong together.

    Parameters
    ----------
    name
        For `--only` and the page.
    items
        By name, in the page's order: how each is measured.
    basis
        Of all that decides the figures: a result with another one is out of date.
    show
        Turns the rows that there are into lines of Markdown.
    """

    name: str
    items: dict[str, Callable[[], Row]]
    basis: str
    show: Callable[[dict[str, Row]], list[str]]


@dataclass(frozen=True)
class Result:
    """What is known of an item.

    Parameters
    ----------
    row
        Its figures.
    machine
        Where they were measured.
    current
        Whether nothing that decides them has changed since.
    """

    row: Row
    machine: Row
    current: bool


def basis_of(*parts: str, sources: Iterable[Path] = ()) -> str:
    """Return a digest of texts and files."""
    return files.digest(*parts, *(files.read_bytes(path) for path in sources))


def keep(part: Part, item: str, row: Row, folder: Path = RESULTS) -> None:
    """Keep what an item gave."""
    value = {"basis": part.basis, "machine": machine(), "row": row}
    path = folder / part.name / f"{item}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_json(path, value)


def results(part: Part, folder: Path = RESULTS) -> dict[str, Result]:
    """Return what is known of the items of a part; damaged files count as not measured."""
    found = {}
    for item in part.items:
        path = folder / part.name / f"{item}.json"
        try:
            value = files.read_json(path)
            found[item] = Result(value["row"], value["machine"], value["basis"] == part.basis)
        except (HwgenError, KeyError, TypeError):
            continue
    return found
