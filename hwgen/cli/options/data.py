"""Where windows come from."""

from __future__ import annotations

import click

from hwgen.cli.options.reading import reading_options
from hwgen.cli.options.values import SEED, SNR, F, Finite, together
from hwgen.signals.noise_kinds import KINDS

TEST_DATA = click.option(
    "--test-data",
    multiple=True,
    metavar="DIR",
    help="Further recordings, such as those of another load: F1 on all of them is told, nothing "
    "is learnt from them. Can be given several times.",
)


def data_options(function: F) -> F:
    """Add what says where windows come from."""
    return together(
        [
            click.option(
                "--data",
                metavar="DIR|synthetic",
                help="Recordings: one class a file or a folder, or as --class-from or a "
                "classes.csv in DIR says. Default: what the checkpoint carries, else synthetic "
                "signals.",
            ),
            click.option(
                "--snr",
                "snr_db",
                type=SNR,
                metavar="DB",
                help="Add noise at this signal-to-noise ratio to every recording.",
            ),
            click.option(
                "--noise",
                type=click.Choice(list(KINDS)),
                help="Its kind; white and pink are Gaussian. Default: white.",
            ),
            TEST_DATA,
            reading_options,
            click.option(
                "--seed",
                type=SEED,
                default=1,
                show_default=True,
                help="Of added noise and synthetic signals.",
            ),
            click.option(
                "--input-scale",
                type=Finite(min=0, min_open=True, max=1e12),
                metavar="X",
                help="The network takes the sensor's value (g) times this. Default: the "
                "checkpoint's, else one over the RMS of the training part at the chosen SNR.",
            ),
        ]
    )(function)
