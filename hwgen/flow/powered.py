"""What a build is expected to take of power: the record of the estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from hwgen.flow.stage import DesignResult
from hwgen.synth.estimate import Band, total


@dataclass(frozen=True)
class Mode:
    """What the chip takes while windows come at a rate.

    Parameters
    ----------
    windows_per_second
        The rate of answers.
    duty
        Of the rate at which they come as fast as they can.
    milliwatts
        By kind.
    """

    windows_per_second: float
    duty: float
    milliwatts: Mapping[str, Band]

    @property
    def total(self) -> Band:
        """Milliwatts of all kinds."""
        return total(self.milliwatts.values())

    @property
    def joules(self) -> Band:
        """Of an answer, all that the chip takes until the next one with it."""
        return self.total * (1e-3 / self.windows_per_second)

    def to_json(self) -> dict[str, Any]:
        """Return the fields, and what follows from them, as a JSON object."""
        return {
            "windows_per_second": self.windows_per_second,
            "duty": self.duty,
            "milliwatts": {kind: band.to_json() for kind, band in self.milliwatts.items()},
            "total_milliwatts": self.total.to_json(),
            "joules": self.joules.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        bands = {kind: Band.from_json(band) for kind, band in value["milliwatts"].items()}
        return cls(value["windows_per_second"], value["duty"], bands)


@dataclass(frozen=True)
class Powered(DesignResult):
    """An estimate of power; no measurement.

    Parameters
    ----------
    basis
        What this holds for (`hwgen.flow.generate.basis`).
    windows
        Answers of the netlist over which activity was counted.
    device
        The chip.
    clock_mhz
        What the PLL makes.
    registers
        Flip-flops that the clock reaches: of the routed board top, or of the core alone.
    sample_rate
        Hz, of the sensor.
    own_joules
        Of an answer, what switches for it beyond a chip that is on anyway.
    busy, sensor
        Windows as fast as the design takes them, and at the sensor's rate.
    """

    basis: Mapping[str, Any]
    windows: int
    device: str
    clock_mhz: float
    registers: int
    sample_rate: float
    own_joules: Band
    busy: Mode
    sensor: Mode

    def section(self) -> dict[str, Any]:
        """Return the report's ``power``."""
        return {
            "estimate": True,
            "windows": self.windows,
            "device": self.device,
            "clock_mhz": self.clock_mhz,
            "registers": self.registers,
            "sample_rate": self.sample_rate,
            "own_joules": self.own_joules.to_json(),
            "busy": self.busy.to_json(),
            "sensor": self.sensor.to_json(),
        }

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {"basis": dict(self.basis)} | self.section()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(
            value["basis"],
            value["windows"],
            value["device"],
            value["clock_mhz"],
            value["registers"],
            value["sample_rate"],
            Band.from_json(value["own_joules"]),
            Mode.from_json(value["busy"]),
            Mode.from_json(value["sensor"]),
        )
