"""`hwgen demo`: the whole way, without any data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hwgen.cli.options.hardware import hardware_options
from hwgen.cli.options.settings import settings_from
from hwgen.cli.output import counting, reporting, say, working

_EPOCHS = 8


@click.command("demo", short_help="Do everything once on synthetic signals: no data needed.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("build/demo"),
    show_default=True,
    help="Folder of the build.",
)
@hardware_options
def command(output: Path, **values: Any) -> None:
    """Train on synthetic bearing signals, and build, verify and route the accelerator."""
    from hwgen import lock
    from hwgen.flow.build import build
    from hwgen.flow.demo import checkpoint

    with lock.folder(output, make=True):
        with counting("training on synthetic signals") as progress:
            path = checkpoint(output, epochs=_EPOCHS, progress=progress, say=say)
        settings = settings_from(path, values | {"data": "synthetic"})
        with reporting(output), working("building") as tell:
            build(settings, output, tell)
