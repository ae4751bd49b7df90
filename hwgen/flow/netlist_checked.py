"""What a comparison of the core's netlist with the golden model found: the stage's record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from hwgen.flow.stage import DesignResult
from hwgen.targets import Cells


@dataclass(frozen=True)
class NetlistChecked(DesignResult):
    """A netlist that was run beside the golden model.

    Parameters
    ----------
    basis
        What this holds for (`hwgen.flow.netlist.basis`).
    windows, mismatches
        How many were compared, and how many of them differ.
    core
        Cells of the core by itself.
    """

    basis: Mapping[str, Any]
    windows: int
    mismatches: int
    core: Cells

    def section(self) -> dict[str, Any]:
        """Return the report's ``netlist``."""
        return {
            "windows": self.windows,
            "mismatches": self.mismatches,
            "core": self.core.to_json(),
        }

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {"basis": dict(self.basis)} | self.section()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(value["basis"], value["windows"], value["mismatches"], Cells(value["core"]))
