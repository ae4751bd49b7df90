"""`hwgen doctor`: whether all tools are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hwgen.cli.output import say
from hwgen.errors import ToolError

if TYPE_CHECKING:
    from hwgen import tools

_NEEDED = ("g++", "make", "perl", "verilator", "yosys")
"""Whatever the chip."""
_WELCOME = {
    "iverilog": "a second simulator for exports",
    "openFPGALoader": "programming a board",
}


@click.command("doctor", short_help="Say which tools are there and how to install the rest.")
def command() -> None:
    """Say which tools are there, and how to install what is missing.

    Those of a chip family are needed for its boards alone; those of one family at least must be
    there.
    """
    from hwgen import targets, tools

    lacking = tools.missing(map(tools.known, _NEEDED))
    for name in _NEEDED:
        _tell(tools.known(name))
    families = [
        (family.title, (family.toolchain.placer, family.toolchain.packer))
        for family in targets.families().values()
    ]
    if all(tools.missing(own) for _, own in families):
        lacking += [tool for _, own in families for tool in tools.missing(own)]
    for title, own in families:
        for tool in own:
            _tell(tool, None if tool in lacking else f"boards with a {title}")
    for name, use in _WELCOME.items():
        _tell(tools.known(name), use)
    if lacking:
        names = ", ".join(tool.name for tool in lacking)
        raise ToolError(f"missing: {names}; the lines above say how to install them")


def _tell(tool: tools.Tool, use: str | None = None) -> None:
    """Say a tool's version, or that it is missing; `use` is what it is for, where not for all."""
    from hwgen import tools

    try:
        say(f"{tool.name}: {tools.version(tool)}")
    except ToolError as error:
        what = "MISSING" if use is None else f"not there (only for {use})"
        say(f"{tool.name}: {what}. {error}")
