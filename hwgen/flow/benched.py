"""What a board was measured to do: the record of the benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from hwgen.flow.stage import DesignResult
from hwgen.link import Benchmark


@dataclass(frozen=True)
class Benched(DesignResult):
    """A build that was on a board.

    Parameters
    ----------
    basis
        What this holds for (`hwgen.flow.generate.basis`).
    found
        What was measured: the report's ``bench``.
    """

    basis: Mapping[str, Any]
    found: Benchmark

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return self.found.to_json() | {"basis": dict(self.basis)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(value["basis"], Benchmark.from_json(value))
