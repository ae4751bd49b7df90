"""What the commands print: lines, tables and progress; plain when not a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hwgen.errors import HwgenError

_WIDE = 200
"""Columns when the output is not a terminal: nothing is cut."""

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
if not console.is_terminal:
    console = Console(highlight=False, soft_wrap=True, width=_WIDE)


def say(text: str) -> None:
    """Print one line."""
    console.print(text, markup=False)


def fail(text: str) -> None:
    """Print one line on the error stream."""
    errors.print(f"error: {' '.join(text.split())}", markup=False)


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
    """Show a spinner on a terminal; yield a function that prints a line and shows it there too."""
    if not console.is_terminal:
        yield say
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(text)

        def tell(line: str) -> None:
            progress.console.print(line, markup=False)
            progress.update(task, description=line)

        yield tell


@contextlib.contextmanager
def counting(text: str) -> Iterator[Callable[..., None]]:
    """Show a progress bar on a terminal; yield a function of (done, total[, loss])."""
    if not console.is_terminal:
        yield lambda done, total, loss=None: None
        return
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(text, total=None)

        def update(done: int, total: int, loss: float | None = None) -> None:
            title = text if loss is None else f"{text} (loss {loss:.3f})"
            progress.update(task, completed=done, total=total, description=title)

        yield update
