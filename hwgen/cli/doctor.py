"""`hwgen doctor`: whether all tools are there."""

from __future__ import annotations

import click

from hwgen.cli.output import say
from hwgen.errors import ToolError

_NEEDED = ("g++", "make", "perl", "verilator", "yosys", "nextpnr-ecp5", "ecppack")
_WELCOME = {
    "iverilog": "a second simulator for exports",
    "openFPGALoader": "programming a board",
}


@click.command("doctor", short_help="Say which tools are there and how to install the rest.")
def command() -> None:
    """Say which tools are there, and how to install what is missing."""
    from hwgen import tools

    missing = []
    for name in (*_NEEDED, *_WELCOME):
        try:
            say(f"{name}: {tools.version(name)}")
        except ToolError as error:
            if name in _NEEDED:
                missing.append(name)
                say(f"{name}: MISSING. {error}")
            else:
                say(f"{name}: not there (only for {_WELCOME[name]}). {error}")
    if missing:
        raise ToolError(f"missing: {', '.join(missing)}; the lines above say how to install them")
