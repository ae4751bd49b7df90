"""A text file as lines: its encoding and how many lines it has, without holding it in memory."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from hwgen.errors import InputError

_BLOCK = 1 << 20
"""Characters read at a time."""
MAX_LINE = 1 << 23
"""Characters; half a million numbers in one line are a recording, a longer line is a mistake."""
_HEAD, _HEAD_LINES = 1 << 18, 1000
"""Characters and lines in which header and layout are looked for."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = frozenset(map(chr, [*range(9), *range(14, 32), 127])) - {"\x1b", "\x1a"}


@dataclass(frozen=True)
class Source:
    """A file that was looked through once.

    Parameters
    ----------
    path
        The file.
    encoding
        Python's name of it.
    lines
        Up to the last that is not blank.
    head
        The first lines, blank ones too; at least one.
    """

    path: Path
    encoding: str
    lines: int
    head: tuple[str, ...]

    def open(self) -> TextIO:
        """Open the text; every end of line (LF, CRLF, CR) reads as a line feed."""
        return self.path.open(encoding=self.encoding, newline=None)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was assumed of the encoding."""
        if self.encoding != "latin-1":
            return ()
        return (
            "the text is not UTF-8; it is read as Latin-1: check special characters in titles, "
            "or save it as UTF-8",
        )


def look_through(path: Path) -> Source:
    """Return what `path` holds as text.

    Raises
    ------
    InputError
        It is no text, is cut within a character, has a line above `MAX_LINE`, or is blank.
    """
    with path.open("rb") as file:
        start = file.read(4)
    encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
    try:
        return _counted(path, encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise InputError(
                f"{path} is not sound {encoding.upper()} text: {error.reason}; "
                "copy or save it again"
            ) from error
    return _counted(path, "latin-1")


def _counted(path: Path, encoding: str) -> Source:
    """Read all of the file once."""
    complete, lines, unfinished = 0, 0, 0
    head, whole = "", True
    with path.open(encoding=encoding, newline=None) as file:
        while block := file.read(_BLOCK):
            if "\0" in block:
                raise InputError(
                    f"{path} is not text: it holds zero bytes; if it is UTF-16, save it as UTF-8"
                )
            content = block.rstrip()
            if content:
                lines = complete + content.count("\n") + 1
            ends = block.count("\n")
            complete += ends
            unfinished = len(block) - block.rfind("\n") - 1 if ends else unfinished + len(block)
            if unfinished > MAX_LINE:
                raise InputError(
                    f"{path} has more than {MAX_LINE} characters in line {complete + 1}; "
                    "a recording has one sample a line"
                )
            if len(head) < _HEAD or "\n" not in head:
                head += block
            else:
                whole = False
    if not lines:
        raise InputError(f"{path} has no numbers: all of it is blank")
    return Source(path, encoding, lines, _head(path, head, lines, whole))


def _head(path: Path, text: str, lines: int, whole: bool) -> tuple[str, ...]:
    """Return the lines in `text`, the start of the file; one that may be cut is left out."""
    if controls := _CONTROLS.intersection(text[:_HEAD]):
        raise InputError(f"{path} is not text: it holds the control character {min(controls)!r}")
    found = text.split("\n")
    return tuple((found if whole else found[:-1])[: min(lines, _HEAD_LINES)])
