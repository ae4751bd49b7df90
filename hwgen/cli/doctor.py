"""`hwgen doctor`: whether all tools are there."""

from __future__ import annotations

import click

from hwgen.cli.output import say
from hwgen.errors import ToolError

_NEEDED = ("g++", "make", "perl", "verilator")
"""Whatever the chip."""
_WELCOME = {
    "iverilog": "a second simulator for exports",
    "openFPGALoader": "programming a board",
}


@click.command("doctor", short_help="Say which tools are there and how to install the rest.")
def command() -> None:
    """Say which tools are there, and how to install what is missing."""
    from hwgen import targets, tools

    chips = [tool for family in targets.families().values() for tool in family.toolchain.tools]
    needed = dict.fromkeys((*map(tools.known, _NEEDED), *chips))
    missing = []
    for tool in (*needed, *map(tools.known, _WELCOME)):
        try:
            say(f"{tool.name}: {tools.version(tool)}")
        except ToolError as error:
            if tool in needed:
                missing.append(tool.name)
                say(f"{tool.name}: MISSING. {error}")
            else:
                say(f"{tool.name}: not there (only for {_WELCOME[tool.name]}). {error}")
    if missing:
        raise ToolError(f"missing: {', '.join(missing)}; the lines above say how to install them")
