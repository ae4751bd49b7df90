"""`hwgen explain`: what a network looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hwgen.cli.options.geometry import geometry_options
from hwgen.cli.options.reading import reading_options
from hwgen.cli.options.settings import settings_from
from hwgen.cli.options.values import F, Finite, together
from hwgen.cli.output import say, table, working

if TYPE_CHECKING:
    from hwgen.flow.explained import Explained


def _which(function: F) -> F:
    """Add what says which window is explained, and of which bearing."""
    return together(
        [
            click.option("--class", "name", metavar="CLASS",
                         help="What is explained. Default: what the network says."),
            click.option("--at", type=Finite(min=0, max=1e9), metavar="SECONDS",
                         help="Where the window begins. Default: the first window that the network "
                         "says the class of."),
            click.option("--number", type=click.IntRange(1), metavar="N",
                         help="Which window, from 1, each beginning where the one before ends."),
            click.option("--windows", type=click.IntRange(1, 64), default=16, show_default=True,
                         metavar="N", help="Over how many windows of the class the spectra are "
                         "averaged, at most."),
            click.option("--bearing", metavar="NAME|BALLS,BALL_D,PITCH_D[,ANGLE_DEG]",
                         help="Whose fault frequencies are drawn: 6205 or 6203, cwru, or its "
                         "geometry, diameters in one unit. Default: CWRU's of such a file name."),
            click.option("--rpm", type=Finite(), metavar="RPM",
                         help="Revolutions of the shaft a minute. Default: what the file states, "
                         "or the nominal ones of a CWRU file name."),
            click.option("--layer", metavar="NAME",
                         help="Of Grad-CAM. Default: the last that still has positions."),
        ]
    )(function)  # fmt: skip


@click.command("explain", short_help="Show what a network looked at in a recording.")
@click.argument("network", metavar="BUILD|CHECKPOINT", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@_which
@reading_options
@click.option("--input-scale", type=Finite(min=0, min_open=True, max=1e12), metavar="X",
              help="The network takes the sensor's value (g) times this. Default: the "
              "checkpoint's, else one over the RMS of FILE.")  # fmt: skip
@geometry_options
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR",
              help="Folder to write. Default: explain-FILE here.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print what was found as a JSON object.")
def command(network: Path, file: Path, output: Path | None, as_json: bool, **values: Any) -> None:
    """Show what the float network of BUILD or CHECKPOINT looked at in a window of FILE.

    Layers of quadratic neurons have attention of their own (Qttention); every network has gradient
    x input and Grad-CAM. They are drawn below the window, beside their spectra with the fault
    frequencies of the bearing, and written as .npz, .svg and .html; into BUILD's report as well.
    """
    from hwgen.flow.explain import Asked, Which, explain

    named = ("name", "at", "number", "windows")
    which = Which(**{name: values.pop(name) for name in named})
    others = {name: values.pop(name) for name in ("bearing", "rpm", "layer")}
    settings = settings_from(network, values)
    with working("explaining") as tell:
        said, folder = explain(
            network, file, settings, Asked(which, **others), output,
            (lambda _: None) if as_json else tell,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps({"schema": 1, **said.section(), "folder": str(folder)}))
    else:
        _tell(said, folder)


def _tell(said: Explained, folder: Path) -> None:
    from hwgen.report.explain_rows import explain_header, explain_note, explain_rows, explain_title

    part = said.section()
    say(explain_title(part))
    head = explain_header(part)
    table(head, explain_rows(part, absent="-"), right=range(1, len(head)))
    say(explain_note(part))
    say(f"explain: {folder} (explain.npz, explain.svg, explain.html)")
