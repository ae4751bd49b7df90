"""How windows may have been prepared in training: no file says it, so the usual ways are tried."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from hwgen.network import Floats
from hwgen.network.ops.normalise import IN_WORDS, METHODS


@dataclass(frozen=True, eq=False)
class Preparation:
    """What is done to windows before the network.

    Parameters
    ----------
    what
        In words; empty for what is done now.
    how
        Options that make it so; None where there are none.
    apply
        To windows ``(n, [channels,] samples)``.
    """

    kind: ClassVar[str] = "scale of the input"
    what: str
    how: str | None
    apply: Callable[[Floats], Floats]


def scaled(factor: float, what: str) -> Preparation:
    """Return the multiplication of all windows by one factor."""
    return Preparation(what, f"--input-scale {factor:.6g}", lambda x: x * factor)


def per_window(scale: float, *, possible: bool) -> Iterator[Preparation]:
    """Yield what is measured on each window, and each channel of it, by itself.

    Parameters
    ----------
    scale
        That is used now.
    possible
        Whether there is an option for it: of a network that reads samples.
    """
    for name, apply in METHODS.items():
        option = f"--prepare {name}"
        ways = [(IN_WORDS[name], option, apply)]
        if name == "mean":
            # The only one that a scale is of any matter for.
            ways = [
                (IN_WORDS[name], f"{option} --input-scale 1", apply),
                (
                    f"{IN_WORDS[name]}, by one scale for all",
                    f"{option} --input-scale {scale:.6g}",
                    _behind(scale, apply),
                ),
            ]
        for what, how, way in ways:
            yield Preparation(what, how if possible else None, way)


def usual(scale: float, *, possible: bool) -> list[Preparation]:
    """Return the usual ways: as recorded, by one scale for all, and by each window's own.

    Parameters
    ----------
    scale
        That is used now.
    possible
        As of `per_window`.
    """
    return [
        scaled(1.0, "as recorded (g)"),
        scaled(scale, "by one scale for all windows"),
        *per_window(scale, possible=possible),
    ]


def every(scale: float, window: int, *, possible: bool) -> Iterator[Preparation]:
    """Yield the multiplication that is done now, then other preparations of windows."""
    yield Preparation("", None, lambda x: x * scale)
    factors = {1.0: "the sensor's g as they are", 9.80665: "m/s2"}
    factors |= {
        scale * window: f"a spectrum that is not divided by {window}",
        scale * window / 2: f"a spectrum divided by 2, not {window}",
        scale * math.sqrt(window): f"a spectrum divided by the root of {window}",
        float(window): f"g, and a spectrum that is not divided by {window}",
        float(window) / 2: f"g, and a spectrum divided by 2, not {window}",
    }
    factors |= {
        scale * 10.0**power: f"an input times {10.0**power:g}"
        for power in (-1, 1, -2, 2, -3, 3, 4)
    }  # fmt: skip
    yield from (scaled(factor, what) for factor, what in factors.items())
    yield from per_window(scale, possible=possible)


def _behind(scale: float, apply: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    return lambda x: apply(x * scale)
