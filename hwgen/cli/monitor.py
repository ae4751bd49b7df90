"""`hwgen monitor`: what a board with a sensor of its own diagnoses."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hwgen.cli.options.places import BUILD, LINK_BAUD, PORT, TIMEOUT
from hwgen.cli.options.values import Finite
from hwgen.cli.output import say
from hwgen.errors import UsageError

if TYPE_CHECKING:
    from hwgen.flow.threshold import Asked
    from hwgen.protocol import Diagnosis

FALSE_ALARMS = 0.01
"""Share of a healthy machine's windows: a vote makes alarms of far fewer."""


@click.command("monitor", short_help="Show live diagnoses of a board with a sensor.")
@BUILD
@PORT
@click.option("--count", type=click.IntRange(1), metavar="N", help="Stop after so many.")
@click.option(
    "--learn",
    type=Finite(min=0, min_open=True),
    metavar="MINUTES",
    help="First have the board learn its threshold of the machine, which is healthy, for so long.",
)
@click.option(
    "--false-alarms",
    type=Finite(0, 1, max_open=True),
    metavar="SHARE",
    help=f"With --learn: share of these windows that may be above it; else {FALSE_ALARMS}.",
)
@click.option(
    "--margin",
    type=Finite(1 / 256, 255),
    metavar="FACTOR",
    help="With --learn: what the threshold is multiplied by at last; else 1.",
)
@TIMEOUT
@LINK_BAUD
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
def command(
    build: Path,
    port: str,
    count: int | None,
    learn: float | None,
    false_alarms: float | None,
    margin: float | None,
    timeout: float,
    baud: int | None,
    as_json: bool,
) -> None:
    """Show what the board at --port diagnoses of its own sensor, a line each, until Ctrl-C.

    Number, class of the window, confirmed class, and what is wrong, if anything is: then the class
    stands in brackets and does not count. The sensor of `--port virtual` plays BUILD's test
    windows. An anomaly network's score and threshold stand behind the confirmed class.
    """
    from hwgen.flow import threshold
    from hwgen.flow.link import monitor

    def tell(line: str) -> None:
        if not as_json:
            say(line)
        elif learn is not None:
            click.echo(line, err=True)

    asked = _asked(learn, false_alarms, margin)
    found = monitor(build, port, tell, timeout_s=timeout, baud=baud, learn=asked)
    scored = None
    for number, diagnosis, name, confirmed in itertools.islice(found, count):
        if scored is None:
            scored = threshold.is_scored(build)
        if as_json:
            click.echo(json.dumps(_object(number, diagnosis, name, confirmed)), nl=True)
        else:
            say(_line(number, diagnosis, name, confirmed, scored=scored))


def _asked(learn: float | None, false_alarms: float | None, margin: float | None) -> Asked | None:
    """Return the learn phase that the options ask for; None without one."""
    from hwgen.flow.threshold import Asked

    if learn is None:
        if false_alarms is not None or margin is not None:
            raise UsageError("--false-alarms and --margin must come with --learn MINUTES")
        return None
    share = FALSE_ALARMS if false_alarms is None else false_alarms
    return Asked(learn, share, 1.0 if margin is None else margin)


def _object(number: int, diagnosis: Diagnosis, name: str, confirmed: str | None) -> dict[str, Any]:
    result = diagnosis.result
    values = {"numbers": list(result.numbers)} if result.numbers else {}
    return {
        "number": number,
        "class": name,
        "known": _known(diagnosis),
        "confirmed": confirmed,
        "flags": _names(diagnosis.flags),
        "faults": _names(_faults(diagnosis)),
        "overruns": diagnosis.overruns,
        "cycles": result.cycles,
        "logits": list(result.logits),
    } | values


def _line(
    number: int, diagnosis: Diagnosis, name: str, confirmed: str | None, *, scored: bool = False
) -> str:
    wrong = [*_names(diagnosis.flags), *(f"sensor: {text}" for text in _names(_faults(diagnosis)))]
    if diagnosis.overruns:
        wrong.append(f"{diagnosis.overruns} samples lost")
    shown = name if _known(diagnosis) else f"({name})"
    score = ""
    if scored:
        threshold, found = diagnosis.result.logits
        score = f"score: {found} / {threshold}  "
    line = f"{number:5}  {shown:16} confirmed: {confirmed or '-':16} {score}{', '.join(wrong)}"
    return line.rstrip()


def _known(diagnosis: Diagnosis) -> bool:
    """Return whether the board takes the window's class for known."""
    from hwgen.protocol import DiagnosisFlag

    return not (diagnosis.flags & DiagnosisFlag.UNKNOWN or diagnosis.faults)


def _faults(diagnosis: Diagnosis) -> Any:
    from hwgen.protocol import SensorFault

    return SensorFault(diagnosis.faults)


def _names(flags: Any) -> list[str]:
    return [(flag.name or str(flag.value)).lower().replace("_", " ") for flag in flags]
