"""From which score on a window is an anomaly."""

from __future__ import annotations

import click

from hwgen.cli.options.values import F, Finite, names_if_any, together

SHARE = Finite(min=0, max=1, max_open=True)


HEALTHY = click.option(
    "--healthy",
    callback=names_if_any,
    metavar="NAME,...",
    help="Classes of the recordings that are healthy, for a network that tells anomalies. "
    "Default: those named normal, healthy, none, good or baseline.",
)


def alarm_options(function: F) -> F:
    """Add what a network's threshold is, where its answer is a score."""
    return together(
        [
            HEALTHY,
            click.option(
                "--threshold",
                type=Finite(min=0),
                metavar="X",
                help="The largest squared error that is no anomaly. Default: the checkpoint's, "
                "else from healthy windows.",
            ),
            click.option(
                "--false-alarms",
                type=SHARE,
                metavar="SHARE",
                help="Set the threshold so that this share of healthy windows is above it. "
                "Default: 0.01, where the checkpoint has none.",
            ),
            click.option(
                "--contamination",
                type=SHARE,
                metavar="SHARE",
                help="Instead, as published: so that this share of the windows that calibrate is.",
            ),
        ]
    )(function)
