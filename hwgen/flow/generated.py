"""What the generator knows of an accelerator: the record that the stages behind it read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from hwgen.flow.stage import DesignResult
from hwgen.plans.timing import Timing
from hwgen.targets import Cells

if TYPE_CHECKING:
    from hwgen.plans.design import Design


@dataclass(frozen=True)
class Estimate:
    """The report's ``estimate``: cells that are to be expected.

    Parameters
    ----------
    core
        Of the core by itself.
    board
        Of the top of a board that a host feeds; None where that is not what is built.
    """

    core: Cells
    board: Cells | None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        board = None if self.board is None else self.board.to_json()
        return {"core": self.core.to_json(), "board": board}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        board = value["board"]
        return cls(Cells(value["core"]), None if board is None else Cells(board))


@dataclass(frozen=True)
class Generated(DesignResult):
    """An accelerator that was generated.

    Parameters
    ----------
    basis
        What it was generated for (`hwgen.flow.generate.basis`).
    design
        The design point.
    timing
        By the plan: cycles that simulation measures.
    hop
        Samples from one window to the next.
    transform
        What it does with samples, in a word.
    utilisation
        Products of the network for each multiplier and cycle; None without an array, or of an
        older hwgen's build.
    estimate
        Cells that are to be expected, of the top of a board that a host feeds; None of an older
        hwgen's build.
    weights
        The report's ``weights``; None where all are on chip.
    """

    basis: Mapping[str, Any]
    design: Design
    timing: Timing
    hop: int
    transform: str
    utilisation: float | None = None
    estimate: Estimate | None = None
    weights: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        estimate = {} if self.estimate is None else {"estimate": self.estimate.to_json()}
        weights = {} if self.weights is None else {"weights": dict(self.weights)}
        return (
            estimate
            | weights
            | {
                "basis": dict(self.basis),
                "design": self.design.to_json(),
                "transform": self.transform,
                "utilisation": self.utilisation,
                "latency": self.timing.latency,
                "interval": self.timing.interval,
                "pause": self.timing.pause,
                "hop": self.hop,
                "breakdown": dict(self.timing.breakdown),
                **({"closed": self.timing.closed} if self.timing.closed else {}),
            }
        )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        from hwgen.plans.design import Design

        timing = Timing(
            value["latency"],
            value["interval"],
            value["pause"],
            breakdown=tuple(value["breakdown"].items()),
            closed=value.get("closed", 0),
        )
        return cls(
            basis=value["basis"],
            design=Design.from_json(value["design"]),
            timing=timing,
            hop=value["hop"],
            transform=value["transform"],
            utilisation=value.get("utilisation"),
            estimate=Estimate.from_json(value["estimate"]) if value.get("estimate") else None,
            weights=value.get("weights"),
        )
