"""Tables as text, whatever their name ends in."""

from __future__ import annotations

from pathlib import Path

from hwgen.signals.formats._contents import Contents

ENDINGS = (".csv", ".txt", ".tsv", ".dat", ".asc", "")


def read(path: Path) -> Contents:
    """Return the columns of a table: `hwgen.signals.formats._text.table`."""
    from hwgen.signals.formats._text import table

    return table.read(path)
