"""The design point with its board, clock, line and sensor."""

from __future__ import annotations

import click

from hwgen import targets
from hwgen.cli.options.design import target_options
from hwgen.cli.options.values import CLOCK, POSITIVE, F, Finite, names_if_any, numbers, together
from hwgen.flow.hardware_options import FEWEST, HardwareOptions, SensorOptions
from hwgen.protocol import MAX_WINDOWS


def hardware_options(function: F) -> F:
    """Add the design point."""
    defaults, families = HardwareOptions(), targets.families().values()
    return together(
        [
            target_options,
            click.option(
                "--clock-mhz",
                type=CLOCK,
                help="Clock that the board's PLL makes for the design. Default: "
                f"{'; '.join(map(_clocks, families))}.",
            ),
            click.option(
                "--seeds",
                default=",".join(map(str, defaults.seeds)),
                show_default=True,
                callback=numbers,
                help="Of the placer, tried in order until one meets the clock.",
            ),
            click.option(
                "--quick",
                is_flag=True,
                help="Take the first bitstream that meets the clock, whichever seed it is of, and "
                "leave out checks: of a slow design all but a few windows, and the netlist. The "
                "report says what; the same command without it does the rest.",
            ),
            click.option(
                "--baud",
                type=click.IntRange(300, 12_000_000),
                help="Of the board's serial link. Default: "
                + ", ".join(f"{each.title} {each.usual_baud}" for each in families)
                + ".",
            ),
            sensor_options,
        ]
    )(function)


def _clocks(family: targets.Family) -> str:
    """Return the clocks of a family's designs: "NAME 100 (140 for throughput)"."""
    goals = ", ".join(f"{mhz:g} for {goal}" for goal, mhz in family.clocks.items())
    return f"{family.title} {family.usual_clock:g} ({goals})"


def sensor_options(function: F) -> F:
    """Add the board's own sensor, and what is made of its windows."""
    defaults = SensorOptions()
    return together(
        [
            click.option(
                "--source",
                default=defaults.source,
                show_default=True,
                metavar="uart|PART",
                help="Where samples come from: the host, or a sensor on the board (ics43434, "
                "inmp441, mcp3201, ads8320, iis3dwb).",
            ),
            click.option(
                "--sensor-rate",
                type=POSITIVE,
                metavar="HZ",
                help="Rate at which the sensor samples: the checkpoint's, or a whole multiple of "
                "it, which is decimated. Default: the checkpoint's.",
            ),
            click.option(
                "--vote",
                default=defaults.vote,
                show_default=True,
                metavar="K/N",
                help="With a sensor: K of the last N windows must agree before a class is "
                "confirmed or an alarm is raised.",
            ),
            click.option(
                "--unknown",
                type=Finite(min=0, max=50),
                default=defaults.unknown,
                show_default=True,
                metavar="PCT",
                help="With a sensor: answer unknown when the margin between the two best logits is "
                "as small as that of so many per cent of the right answers on held-out windows.",
            ),
            click.option(
                "--normal",
                callback=names_if_any,
                metavar="NAME,...",
                help="Classes that raise no alarm. Default: those named normal, healthy, none, "
                "good or baseline, else the first.",
            ),
            click.option(
                "--learn",
                type=click.IntRange(FEWEST, MAX_WINDOWS),
                metavar="WINDOWS",
                help="With a sensor and an anomaly network: if the board's button is held at "
                "power-up, learn the threshold of so many windows; one in a hundred may be above.",
            ),
        ]
    )(function)
