"""`hwgen power`: what a build is expected to take, from the activity of its netlist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hwgen.cli.options.places import BUILD
from hwgen.cli.options.values import POSITIVE
from hwgen.cli.output import say, table, working

if TYPE_CHECKING:
    from hwgen.flow.powered import Powered
    from hwgen.synth.estimate import Band


@click.command("power", short_help="Estimate what BUILD's chip takes.")
@BUILD
@click.option("--windows", type=click.IntRange(1), default=2, show_default=True, metavar="N",
              help="Windows to run through the netlist.")  # fmt: skip
@click.option("--sample-rate", type=POSITIVE, metavar="HZ",
              help="Of the sensor. Default: the build's or the network's, else 25600.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(build: Path, windows: int, sample_rate: float | None, as_json: bool) -> None:
    """Estimate the power of BUILD's chip: busy, and at a sensor's rate.

    Windows of BUILD run through the netlist of its core in Verilator, and what switches is
    counted; each kind's figure is from data sheets or others' measurements. It is an estimate, with
    its error beside it, and added to BUILD's report. A meter tells more: `hwgen bench --watts`.
    """
    from hwgen.flow.power import power

    with working("power") as tell:
        done = power(
            build,
            (lambda line: None) if as_json else tell,
            windows=windows,
            sample_rate=sample_rate,
        )
    found = done.said
    if as_json:
        click.echo(json.dumps(found.section() | {"seconds": done.seconds}, indent=2))
        return
    _print(found)


def _print(found: Powered) -> None:
    """Print both tables."""
    from hwgen.boards import load_boards
    from hwgen.report.power_rows import band_text

    rate = f"at {found.sample_rate:,.0f} Hz"
    kinds = {
        kind: words
        for board in load_boards().values()
        if board.device == found.device
        for kind, words in board.target.kinds.items()
    }
    modes = (found.busy, found.sensor)

    def row(words: str, bands: list[Band]) -> tuple[str, ...]:
        return (words, *(band_text(band.to_json()) for band in bands))

    rows = [
        row(_WORDS.get(kind) or kinds[kind], [mode.milliwatts[kind] for mode in modes])
        for kind in found.busy.milliwatts
    ]
    rows.append(row("all", [mode.total for mode in modes]))
    rows.append(("working, of the time", *(f"{100 * mode.duty:.3g} %" for mode in modes)))
    say(
        f"an estimate: {found.device} at {found.clock_mhz:g} MHz, {found.registers:,} flip-flops, "
        f"activity of {found.windows:,} windows"
    )
    table(("mW", "busy", rate), rows)
    table(("energy of an answer", "uJ", "as stated"), _energies(found, rate))


_WORDS = {
    "static": "at rest, without a clock", "pll": "PLL", "clock": "clock tree",
    "logic": "logic", "routing": "routing", "pins": "pins (a converter's clock)",
}  # fmt: skip


def _energies(found: Powered, rate: str) -> list[tuple[str, ...]]:
    """Return the energy of an answer beside what others state of theirs."""
    from hwgen.link.energy import PUBLISHED
    from hwgen.report.power_rows import band_text

    own = [
        ("this chip, busy", found.busy.joules, "estimate: all that it takes"),
        (f"this chip, {rate}", found.sensor.joules, "estimate: all that it takes"),
        ("of this the diagnosis's own", found.own_joules, "estimate: beyond a chip at rest"),
    ]
    rows: list[tuple[str, ...]] = [
        (name, band_text((joules * 1e6).to_json()), said) for name, joules, said in own
    ]
    return rows + [(each.name, f"{each.joules * 1e6:,.4g}", each.source) for each in PUBLISHED]
