"""`hwgen bench`: a build on a board, measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hwgen.cli.options.places import BUILD, LINK_BAUD, PORT, TIMEOUT
from hwgen.cli.options.values import POSITIVE, Finite
from hwgen.cli.output import counting, say, table

if TYPE_CHECKING:
    from hwgen.link import Benchmark
    from hwgen.link.energy import Energy


@click.command("bench", short_help="Measure BUILD on a board, real or virtual.")
@BUILD
@PORT
@click.option("--windows", type=click.IntRange(1), default=40, show_default=True, metavar="N",
              help="Windows to send at most.")  # fmt: skip
@click.option("--busy", "busy_s", type=Finite(0, 3600), default=0.0, metavar="SECONDS",
              help="First replay a window for so long, so that a meter can be read.")  # fmt: skip
@click.option("--watts", type=POSITIVE, metavar="W",
              help="What the meter said meanwhile: the energy of a diagnosis follows.")  # fmt: skip
@click.option("--idle-watts", type=Finite(min=0, max=1e12), metavar="W",
              help="What it says when nothing is replayed; the rest is the network's.")  # fmt: skip
@TIMEOUT
@LINK_BAUD
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(
    build: Path,
    port: str,
    windows: int,
    busy_s: float,
    watts: float | None,
    idle_watts: float | None,
    timeout: float,
    baud: int | None,
    as_json: bool,
) -> None:
    """Send windows to the board at --port, compare every answer with the golden model, measure.

    The outcome is added to BUILD's report. `--port virtual` is the whole board top in a simulator.
    """
    from hwgen.flow.link import Meter, bench

    meter = Meter(busy_s, watts, idle_watts)

    def tell(line: str) -> None:
        if not as_json:
            say(line)

    with counting("bench") as progress:
        done = bench(
            build,
            port,
            tell,
            windows=windows,
            timeout_s=timeout,
            baud=baud,
            meter=meter,
            progress=progress,
        )
    found = done.said.found
    if as_json:
        click.echo(json.dumps(found.to_json() | {"seconds": done.seconds}, indent=2))
    else:
        table(("", *_SPREAD), _rows(found))
        if found.energy is not None:
            table(("energy of an answer", "uJ", "as stated"), _energies(found.energy))


def _energies(found: Energy) -> list[tuple[str, ...]]:
    """Return the energy of a diagnosis beside what others state of theirs."""
    from hwgen.link.energy import PUBLISHED

    own = [("this board, all of it", found.joules, f"{found.watts:g} W by the meter")]
    if found.own_joules is not None and found.idle_watts is not None:
        words = f"{found.watts - found.idle_watts:.3g} W more than idle"
        own.append(("of this the diagnosis's own", found.own_joules, words))
    rows = own + [(each.name, each.joules, each.source) for each in PUBLISHED]
    return [(name, f"{joules * 1e6:,.4g}", said) for name, joules, said in rows]


_SPREAD = ("min", "median", "max")


def _rows(found: Benchmark) -> list[tuple[str, ...]]:
    """Return what was measured as a table."""
    replay, refused = found.replay, sum(found.refusals.values())
    spreads = [
        (name, *(f"{getattr(spread, column):,.{digits}f}" for column in _SPREAD))
        for name, spread, digits in (
            ("last sample to class, cycles", found.latency_cycles, 0),
            ("last sample to class, us", found.latency_us, 2),
            ("round trip on the host, ms", found.round_trip_ms, 1),
        )
    ]
    singles = (
        ("answers compared", f"{found.windows:,}"),
        ("mismatches", f"{found.mismatches:,}"),
        ("sent again", f"{found.retries:,} ({refused:,} refused)"),
        ("windows per second on chip", f"{found.windows_per_second:,.0f}"),
        ("cycles a window on chip", f"{replay.cycles_per_window:,.1f}"),
        ("windows replayed for that", f"{replay.windows:,}"),
        ("windows per second over the line", f"{found.link_windows_per_second:,.1f}"),
        ("clock, MHz", f"{found.clock_mhz:g}"),
    )
    return spreads + [(name, "", value, "") for name, value in singles]
