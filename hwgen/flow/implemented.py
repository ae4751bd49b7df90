"""What became of the board top on its chip: the record of synthesis, placing and routing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from hwgen.flow.stage import DesignResult
from hwgen.synth.plan import SynthResult
from hwgen.targets import Cells


@dataclass(frozen=True)
class Routed:
    """The report's ``timing``: the clock that is asked for, and what the routed design reaches.

    Parameters
    ----------
    target_mhz, fmax_mhz
        Both clocks.
    met
        Whether the target is met.
    seed
        Of the placer.
    """

    target_mhz: float
    fmax_mhz: float
    met: bool
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dict(vars(self))


@dataclass(frozen=True)
class Implemented(DesignResult):
    """A board top that was routed.

    Parameters
    ----------
    basis
        What this holds for (`hwgen.flow.implement.basis`).
    cells
        That it takes, by the report's names.
    available
        What the chip has.
    timing
        Clocks.
    tools
        Version of each.
    clock_mhz
        What the PLL makes.
    bitstream
        Name of the file; None where the clock is missed.
    core
        Cells of the accelerator by itself; None unless a small one was wanted.
    notices
        What the user must know.
    """

    basis: Mapping[str, Any]
    cells: Cells
    available: Cells
    timing: Routed
    tools: Mapping[str, str]
    clock_mhz: float
    bitstream: str | None
    core: Cells | None = None
    notices: tuple[str, ...] = ()

    @property
    def again(self) -> Sequence[str]:
        """What the user must know."""
        return self.notices

    @classmethod
    def of(
        cls,
        result: SynthResult,
        basis: Mapping[str, Any],
        *,
        clock_mhz: float,
        core: Cells | None,
    ) -> Self:
        """Return the record of what the tools made."""
        return cls(
            basis=basis,
            cells=result.cells,
            available=result.available,
            timing=Routed(result.target_mhz, result.fmax_mhz, result.met, result.seed),
            tools=result.tools,
            clock_mhz=clock_mhz,
            bitstream=None if result.bitstream is None else result.bitstream.name,
            core=core,
            notices=result.notices,
        )

    def sections(self) -> dict[str, Any]:
        """Return the report's ``resources``, ``timing`` and, where there is one, ``core``."""
        return {
            "resources": {**self.cells.to_json(), "available": self.available.to_json()},
            "timing": self.timing.to_json(),
        } | ({} if self.core is None else {"core": self.core.to_json()})

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return (
            self.sections()
            | {
                "tools": dict(self.tools),
                "basis": dict(self.basis),
                "clock_mhz": self.clock_mhz,
                "bitstream": self.bitstream,
            }
            | ({"notices": list(self.notices)} if self.notices else {})
        )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        cells = dict(value["resources"])
        return cls(
            basis=value["basis"],
            available=Cells(cells.pop("available")),
            cells=Cells(cells),
            timing=Routed(**value["timing"]),
            tools=value["tools"],
            clock_mhz=value["clock_mhz"],
            bitstream=value["bitstream"],
            core=Cells(value["core"]) if "core" in value else None,
            notices=tuple(value.get("notices", ())),
        )
