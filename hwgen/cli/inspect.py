"""`hwgen inspect`: a network before any build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hwgen.cli.options.data import data_options
from hwgen.cli.options.geometry import geometry_options
from hwgen.cli.options.places import CHECKPOINT
from hwgen.cli.options.precision import bits_options
from hwgen.cli.options.settings import settings_from
from hwgen.cli.output import say, table, working
from hwgen.errors import CannotMeetError

if TYPE_CHECKING:
    from hwgen.flow.inspect import BoardRow, Inspection


@click.command("inspect", short_help="Show what CHECKPOINT is, and which boards it fits.")
@CHECKPOINT
@data_options
@bits_options
@geometry_options
@click.option("--json", "as_json", is_flag=True, help="Print all of it as a JSON object.")
def command(checkpoint: Path, as_json: bool, **values: Any) -> None:
    """Show the layers of CHECKPOINT, and what it would be on every board, in seconds.

    Cycles are those of the default design (`hwgen build` without a goal; of the smallest where that
    does not fit), cells are estimates.
    Nothing is written. What is not supported is named, and ends with exit code 4. With --data also
    how windows may have been prepared in training: no file says it, so the usual ways are tried.
    """
    from hwgen.flow.inspect import inspect

    with working("inspecting") as tell:
        found = inspect(settings_from(checkpoint, values), (lambda _: None) if as_json else tell)
    if as_json:
        click.echo(json.dumps(found.to_json()))
    else:
        _tell(found)
    if found.problem:
        raise CannotMeetError(found.problem)


def _tell(found: Inspection) -> None:
    rate = f" at {found.sample_rate:,.0f} Hz" if found.sample_rate else ""
    *channels, samples = found.shape or (0,)
    several = "".join(f"{each} channels of " for each in channels if each > 1)
    ends = ", ".join(f"{name} ({kind})" for name, _, kind in found.outputs)
    say(f"{found.name}: {several}{samples:,} samples a window{rate}; outputs {ends}")
    for note in found.notes:
        say(note)
    say("")
    _layers(found)
    say("")
    table(
        (
            "board",
            "chip",
            "design",
            "cycles",
            "latency us",
            "windows/s",
            "keeps up",
            "LUT4",
            "DSP",
            "EBR",
        ),
        [_row(row) for row in found.boards],
        right=range(3, 10),
    )
    for line in (*_problems(found), *_slow(found)):
        say(line)
    if found.preparations:
        say("")
        _preparations(found)


def _layers(found: Inspection) -> None:
    rows = [
        (
            row.name,
            row.op,
            ", ".join(row.reads),
            " x ".join(map(str, row.shape)),
            f"{row.parameters:,}",
            f"{row.macs:,}",
            f"{100 * row.macs / found.macs:.1f} %" if found.macs else "",
            *(["not supported" if row.reason else ""] if found.problem else []),
        )
        for row in found.layers
    ]
    more = [""] if found.problem else []
    rows.append(("all", "", "", "", f"{found.parameters:,}", f"{found.macs:,}", "", *more))
    head = ("layer", "op", "reads", "shape", "parameters", "MACs", "share", *more)
    table(head, rows, right=(4, 5, 6))


def _problems(found: Inspection) -> list[str]:
    """Return why boards do not do, each reason once."""
    boards: dict[str, list[str]] = {}
    for row in found.boards:
        if row.problem:
            boards.setdefault(row.problem.replace(row.board, "this board"), []).append(row.board)
    every = len(found.boards)
    return [
        f"{'every board' if len(names) == every else ', '.join(names)}: {problem}"
        for problem, names in boards.items()
    ]


def _slow(found: Inspection) -> list[str]:
    """Return a warning where place and route takes its time."""
    names = [row.board for row in found.boards if row.slow]
    if not names:
        return []
    return [
        f"{', '.join(names)}: place and route of so many LUT4 takes tens of minutes, at times "
        "hours; with --goal area, or a smaller --parallel, it takes minutes"
    ]


def _row(row: BoardRow) -> tuple[str, ...]:
    if row.problem is not None:
        return (row.board, row.device, "does not fit", *[""] * 7)
    keeps_up = {None: "", True: "yes", False: "no"}[row.keeps_up]
    return (
        row.board,
        row.device,
        f"--goal {row.goal}" if row.goal else "default",
        f"{row.interval:,}",
        f"{row.latency_us:,.3g}",
        f"{row.windows_per_second:,.0f}",
        keeps_up,
        f"{row.lut4:,}",
        f"{row.dsp:,}",
        f"{row.ebr:,}",
    )


def _preparations(found: Inspection) -> None:
    rows = [
        (each.what, f"{each.f1:.4f}", each.how or "not in hardware yet")
        for each in found.preparations
    ]
    table(("windows were prepared", "F1", "options"), rows, right=(1,))
    best = found.preparations[0]
    say(f"most likely: {best.what} (F1 {best.f1:.4f})")
