"""`hwgen boards`: what can be built for."""

from __future__ import annotations

import click

from hwgen.cli.output import table


@click.command("boards")
def command() -> None:
    """List the boards and what their chips have."""
    from hwgen.boards import load_boards

    rows = [
        (
            board.name,
            f"{board.device}-{board.speed}",
            board.package,
            f"{board.clock_mhz:g}",
            str(board.resources["lut4"]),
            str(board.resources["dsp"]),
            str(board.resources["ebr"]),
            " ".join(board.aliases),
        )
        for board in load_boards().values()
    ]
    table(("board", "chip", "package", "clock MHz", "LUT4", "DSP", "EBR", "also"), rows)
