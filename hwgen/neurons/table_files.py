"""Tables for a search, out of files."""

from __future__ import annotations

from pathlib import Path

from hwgen.errors import InputError
from hwgen.names import escaped
from hwgen.neurons.table import Table, Task, table
from hwgen.signals.table_files import read_cells


def read_table(
    path: Path, *, target: str | None = None, task: Task | None = None
) -> tuple[Table, tuple[str, ...]]:
    """Return the table in a file, and what the user must know of it.

    Raises
    ------
    InputError, FileAccessError
        If it is no usable table.
    UsageError
        If there is no column called `target`.
    """
    cells = read_cells(path, target)
    if cells.y is None:
        raise InputError(
            f"{escaped(str(path))} must have an array {escaped(cells.target)}, not only X; save X "
            "(n x inputs) and y (n)"
        )
    return table(cells.name, cells.x, cells.y, cells.inputs, cells.target, task)
