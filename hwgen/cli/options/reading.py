"""How recordings are to be read."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from hwgen.cli.options.values import SAMPLE_RATE, F, Finite, names, together
from hwgen.signals import Reading
from hwgen.signals.reading import UNITS
from hwgen.signals.synthetic import CHANNELS


def reading_options(function: F) -> F:
    """Add what says how recordings are to be read; `reading_from` takes it back."""
    return together(
        [
            click.option(
                "--channel",
                metavar="NAME|N",
                help="Name, words of a name or number of the channel, where a file holds several. "
                "Default: the only one, or DE.",
            ),
            click.option(
                "--channels",
                metavar="all|NAME,...",
                callback=names,
                help="Several channels, for a network that takes several: names or numbers as "
                "for --channel, in the network's order. Of synthetic signals: "
                f"{', '.join(CHANNELS)}.",
            ),
            click.option(
                "--sample-rate",
                type=SAMPLE_RATE,
                metavar="HZ",
                help="Of the recordings; overrules what they say.",
            ),
            click.option(
                "--unit",
                type=click.Choice(UNITS),
                help="Of the samples in the files. Default: what they say, else g. counts: samples "
                "stay the converter's counts, less --offset; --full-scale is then in counts too.",
            ),
            click.option(
                "--offset",
                type=Finite(-1e12, 1e12),
                help="Subtracted from every sample, in the files' unit. Default: nothing.",
            ),
            click.option(
                "--class-from",
                metavar="REGEX",
                help="A file's class is what this finds in its path below DIR: its groups, joined "
                "by _, or the whole match. Files without are passed over.",
            ),
        ]
    )(function)


def reading_from(values: dict[str, Any]) -> Reading:
    """Return how recordings are to be read, and take that out of `values`."""
    fields = [each.name for each in dataclasses.fields(Reading)]
    return Reading(**{name: values.pop(name) for name in fields if name in values})
