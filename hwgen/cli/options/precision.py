"""Widths and methods of the fixed-point network."""

from __future__ import annotations

from collections.abc import Callable

import click

from hwgen.cli.options.values import F, Finite, together
from hwgen.flow.designs import TWIDDLES
from hwgen.quantized import Precision
from hwgen.quantized.magnitude import MAGNITUDES

BITS = "bits_"
"""How the names of parameters begin that are fields of `Precision`."""


def bits_options(function: F) -> F:
    """Add widths and methods of the fixed-point network."""
    defaults = Precision()
    return together(
        [
            *_width_options(defaults),
            click.option(
                "--twiddle-bits",
                "twiddle",
                type=int,
                help="Width of the transform's factors. Default: "
                + ", ".join(f"{bits} for the {name.upper()}" for name, bits in TWIDDLES.items())
                + ".",
            ),
            click.option(
                "--full-scale",
                f"{BITS}full_scale",
                type=Finite(min=0, min_open=True, max=1e9),
                metavar="G",
                help="Sensor value at the ADC's positive end. Default: "
                f"{defaults.full_scale:g} g; a step for each count of recordings in counts; 1 for "
                "shares of full scale (WAV).",
            ),
            click.option(
                "--magnitude",
                f"{BITS}magnitude",
                type=click.Choice(list(MAGNITUDES)),
                default=defaults.magnitude,
                show_default=True,
                help="Approximation of the spectrum's magnitude.",
            ),
            click.option(
                "--calibration",
                type=click.Choice(["auto", "mse", "max", "percentile"]),
                default="auto",
                show_default=True,
                help="How ranges are chosen from data. auto: what measures best.",
            ),
            click.option(
                "--rounding",
                type=click.Choice(["auto", "nearest", "compensated"]),
                default="auto",
                show_default=True,
                help="How weights become integers: each to its nearest; or so that the errors of "
                "a row make up for each other, the bias included. auto: what measures best.",
            ),
        ]
    )(function)


def _width_options(defaults: Precision) -> list[Callable[[F], F]]:
    """Return an option for each width that has a default of its own."""
    names = {
        "adc": "ADC samples",
        "feature": "spectrum magnitudes",
        "conv_weight": "convolution weights",
        "activation": "values between layers",
        "dense_weight": "dense weights",
        "data": "the transform's data",
    }
    return [
        click.option(
            f"--{name.replace('_', '-')}-bits",
            f"{BITS}{name}",
            type=int,
            default=getattr(defaults, name),
            show_default=True,
            help=f"Width of {text}.",
        )
        for name, text in names.items()
    ]


def tuning_options(function: F) -> F:
    """Add what makes the integer network cheaper."""
    return together(
        [
            click.option(
                "--max-drop",
                type=Finite(min=0, max=100),
                metavar="PP",
                help="Find the cheapest widths, none above those given, that cost at most so many "
                "percentage points of F1 on the last fifth of the training part.",
            ),
            click.option(
                "--qat",
                is_flag=True,
                help="Fine-tune the weights for their integers (quantization-aware training).",
            ),
        ]
    )(function)
