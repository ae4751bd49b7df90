"""Functions of single numbers that several ONNX nodes spell out together.

Exporters write a SiLU as a sigmoid and a product, a GELU as an error function between sums and
products. They are told by what they compute: on a grid, against each function that hwgen has.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hwgen.network import Floats
from hwgen.network.functions import FUNCTIONS, USUAL_SLOPE

Number = Callable[[Floats], Floats]

Origin = tuple[int, str]
"""A node's number, and what it is called: its op and its name."""

_FAR = np.concatenate([-np.logspace(1.5, 6.0, 40), np.logspace(1.5, 6.0, 40)])
_GRID = np.concatenate([np.linspace(-30.0, 30.0, 1201), np.linspace(-4.0, 4.0, 801), _FAR])
_SAME = 2e-5
"""Of the largest value: constants in files are of single precision."""


@dataclass(frozen=True)
class Curve:
    """A function of a value's numbers.

    Parameters
    ----------
    whole
        Of the value.
    last, inner
        What is done last, and to what; None where nothing is done.
    parts
        Of what is done last: the op that joins two functions, and these; None where it is no such.
    origin
        The node that does it; None for none of the file's.
    """

    whole: Number
    last: Number | None = None
    inner: Curve | None = None
    parts: tuple[str, Curve, Curve] | None = None
    origin: Origin | None = None

    def then(self, last: Number, origin: Origin | None = None) -> Curve:
        """Return the function followed by another."""
        whole = self.whole
        return Curve(lambda x: last(whole(x)), last, self, origin=origin)

    def met(
        self,
        other: Curve,
        op: str,
        join: Callable[[Floats, Floats], Floats],
        origin: Origin | None = None,
    ) -> Curve:
        """Return what two functions of the same value give together.

        What both begin with is done first, and the rest is one function of it: a SiLU behind a
        leaky ReLU.
        """
        one, two = self.steps, other.steps
        common = 0
        while common < min(len(one), len(two)) and one[common] is two[common]:
            common += 1
        first, second = (chained(each[common:]) for each in (one, two))
        base = one[common - 1]

        def last(x: Floats) -> Floats:
            return join(first.whole(x), second.whole(x))

        return replace(base.then(last, origin), parts=(op, first, second))

    @property
    def steps(self) -> list[Curve]:
        """Return the functions that this one goes through, from the identity on."""
        found, curve = [self], self
        while curve.inner is not None:
            curve = curve.inner
            found.append(curve)
        return found[::-1]

    @property
    def origins(self) -> list[Origin]:
        """Return the nodes that it comes of, each once, the last one last."""
        found: list[Origin | None] = []
        for step in self.steps:
            for part in step.parts[1:] if step.parts else ():
                found += part.origins
            found.append(step.origin)
        return sorted({each for each in found if each is not None})


def chained(steps: list[Curve]) -> Curve:
    """Return the function of what some steps do behind each other, whatever is before them."""
    curve = IDENTITY
    for step in steps:
        assert step.last is not None
        curve = replace(curve.then(step.last, step.origin), parts=step.parts)
    return curve


IDENTITY = Curve(lambda x: x)


def line_of(function: Number) -> tuple[float, float] | None:
    """Return gain and offset of a straight line; None for what is none."""
    with np.errstate(all="ignore"):
        found = function(_GRID)
        offset = float(function(np.zeros(1))[0])
        gain = float(function(np.ones(1))[0]) - offset
        line = gain * _GRID + offset
    return (gain, offset) if _same(found, line) else None


def known(function: Number) -> tuple[str, float | None] | None:
    """Return the name of a function in `FUNCTIONS`, and its slope if it is not the usual one."""
    with np.errstate(all="ignore"):
        found = function(_GRID)
        low = float(function(np.full(1, -1.0))[0])
    for name, each in FUNCTIONS.items():
        if name not in USUAL_SLOPE and _same(found, each(_GRID, 0.0)):
            return name, None
    for name, usual in USUAL_SLOPE.items():
        # At -1 both are the slope times something.
        slope = low / float(FUNCTIONS[name](np.full(1, -1.0), 1.0)[0])
        if np.isfinite(slope) and _same(found, FUNCTIONS[name](_GRID, slope)):
            return name, None if np.isclose(slope, usual, rtol=1e-6) else float(slope)
    return None


def _same(found: Floats, wanted: Floats) -> bool:
    # Where values are small, so is what they may differ by.
    size = np.abs(_GRID)
    for low, high in itertools.pairwise((-1.0, 1.0, 4.0, 30.0, np.inf)):
        part = (size > low) & (size <= high)
        # What is spelt out by exponentials overflows far out, where the function itself does not.
        known = np.isfinite(found[part]) | (size[part] <= 30.0)
        one, two = found[part][known], wanted[part][known]
        most = _SAME * (np.abs(two).max(initial=0.0) + 1e-3)
        if not np.isfinite(one).all() or np.abs(one - two).max(initial=0.0) > most:
            return False
    return True
