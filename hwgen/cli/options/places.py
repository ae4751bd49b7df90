"""What commands work on: a checkpoint, a build, a board at a port."""

from __future__ import annotations

from pathlib import Path

import click

from hwgen.cli.options.values import Finite

CHECKPOINT = click.argument("checkpoint", type=click.Path(path_type=Path))
BUILD = click.argument("build", type=click.Path(path_type=Path))
PORT = click.option(
    "--port",
    required=True,
    metavar="PORT|virtual",
    help="Serial port of the board, such as /dev/ttyUSB0; virtual: the board in a simulator.",
)
LINK_BAUD = click.option(
    "--baud", type=click.IntRange(300, 12_000_000), help="Of the line. Default: the build's."
)
TIMEOUT = click.option(
    "--timeout",
    type=Finite(min=0.1, max=3600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Silence of the board after which it is asked again.",
)
