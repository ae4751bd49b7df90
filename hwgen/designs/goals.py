"""The cheapest design point that does what is wanted, on a given chip."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwgen.errors import CannotMeetError
from hwgen.targets import Cells, Target

if TYPE_CHECKING:
    from hwgen.designs.points import Option

GOALS = ("throughput", "latency", "area")

AREA_MHZ = 48.0
"""Clock at which a small design already keeps up with its sensor, if its own is not less."""

SENSOR_HZ = 48_000.0
"""Sample rate that a small design keeps up with, where the network does not say its own."""

LONGEST_PAUSE = 250
"""Cycles between samples that a design for latency may ask for: a sensor of 500 kHz at 125 MHz."""

_ROOM = 0.75
"""Share of a chip's LUT4 that the core may take by the estimate: the board top is beside it, and a
full chip neither routes nor meets a clock."""

ROUTABLE_LUT4 = 12_000
"""LUT4 up to which the open place and route takes minutes: the fastest design within them is what
`fastest` means. Larger ones, which take hours, are found for a bound of latency."""


@dataclass(frozen=True)
class Need:
    """What a design must do.

    Parameters
    ----------
    latency, interval, pause
        Most cycles of each; None for any.
    fastest, often
        Whether of those that do the one with the least latency, or interval, is wanted, not the
        cheapest.
    small
        Whether LUT4 alone are the cost (and DSP cells and block RAMs only what is left over).
    """

    latency: float | None = None
    interval: float | None = None
    pause: float | None = None
    fastest: bool = False
    often: bool = False
    small: bool = False

    def met_by(self, each: Option) -> bool:
        """Return whether a design does it."""
        bounds = (
            (self.latency, each.latency),
            (self.interval, each.interval),
            (self.pause, each.pause),
        )
        return all(most is None or value <= most for most, value in bounds)


def need_of(
    goal: str | None,
    clock_mhz: float,
    *,
    latency_us: float | None = None,
    windows_per_second: float | None = None,
    sample_rate: float | None = None,
) -> Need:
    """Return what a goal and the user's bounds ask for.

    Parameters
    ----------
    goal
        One of `GOALS`, or None: the bounds alone.
    clock_mhz
        Of the design.
    latency_us, windows_per_second
        Bounds; None for none.
    sample_rate
        Hz of the sensor; None if not known.
    """
    hz = clock_mhz * 1e6
    pause: float | None = hz / (sample_rate or SENSOR_HZ)
    interval = None if windows_per_second is None else hz / windows_per_second
    if goal == "throughput":
        pause = 1
    elif goal == "latency":
        pause = LONGEST_PAUSE
    elif goal == "area" and clock_mhz >= AREA_MHZ:
        pause = AREA_MHZ * 1e6 / max(SENSOR_HZ, sample_rate or 0)
    return Need(
        latency=None if latency_us is None else latency_us * clock_mhz,
        interval=interval,
        pause=pause,
        fastest=goal == "latency" and latency_us is None,
        often=goal == "throughput" and windows_per_second is None,
        small=goal is not None,
    )


def fits(each: Option, available: Cells) -> bool:
    """Return whether a chip has room for a design, by the estimate."""
    return each.cost["lut4"] <= _ROOM * available["lut4"] and each.cost.fit_in(available)


def choose(options: Iterable[Option], need: Need, available: Cells) -> Option | None:
    """Return the best design that does what is needed and fits; None if there is none."""
    able = [each for each in options if need.met_by(each) and fits(each, available)]
    if need.fastest:
        able = [each for each in able if each.cost["lut4"] <= ROUTABLE_LUT4] or able
    return min(able, key=_order(need, available)) if able else None


def _order(need: Need, available: Cells) -> Callable[[Option], tuple[float, ...]]:
    def weight(each: Option) -> float:
        return each.cost["lut4"] if need.small else each.cost.weight(available)

    if need.fastest:
        return lambda each: (each.latency, weight(each))
    if need.often:
        return lambda each: (each.interval, weight(each))
    return lambda each: (weight(each), each.latency)


def refuse(
    options: list[Option],
    need: Need,
    available: Cells,
    target: Target,
    board: str,
    clock_mhz: float,
    larger: Callable[[], str | None] = lambda: None,
) -> CannotMeetError:
    """Return the error that says what would do.

    Parameters
    ----------
    options
        All designs that were looked at.
    need
        What was asked.
    available, target, board, clock_mhz
        The chip's cells, its family, the board's name, and the design's clock.
    larger
        Returns the name of a board on which some design fits, if there is one.
    """
    held = [each for each in options if fits(each, available)]
    able = [each for each in options if need.met_by(each)]
    if not held:
        least = min(options, key=lambda each: each.cost.weight(available))
        return CannotMeetError(
            f"no design fits on {board}: the smallest takes about {_words(least.cost, target)} "
            f"of {_words(Cells({kind: available[kind] for kind in least.cost}), target)}; "
            f"{_other(larger())}"
        )
    wanted = _wanted(need, clock_mhz)
    if able:
        least = min(able, key=lambda each: each.cost.weight(available))
        would = f"; a board with {_words(least.cost, target)} would"
    else:
        would = ""
    fast = min(held, key=lambda each: each.latency)
    often = min(held, key=lambda each: each.interval)
    return CannotMeetError(
        f"no design on {board} gives {wanted} at {clock_mhz:g} MHz: there the quickest answers in "
        f"{fast.latency / clock_mhz:.3g} us (a sample every {fast.pause} cycles), the most often "
        f"{clock_mhz * 1e6 / often.interval:,.0f} windows per second{would}"
    )


def _wanted(need: Need, clock_mhz: float) -> str:
    parts = []
    if need.latency is not None:
        parts.append(f"a class in {need.latency / clock_mhz:.3g} us")
    if need.interval is not None:
        parts.append(f"{clock_mhz * 1e6 / need.interval:,.0f} windows per second")
    if need.pause is not None:
        parts.append(f"a sample every {need.pause:.4g} cycles")
    return " and ".join(parts)


def _other(name: str | None) -> str:
    return "take a larger board" if name is None else f"take a larger board, such as {name}"


def _words(cells: Cells, target: Target) -> str:
    """Return cells in words: "1,000 LUT4, 2 DSP cells and 3 block RAMs"."""
    counts = [f"{cells[kind]:,} {words}" for kind, words in target.kinds.items() if kind in cells]
    return f"{', '.join(counts[:-1])} and {counts[-1]}"
