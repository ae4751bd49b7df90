"""What a proof is made of, so that a list of them can be run, tested and written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwgen import share
from hwgen.boards import find_board
from tests.formal.prover import LIMIT_S, Bench, Outcome, prove


@dataclass(frozen=True)
class Proof:
    """Claims about one component, at one choice of parameters.

    Parameters
    ----------
    name
        Short and unique.
    covers
        Names of the components that the claims are about.
    claim
        What is proven, for the documentation.
    parameters
        Of the component, for the documentation.
    build
        Makes the bench.
    depth
        Cycles of the bounded proof.
    induction
        The k of k-induction; None where it does not close, or is not needed.
    ecp5
        Whether the component is elaborated for the ECP5, its cells as ``sim/ecp5_cells.v`` says.
    cut, arrays, stride
        As of `prove`.
    slow
        Whether only `make prove` runs it.
    """

    name: str
    covers: tuple[str, ...]
    claim: str
    parameters: str
    build: Callable[[], Bench]
    depth: int
    induction: int | None = None
    ecp5: bool = False
    cut: str = ""
    arrays: bool = False
    stride: int = 1
    slow: bool = False

    @property
    def method(self) -> str:
        """How far it reaches, in words."""
        if self.depth == 1:
            return "all inputs"
        bounded = f"all inputs of {self.depth} cycles"
        return bounded if self.induction is None else f"for ever (induction, k = {self.induction})"

    def run(self, folder: Path, limit: float = LIMIT_S) -> Outcome:
        """Prove it, in a folder for the tools' files, within so many seconds."""
        platform: Any = find_board("ulx3s-25f").platform() if self.ecp5 else None
        return prove(
            self.build(),
            folder,
            self.depth,
            induction=self.induction,
            platform=platform,
            models=share.folder("sim") / "ecp5_cells.v" if self.ecp5 else None,
            cut=self.cut,
            arrays=self.arrays,
            stride=self.stride,
            limit=limit,
        )
