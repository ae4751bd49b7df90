"""What a comparison of the Verilog with the golden model found: the stage's record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from hwgen.flow.stage import DesignResult
from hwgen.verify import Verification


@dataclass(frozen=True)
class Verified(DesignResult):
    """Verilog that was run beside the golden model.

    Parameters
    ----------
    basis
        What this holds for (`hwgen.flow.check.basis`).
    found
        What was compared, and the cycles that were measured.
    corner_windows
        How many of the windows are made up of extremes.
    notices
        What the user must know.
    brief
        Whether windows were run back to back alone (`hwgen.flow.check.check_briefly`).
    """

    basis: Mapping[str, Any]
    found: Verification
    corner_windows: int
    notices: tuple[str, ...] = ()
    brief: bool = False

    @property
    def again(self) -> Sequence[str]:
        """What the user must know."""
        return self.notices

    def section(self) -> dict[str, Any]:
        """Return the report's ``verification``."""
        found = self.found
        return {
            "simulator": found.simulator,
            "windows": found.windows,
            "mismatches": found.mismatches,
            "corner_windows": self.corner_windows,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        said = {
            "basis": dict(self.basis),
            "corner_windows": self.corner_windows,
            "notices": list(self.notices),
        }
        return self.found.to_json() | said | ({"brief": True} if self.brief else {})

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote; an older hwgen had no notices."""
        return cls(
            value["basis"],
            Verification.from_json(value),
            value["corner_windows"],
            tuple(value.get("notices", ())),
            value.get("brief", False),
        )
