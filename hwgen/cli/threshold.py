"""`hwgen threshold`: the threshold of an anomaly network on a running board."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hwgen.cli.options.places import BUILD, LINK_BAUD, PORT, TIMEOUT
from hwgen.cli.options.values import Finite
from hwgen.cli.output import say


@click.command("threshold", short_help="Show or set the threshold of an anomaly network.")
@BUILD
@click.argument("value", type=int, required=False)
@PORT
@click.option(
    "--real",
    type=Finite(min=0),
    metavar="SCORE",
    help="The threshold in real units (what the float network's score has).",
)
@click.option("--reset", is_flag=True, help="The model's own threshold; none is kept any more.")
@TIMEOUT
@LINK_BAUD
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def command(
    build: Path,
    value: int | None,
    port: str,
    real: float | None,
    reset: bool,
    timeout: float,
    baud: int | None,
    as_json: bool,
) -> None:
    """Show the threshold of the board at --port, or set it to VALUE without a new bitstream.

    A window is an anomaly if its score is above. VALUE is in the score's integers, as answers have
    it. What is set is kept in BUILD, and set again when a host connects after a power cycle; on a
    board with a flash for it the flash keeps it, without a host.
    """
    from hwgen.flow import threshold
    from hwgen.flow.link import set_threshold

    def tell(line: str) -> None:
        if as_json:
            click.echo(line, err=True)
        else:
            say(line)

    wanted = threshold.Wanted(value, real, reset)
    stands, model = set_threshold(build, port, tell, wanted, timeout_s=timeout, baud=baud)
    if as_json:
        click.echo(json.dumps(threshold.to_json(stands, model)))
    else:
        say(threshold.in_words(stands, model))
