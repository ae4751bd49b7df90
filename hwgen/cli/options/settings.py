"""The settings that parsed options mean."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from hwgen.boards import find_board
from hwgen.cli.options.precision import BITS
from hwgen.flow import usual
from hwgen.flow.groups import Options, option_fields, options_of
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import AlarmOptions, DataOptions, GeometryOptions, Settings
from hwgen.quantized import Precision


def settings_from(checkpoint: Path, values: dict[str, Any]) -> Settings:
    """Return the settings that parsed options mean; options that a command lacks keep defaults.

    An option is a field of the same name, of the group that has it.
    """
    given = {name: value for name, value in values.items() if value is not None}
    widths = [name for name in given if name.startswith(BITS)]
    bits = {name.removeprefix(BITS): given.pop(name) for name in widths}
    hardware = _taken(HardwareOptions, given)
    board = find_board(hardware.board)  # an unknown one is told before the work
    told = {name: values.get(name) for name in ("clock_mhz", "baud")}
    hardware = usual.on(board, hardware, **told)
    data, geometry = _placed(_taken(DataOptions, given)), _taken(GeometryOptions, given)
    settings = Settings(
        checkpoint=str(checkpoint.resolve()),
        data=data,
        geometry=geometry,
        alarm=_taken(AlarmOptions, given),
        bits=Precision(**bits),
        hardware=hardware,
        own_scale=values.get(f"{BITS}full_scale", 0) is None,
        **_named(Settings, given),
    )
    assert not given, f"no settings have {', '.join(given)}"
    return settings


def _taken(kind: type[Options], given: dict[str, Any]) -> Options:
    """Return a group of options, and take what is its own out of `given`."""
    return options_of(kind, _named(kind, given))


def _named(kind: type, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a kind that there are, taken out of `given`."""
    return {name: given.pop(name) for name in option_fields(kind) if name in given}


def _placed(data: DataOptions) -> DataOptions:
    """Return the options with the folder's whole path."""
    if data.data == "":
        raise click.BadParameter("must name a folder", param_hint="--data")
    if "" in data.test_data:
        raise click.BadParameter("must name a folder", param_hint="--test-data")
    others = tuple(str(Path(each).resolve()) for each in data.test_data)
    data = dataclasses.replace(data, test_data=others)
    if data.data in (None, "synthetic"):
        return data
    return dataclasses.replace(data, data=str(Path(data.data).resolve()))
