"""Options of commands mean settings: none is lost on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from hwgen.cli import build, demo, quantize, synth
from hwgen.cli.main import group
from hwgen.cli.options.settings import settings_from
from hwgen.flow.groups import values_of
from hwgen.flow.options import Settings

OTHERS = {"checkpoint", "output", "no_netlist", "help"}
"""Parameters that are no settings of their own group."""

VALUES = {
    "--board": "ulx3s-12f", "--parallel": "2", "--unroll": "conv1,pool1", "--dsp": "3",
    "--weights": "flash",
    "--goal": "area", "--latency-us": "5", "--windows-per-second": "7", "--transform": "dft",
    "--hop": "16", "--clock-mhz": "31", "--seeds": "4,5", "--baud": "9600", "--source": "mcp3201",
    "--sensor-rate": "24000", "--vote": "2/3", "--unknown": "3", "--normal": "a, b",
    "--data": "synthetic", "--snr": "3", "--channel": "2", "--channels": "a,b",
    "--sample-rate": "8000", "--unit": "m/s2", "--offset": "2", "--class-from": "x", "--seed": "9",
    "--input-scale": "2", "--adc-bits": "9", "--feature-bits": "9", "--conv-weight-bits": "9",
    "--activation-bits": "9", "--dense-weight-bits": "9", "--data-bits": "17",
    "--twiddle-bits": "9", "--full-scale": "4", "--magnitude": "max-3/8", "--calibration": "mse",
    "--rounding": "nearest", "--max-drop": "1", "--window": "256", "--stride": "4",
    "--padding": "3", "--pool": "4", "--bins": "ascending", "--outputs": "1,0",
    "--weights-from": "ema", "--quantizers": "drop", "--front-end": "fft", "--fft-scale": "1/N",
    "--prepare": "z-score", "--answer": "values", "--part": "front", "--noise": "pink",
    "--test-data": "elsewhere", "--healthy": "good", "--threshold": "3", "--false-alarms": "0.02",
    "--contamination": "0.1", "--learn": "600",
}  # fmt: skip
FLAGS = {"--fit", "--qat", "--quick"}


def asked(command: click.Command, given: list[str]) -> dict[str, Any]:
    """Return what a command makes of arguments.

    As a part of hwgen: a command keeps the options for help of the first that asks for it.
    """
    with click.Context(group, **group.context_settings) as parent:
        return command.make_context("x", given, parent=parent).params


def settings(command: click.Command, *arguments: str) -> Settings:
    given = ["-o", "out", *arguments]
    if any(isinstance(one, click.Argument) for one in command.params):
        given.insert(0, "ckpt.pt")
    parsed = asked(command, given)
    return settings_from(
        Path("ckpt.pt"), {name: value for name, value in parsed.items() if name not in OTHERS}
    )


def flat(value: Settings) -> dict:
    """Return all options with the group in front."""
    found = values_of(value)
    groups = {name: found.pop(name) for name in ("data", "geometry", "alarm", "bits", "hardware")}
    return found | {
        f"{name}.{inner}": each
        for name, group in groups.items()
        for inner, each in values_of(group).items()
    }


def options_of(command: click.Command) -> list[str]:
    options = [one for one in command.params if isinstance(one, click.Option)]
    return [one.opts[0] for one in options if one.name not in OTHERS]


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (command, option)
        for command in (build.command, quantize.command, demo.command)
        for option in options_of(command)
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_every_option_changes_one_setting(command, option):
    plain = flat(settings(command))
    asked = [option] if option in FLAGS else [option, VALUES[option]]
    chosen = flat(settings(command, *asked))
    changed = {name for name in plain if plain[name] != chosen[name]}
    # A full scale that is given is not that of the recordings; a goal has a clock.
    also = {"--full-scale": {"own_scale"}, "--goal": {"hardware.clock_mhz"}}.get(option, set())
    assert len(changed - also) == 1, changed
    assert also <= changed


def test_lists_are_split():
    found = settings(build.command, "--normal", "a, b", "--seeds", "4,5", "--outputs", "1,0")
    assert found.hardware.sensor.normal == ("a", "b")
    assert found.hardware.seeds == (4, 5)
    assert found.geometry.outputs == (1, 0)
    assert settings(build.command, "--normal", "", "--unroll", "") == settings(build.command)


@pytest.mark.parametrize(
    ("command", "option"),
    [(build.command, "--seeds"), (build.command, "--outputs"), (synth.command, "--seeds")],
)
def test_a_list_of_numbers_that_is_none(command, option):
    with pytest.raises(click.BadParameter, match="numbers with commas between, not '1,x'") as told:
        asked(command, ["here", option, "1,x"])
    assert told.value.format_message().startswith(f"Invalid value for {option}: ")


def test_a_goal_has_a_clock_unless_one_is_given():
    assert settings(build.command, "--goal", "area").hardware.clock_mhz == 50
    given = settings(build.command, "--goal", "area", "--clock-mhz", "40")
    assert given.hardware.clock_mhz == 40


def test_a_value_that_no_settings_have_is_a_programmers_mistake():
    with pytest.raises(AssertionError, match="no settings have colour"):
        settings_from(Path("ckpt.pt"), {"colour": "red"})
