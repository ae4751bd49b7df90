"""What the commands print: lines, tables and progress; plain when not a terminal."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hwgen.errors import HwgenError
from hwgen.report.grid import grid, print_lines
from hwgen.report.text import ENCODING_ERRORS

_WIDE = 200
"""Columns when the output is not a terminal: nothing is cut."""

_NARROW = 60
"""Columns in which title, bar and time have room."""

# Names are data: nothing in them is markup, an emoji's code or a number to be coloured.
_LITERAL: Any = {"highlight": False, "markup": False, "emoji": False, "soft_wrap": True}

console = Console(**_LITERAL)
errors = Console(stderr=True, **_LITERAL)
if not console.is_terminal:
    console = Console(**_LITERAL, width=_WIDE)


def write_anywhere() -> None:
    """Let no character end a command: what a terminal's encoding lacks is written in others."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ENCODING_ERRORS)


def say(text: str) -> None:
    """Print one line, names in it literally."""
    print_lines(console, [text])


def fail(text: str) -> None:
    """Print one line on the error stream."""
    print_lines(errors, [f"error: {text.strip()}"])


def table(header: Sequence[str], rows: Sequence[Sequence[str]], **options: Any) -> None:
    """Print a table, as `hwgen.report.grid` makes it."""
    print_lines(console, grid(header, rows, **options))


@contextlib.contextmanager
def reporting(folder: Path, *, make: bool = False) -> Iterator[None]:
    """Print the table of the report that the block leaves in a build's folder.

    A build that fails its check or its clock leaves one too, which says so first. The folder is
    locked all the while: what is printed is what this run made.

    Parameters
    ----------
    make
        Whether the folder may be new.
    """
    from hwgen import lock
    from hwgen.report import REPORT, print_table, read

    path = folder / REPORT
    with lock.folder(folder, make=make):
        before = _modified(path)
        try:
            yield
        except HwgenError:
            if _modified(path) != before:
                print_table(read(folder), console, path=path)
            raise
        print_table(read(folder), console, path=path)


def _modified(path: Path) -> int | None:
    return path.stat().st_mtime_ns if path.is_file() else None


@contextlib.contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner on a terminal; yield a function that prints a line above it."""
    if not console.is_terminal:
        yield say
        return
    spinner = SpinnerColumn("dots" if console.encoding.startswith("utf") else "line")
    columns = spinner, TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(text)
        yield lambda line: print_lines(progress.console, [line])


@contextlib.contextmanager
def counting(text: str) -> Iterator[Callable[..., None]]:
    """Show a progress bar on a terminal; yield a function of (done, total[, loss])."""
    if not console.is_terminal:
        yield lambda done, total, loss=None: None
        return
    narrow = console.width < _NARROW
    bar = [] if narrow else [BarColumn()]
    columns = TextColumn("{task.description}", markup=False), *bar, TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(text, total=None)

        def update(done: int, total: int, loss: float | None = None) -> None:
            # In a narrow terminal the figure would be cut.
            title = text if loss is None or narrow else f"{text} (loss {loss:.3f})"
            progress.update(task, completed=done, total=total, description=title)

        yield update
