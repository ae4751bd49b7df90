"""How much hardware a network takes."""

from __future__ import annotations

import click

from hwgen import targets
from hwgen.cli.options.values import POSITIVE, F, names_if_any, together
from hwgen.designs.goals import GOALS
from hwgen.flow.designs import AREA_DSP
from hwgen.flow.hardware_options import WEIGHTS, HardwareOptions
from hwgen.quantized.precision import TRANSFORMS

_LEAST_DSP = " or ".join(str(family.least_dsp) for family in targets.families().values())


def target_options(function: F) -> F:
    """Add what decides how much hardware a network takes."""
    defaults = HardwareOptions()
    return together(
        [
            click.option(
                "--board",
                default=defaults.board,
                show_default=True,
                help="Name of a board; `hwgen boards` lists them.",
            ),
            click.option(
                "--parallel",
                type=int,
                metavar="N",
                help="Multipliers of the MAC array. Default: what takes a sample every clock.",
            ),
            click.option(
                "--unroll",
                metavar="LAYER,..",
                callback=names_if_any,
                help="First layers that get hardware of their own in front of the MAC array, such "
                "as conv1 or conv1,pool1. Default: what suits the goal.",
            ),
            click.option(
                "--dsp",
                type=int,
                help="DSP cells that the design may use; further multipliers are made of logic. "
                f"Default: {_LEAST_DSP}; with a goal, all that the board has "
                f"(area: {AREA_DSP} if they do).",
            ),
            click.option(
                "--weights",
                type=click.Choice(WEIGHTS),
                default=defaults.design.weights,
                show_default=True,
                help="chip: all of them in its block RAM. flash: in the board's flash, read once a "
                "window, but for those that block RAM has room for.",
            ),
            _goal_options,
            click.option(
                "--transform",
                type=click.Choice(TRANSFORMS),
                help="fft: streaming. dft: every sample is added to every bin as it comes, which "
                "needs a pause between samples. Default: what suits the goal.",
            ),
            click.option(
                "--hop",
                type=int,
                metavar="N",
                help="A class every N samples, of windows that overlap (transform dft). "
                "Default: one every window.",
            ),
        ]
    )(function)


def _goal_options(function: F) -> F:
    """Add the goal or the bounds for which a design is looked for."""
    return together(
        [
            click.option(
                "--goal",
                type=click.Choice(GOALS),
                help="throughput: a sample every clock. latency: the quickest class after the last "
                "sample. area: the fewest cells that keep up with a 48 kHz sensor.",
            ),
            click.option(
                "--latency-us",
                type=POSITIVE,
                metavar="X",
                help="The cheapest design that answers within so many microseconds.",
            ),
            click.option(
                "--windows-per-second",
                type=POSITIVE,
                metavar="Y",
                help="The cheapest design that takes so many windows.",
            ),
            click.option(
                "--fit",
                is_flag=True,
                help="The cheapest design that keeps up with the sensor.",
            ),
        ]
    )(function)
