"""`hwgen boards`: what can be built for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hwgen.cli.output import say, table

if TYPE_CHECKING:
    from hwgen.boards import Board
    from hwgen.targets import Family


@click.command("boards")
def command() -> None:
    """List the boards by chip family, and which tools are missing."""
    from hwgen import targets
    from hwgen.boards import load_boards

    boards = load_boards().values()
    for number, family in enumerate(targets.families().values()):
        if number:
            say("")
        say(f"{family.title}: {_tools(family)}")
        _tell(family, [board for board in boards if board.target is family])


def _tools(family: Family) -> str:
    """Return whether the family's tools are there, and the command that brings those that miss."""
    from hwgen import tools

    missing = tools.missing(family.toolchain.tools)
    if not missing:
        return "tools are there"
    names = ", ".join(tool.name for tool in missing)
    return f"{names} missing; {'; '.join(dict.fromkeys(tool.install for tool in missing))}"


def _tell(family: Family, boards: list[Board]) -> None:
    kinds = [kind for kind in family.kinds if kind != "ff"]
    rows = [
        (
            board.name,
            "-".join(filter(None, (board.device, board.speed))),
            board.package,
            f"{board.clock_mhz:g}",
            *(str(board.resources[kind]) for kind in kinds),
            " ".join(board.aliases),
        )
        for board in boards
    ]
    counts = [kind.upper() for kind in kinds]
    table(("board", "chip", "package", "clock MHz", *counts, "also"), rows)
