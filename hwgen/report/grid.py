"""Tables for a terminal: names literally, no number cut or folded, however narrow it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from hwgen.report.text import printable

_WIDEST = 48
"""Cells that a column is padded to; one long name does not push all other rows apart."""

_GAP = "  "


def grid(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[int] = ()
) -> list[str]:
    """Return a table as lines, the header first; an empty header is left out.

    Parameters
    ----------
    header, rows
        Texts, printed as they are but for characters that would steer a terminal.
    right
        Numbers of the columns whose texts end below each other.
    """
    cells = [[printable(text) for text in row] for row in ([header] if header else []) + [*rows]]
    widths = [min(_WIDEST, max(map(cell_len, column))) for column in zip(*cells, strict=True)]
    return [_GAP.join(_padded(row, widths, right)).rstrip() for row in cells]


def _padded(row: Sequence[str], widths: Sequence[int], right: Collection[int]) -> list[str]:
    return [
        " " * (width - cell_len(text)) + text
        if index in right
        else text + " " * (width - cell_len(text))
        for index, (text, width) in enumerate(zip(row, widths, strict=True))
    ]


def print_lines(console: Console, lines: Sequence[str], *, bold: Collection[int] = ()) -> None:
    """Print lines as they are; the terminal wraps what is too long, nothing is left out."""
    for index, line in enumerate(lines):
        text = Text(printable(line, console.encoding), "bold" if index in bold else "")
        console.print(text, soft_wrap=True)
