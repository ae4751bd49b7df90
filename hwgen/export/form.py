"""Formats: folders of templates with what they say of themselves."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hwgen import files, share
from hwgen.errors import InputError, UsageError

DESCRIPTION = "format.toml"
_SUFFIX = ".j2"
_README = "README.md"
_KEYS = {"title", "holds", "part", "clock_mhz", "only", "data", "pll"}


@dataclass(frozen=True)
class Format:
    """A format, as its ``format.toml`` tells.

    A template ``NAME.j2`` becomes a file ``NAME``, with the core's module in the place of
    ``MODULE``.

    Parameters
    ----------
    name, folder
        Of the format: the folder and its name.
    title
        What it is, for the list of formats.
    holds
        A format whose files are in it too; its ``README.md`` is called ``<holds>.md`` there.
    part
        Chip that a project is for unless told otherwise; None: nothing in it depends on one.
    clock_mhz
        Lowest and highest clock that the format takes; None: nothing in it depends on the clock.
    only
        For some templates the fact without which there is no such file: an option such as
        ``vhdl``, or of the core ``classes``, ``values``.
    pll
        Limits of the chip's PLL (`hwgen.export.pll`), of a format for a board.
    data
        Further facts for the templates.
    """

    name: str
    folder: Path
    title: str
    holds: str | None = None
    part: str | None = None
    clock_mhz: tuple[float, float] | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    pll: Mapping[str, Any] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def chain(self) -> list[Format]:
        """Return the formats in it, the innermost first."""
        return [*(read_format(self.holds).chain() if self.holds else []), self]

    def templates(self) -> dict[str, Path]:
        """Return its own templates by the names of the files that they become."""
        found = {
            path.name.removesuffix(_SUFFIX): path
            for path in sorted(self.folder.iterdir())
            if path.name.endswith(_SUFFIX)
        }
        return {name: path for name, path in found.items() if not name.startswith("_")}


def formats() -> list[str]:
    """Return the names of the formats, sorted."""
    folder = share.folder("rtl_templates")
    return sorted(path.parent.name for path in folder.glob(f"*/{DESCRIPTION}"))


def check_format(name: str) -> None:
    """Raise `UsageError` if there is no such format, with those whose names are near."""
    known = formats()
    if name in known:
        return
    near = difflib.get_close_matches(name.lower(), known, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"format must be one of {', '.join(known)}, not {name!r}{hint}")


@cache
def read_format(name: str) -> Format:
    """Return the format called `name`.

    Raises
    ------
    UsageError
        If there is none.
    InputError
        If its ``format.toml`` is damaged.
    """
    check_format(name)
    folder = share.folder("rtl_templates") / name
    path = folder / DESCRIPTION
    try:
        said = tomllib.loads(files.read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} must be TOML ({error})") from error
    if unknown := sorted(said.keys() - _KEYS):
        raise InputError(f"{path}: keys must be of {', '.join(sorted(_KEYS))}, not {unknown[0]}")
    if "clock_mhz" in said:
        said["clock_mhz"] = tuple(said["clock_mhz"])
    return Format(name, folder, **said)
