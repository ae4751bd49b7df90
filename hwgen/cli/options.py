"""Options that several commands share, in groups."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from hwgen import targets
from hwgen.designs.goals import CLOCKS, GOALS
from hwgen.flow.designs import AREA_DSP, TWIDDLES
from hwgen.flow.options import (
    DataOptions,
    GeometryOptions,
    HardwareOptions,
    Settings,
)
from hwgen.importers import BINS
from hwgen.quantized import Precision
from hwgen.quantized.magnitude import MAGNITUDES
from hwgen.quantized.precision import TRANSFORMS
from hwgen.signals import Reading
from hwgen.signals.reading import UNITS
from hwgen.signals.synthetic import CHANNELS

_LEAST_DSP = " or ".join(str(family.least_dsp) for family in targets.families().values())

F = TypeVar("F", bound=Callable[..., Any])

CHECKPOINT = click.argument("checkpoint", type=click.Path(path_type=Path))
BUILD = click.argument("build", type=click.Path(path_type=Path))
PORT = click.option(
    "--port",
    required=True,
    metavar="PORT|virtual",
    help="Serial port of the board, such as /dev/ttyUSB0; virtual: the board in a simulator.",
)
LINK_BAUD = click.option(
    "--baud", type=click.IntRange(300, 12_000_000), help="Of the line. Default: the build's."
)


class Finite(click.FloatRange):
    """A number in a range; click's own takes NaN for one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


POSITIVE = Finite(min=0, min_open=True, max=1e12)
SNR = Finite(-100, 100)
SAMPLE_RATE = Finite(min=0, min_open=True)
CLOCK = Finite(1, 1000)
SEED = click.IntRange(0, 2**63 - 1)
TIMEOUT = click.option(
    "--timeout",
    type=Finite(min=0.1, max=3600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Silence of the board after which it is asked again.",
)


def _apply(options: list[Callable[[F], F]]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _names(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    """Return the names in a list with commas."""
    del context, parameter
    return None if text is None else tuple(name.strip() for name in text.split(","))


def reading_options(function: F) -> F:
    """Add what says how recordings are to be read; `reading_from` takes it back."""
    return _apply(
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
                callback=_names,
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
    names = [each.name for each in dataclasses.fields(Reading)]
    return Reading(**{name: values.pop(name) for name in names if name in values})


def data_options(function: F) -> F:
    """Add what says where windows come from."""
    return _apply(
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
                help="Add white noise at this signal-to-noise ratio to every recording.",
            ),
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


def geometry_options(function: F) -> F:
    """Add what a bare state_dict does not say."""
    return _apply(
        [
            click.option(
                "--window",
                type=int,
                metavar="N",
                help="Samples a window, where a bare state_dict leaves that open.",
            ),
            click.option("--stride", type=int, metavar="N", help="Of conv1. Default: 8."),
            click.option(
                "--padding", type=int, metavar="N", help="Of conv1. Default: (kernel - stride) / 2."
            ),
            click.option("--pool", type=int, metavar="N", help="Size of the max-pool. Default: 2."),
            click.option(
                "--bins",
                type=click.Choice(BINS),
                help="Order of the spectrum's bins that the network takes: N/2 down to 1 (default) "
                "or 1 up to N/2.",
            ),
            click.option(
                "--outputs",
                metavar="N,...",
                help="The network's output for each class, in the order of the classes. "
                "Default: 0,1,2,...",
            ),
            click.option(
                "--weights-from",
                metavar="KEY",
                help="Which network of a checkpoint that holds several, such as ema.",
            ),
        ]
    )(function)


def bits_options(function: F) -> F:
    """Add widths and methods of the fixed-point network."""
    defaults = Precision()
    return _apply(
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
                type=Finite(min=0, min_open=True, max=1e9),
                metavar="G",
                help="Sensor value at the ADC's positive end. Default: "
                f"{defaults.full_scale:g} g; a step for each count of recordings in counts; 1 for "
                "shares of full scale (WAV).",
            ),
            click.option(
                "--magnitude",
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
            f"bits_{name}",
            type=int,
            default=getattr(defaults, name),
            show_default=True,
            help=f"Width of {text}.",
        )
        for name, text in names.items()
    ]


def tuning_options(function: F) -> F:
    """Add what makes the integer network cheaper."""
    return _apply(
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


def target_options(function: F) -> F:
    """Add what decides how much hardware a network takes."""
    defaults = HardwareOptions()
    return _apply(
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
    return _apply(
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


def hardware_options(function: F) -> F:
    """Add the design point."""
    defaults = HardwareOptions()
    return _apply(
        [
            target_options,
            click.option(
                "--clock-mhz",
                type=CLOCK,
                help="Clock that the board's PLL makes for the design. Default: "
                f"{defaults.clock_mhz:g}; "
                + ", ".join(f"{mhz:g} for {goal}" for goal, mhz in CLOCKS.items())
                + ".",
            ),
            click.option(
                "--seeds",
                default=",".join(map(str, defaults.seeds)),
                show_default=True,
                help="Of the placer, tried in order until one meets the clock.",
            ),
            click.option(
                "--baud",
                type=click.IntRange(300, 12_000_000),
                default=defaults.baud,
                show_default=True,
                help="Of the board's serial link.",
            ),
            sensor_options,
        ]
    )(function)


def sensor_options(function: F) -> F:
    """Add the board's own sensor, and what is made of its windows."""
    defaults = HardwareOptions()
    return _apply(
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
                default="",
                metavar="NAME,...",
                help="Classes that raise no alarm. Default: those named normal, healthy, none, "
                "good or baseline, else the first.",
            ),
        ]
    )(function)


def settings_from(checkpoint: Path, values: dict[str, Any]) -> Settings:
    """Return the settings that parsed options mean; options that a command lacks keep defaults."""
    bits = {key.removeprefix("bits_"): v for key, v in values.items() if key.startswith("bits_")}
    bits |= {k: values[k] for k in ("full_scale", "magnitude") if values.get(k) is not None}
    hardware: dict[str, Any] = {
        key: values[key]
        for key in (
            "board", "parallel", "dsp", "baud", "goal", "latency_us", "windows_per_second", "fit",
            "transform", "hop", "source", "sensor_rate", "vote", "unknown",
        )
        if key in values
    }  # fmt: skip
    clock = values.get("clock_mhz") or CLOCKS.get(values.get("goal") or "")
    if clock is not None:
        hardware["clock_mhz"] = clock
    for key in ("normal", "unroll"):
        if values.get(key):
            hardware[key] = tuple(name.strip() for name in values[key].split(","))
    if "seeds" in values:
        hardware["seeds"] = parse_seeds(values["seeds"])
    data: dict[str, Any] = {
        key: values[key]
        for key in (
            "data", "snr_db", "seed", "input_scale",
            "channel", "sample_rate", "unit", "offset", "class_from",
        )
        if key in values
    }  # fmt: skip
    data["channels"] = values.get("channels") or ()
    if data.get("offset", 0.0) is None:
        del data["offset"]
    if data.get("data") == "":
        raise click.BadParameter("must name a folder", param_hint="--data")
    if data.get("data") not in (None, "synthetic"):
        data["data"] = str(Path(data["data"]).resolve())
    geometry: dict[str, Any] = {
        key: values.get(key)
        for key in ("window", "stride", "padding", "pool", "bins", "weights_from")
    }
    outputs = values.get("outputs")
    if outputs is not None:
        geometry["outputs"] = _numbers(outputs, "--outputs")
    return Settings(
        checkpoint=str(checkpoint.resolve()),
        data=DataOptions(**data),
        geometry=GeometryOptions(**geometry),
        bits=Precision(**bits),
        own_scale=values.get("full_scale", 0) is None,
        **{
            key: values[key]
            for key in ("twiddle", "calibration", "rounding", "max_drop", "qat")
            if key in values
        },
        hardware=HardwareOptions(**hardware),
    )


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return the numbers in a text like ``1,2,3``."""
    return _numbers(text, "--seeds")


def _numbers(text: str, option: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(
            f"must be numbers with commas between, not {text!r}", param_hint=option
        ) from None
