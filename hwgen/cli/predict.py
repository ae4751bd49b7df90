"""`hwgen predict`: a recording through the golden model."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from hwgen.cli import options
from hwgen.cli.output import console, say


@click.command("predict", short_help="Diagnose a recording as BUILD's hardware would.")
@options.BUILD
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--channel", default="DE", show_default=True, help="Pattern of the channel's name.")
@click.option(
    "--sample-rate",
    type=options.SAMPLE_RATE,
    metavar="HZ",
    help="Of a recording that does not say.",
)
@click.option("--hop", type=click.IntRange(1), metavar="N",
              help="Samples from one window to the next. Default: a window.")  # fmt: skip
def command(
    build: Path, file: Path, channel: str, sample_rate: float | None, hop: int | None
) -> None:
    """Diagnose a recording with the golden model of BUILD: what the hardware answers, to the bit.

    A row per window: when it begins, its class, and the margin between the two largest logits.
    """
    from hwgen.flow.predict import predict

    rows, summary = predict(build, file, channel=channel, sample_rate=sample_rate, hop=hop)
    table = Table("time s", "class", "margin", box=None)
    for row in rows:
        table.add_row(f"{row.seconds:.3f}", row.name, f"{row.margin:.3f}")
    console.print(table)
    say(summary)
