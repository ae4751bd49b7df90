"""A function of each value by itself: sigmoid, tanh and the like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from hwgen.errors import InputError
from hwgen.network.functions import FUNCTIONS, USUAL_SLOPE
from hwgen.network.layer import Floats, Layer, Shape, usual


@dataclass(frozen=True)
class Table(Layer):
    """``function(x)``, element by element.

    Parameters
    ----------
    function
        A key of `hwgen.network.functions.FUNCTIONS`.
    slope
        Of a leaky ReLU below zero, or an ELU's alpha; None: torch's default.
    """

    op: ClassVar[str] = "table"
    function: str
    slope: float | None = usual(None)

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise InputError(f"{self.name} function must be one of {known}, not {self.function!r}")
        if self.slope is None:
            return
        if self.function not in USUAL_SLOPE:
            raise InputError(f"{self.name} slope must be that of {' or '.join(USUAL_SLOPE)}")
        if not isinstance(self.slope, int | float) or not math.isfinite(self.slope):
            raise InputError(f"{self.name} slope must be a number, not {self.slope!r}")

    def output_shape(self, shape: Shape) -> Shape:
        """Any shape -> the same."""
        return shape

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, *shape)``."""
        usual_slope = USUAL_SLOPE.get(self.function, 0.0)
        return FUNCTIONS[self.function](x, usual_slope if self.slope is None else self.slope)


LAYER = Table
