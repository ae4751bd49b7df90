"""What a user asks of a build."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hwgen import files
from hwgen.errors import InputError
from hwgen.quantized import Bits

SETTINGS = "settings.json"
SMALLEST_DSP = 28
"""DSP cells of the smallest chip: what a design uses at most unless told otherwise."""


@dataclass(frozen=True)
class DataOptions:
    """Where windows come from.

    Parameters
    ----------
    data
        Folder of recordings, ``"synthetic"``, or None: what the checkpoint carries, else synthetic.
    snr_db
        White noise that is added to each part after the split; None for none.
    channel
        Pattern of the channel's name.
    sample_rate
        Hz of recordings that do not say.
    seed
        Of noise and synthetic signals.
    input_scale
        Multiplier of the network's input; None: the checkpoint's, else one over the RMS.
    """

    data: str | None = None
    snr_db: float | None = None
    channel: str = "DE"
    sample_rate: float | None = None
    seed: int = 1
    input_scale: float | None = None


@dataclass(frozen=True)
class GeometryOptions:
    """What a bare state_dict does not say; None: inferred."""

    window: int | None = None
    stride: int | None = None
    padding: int | None = None
    pool: int | None = None


@dataclass(frozen=True)
class HardwareOptions:
    """The design point.

    Parameters
    ----------
    board
        Name or alias.
    parallel
        Multipliers of the MAC array; None: what keeps up with a sample a cycle.
    dsp
        DSP cells that the whole design may use.
    clock_mhz
        Target of the PLL.
    seeds
        Of the placer, tried in this order.
    baud
        Of the board's serial link.
    """

    board: str = "ecp5"
    parallel: int | None = None
    dsp: int = SMALLEST_DSP
    clock_mhz: float = 100.0
    seeds: tuple[int, ...] = (1, 2, 3)
    baud: int = 1_000_000


@dataclass(frozen=True)
class Settings:
    """All that a build was asked for; kept in its folder, so that each stage runs alone."""

    checkpoint: str
    data: DataOptions = field(default_factory=DataOptions)
    geometry: GeometryOptions = field(default_factory=GeometryOptions)
    bits: Bits = field(default_factory=Bits)
    calibration: str = "mse"
    hardware: HardwareOptions = field(default_factory=HardwareOptions)
    verify_windows: int = 120

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Settings:
        """Return the settings that `to_json` wrote; `InputError` if they are damaged."""
        try:
            hardware = dict(value["hardware"])
            hardware["seeds"] = tuple(hardware["seeds"])
            return cls(
                checkpoint=value["checkpoint"],
                data=DataOptions(**value["data"]),
                geometry=GeometryOptions(**value["geometry"]),
                bits=Bits(**value["bits"]),
                calibration=value["calibration"],
                hardware=HardwareOptions(**hardware),
                verify_windows=value["verify_windows"],
            )
        except (KeyError, TypeError) as error:
            raise InputError(f"{SETTINGS} is damaged: {error!r}; build again") from error


def read_settings(build: Path) -> Settings:
    """Return the settings of a build's folder.

    Raises
    ------
    InputError
        If it is not one: says which command makes one.
    """
    path = build / SETTINGS
    if not path.is_file():
        raise InputError(
            f"{build} must be the folder of a build, with a {SETTINGS}; "
            f"make one with: hwgen build CHECKPOINT --board ecp5 -o {build}"
        )
    return Settings.from_json(files.read_json(path))
