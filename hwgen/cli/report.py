"""`hwgen report`: a build's report, again."""

from __future__ import annotations

from pathlib import Path

import click

from hwgen.cli.options.places import BUILD
from hwgen.cli.output import console, say


@click.command("report")
@BUILD
def command(build: Path) -> None:
    """Print BUILD's results and write its HTML page."""
    from hwgen import lock
    from hwgen.flow.left import check_asked
    from hwgen.flow.options import read_settings
    from hwgen.flow.results import PAGE, write_report
    from hwgen.report import REPORT, data_lines, print_table

    with lock.folder(build):
        settings = read_settings(build)
        check_asked(settings, build)
        result = write_report(settings, build)
        for line in data_lines(result["data"]) if result.get("data") else ():
            say(line)
        print_table(result, console, path=build / REPORT)
    say(f"page: {build / PAGE}")
