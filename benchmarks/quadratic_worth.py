"""When a quadratic neuron is worth its gates: what the smallest networks of either family cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quadratic_points import Point

from hwgen.training.evaluate import Spread

TITLES = {
    "circles": "Circles",
    "hyper": "Hyper-circles",
    "synthetic": "Synthetic bearings",
    "recordings": "Recordings",
}
MEASURES = {"parameters": "parameters", "macs": "MACs", "lut4": "LUT4", "dsp": "DSP",
            "ebr": "EBR", "cycles": "cycles"}  # fmt: skip
"""What a network costs, the sizes first."""
_HARDWARE = ("lut4", "dsp", "ebr", "cycles")
NEAR = 0.01
"""Of F1: networks are as good as each other within it."""


@dataclass(frozen=True)
class Entry:
    """What is known of a point.

    Parameters
    ----------
    point
        Which it is.
    sizes
        Its ``parameters`` and ``macs``.
    float_f1, fixed_f1
        Of each training.
    hardware
        ``lut4``, ``dsp``, ``ebr``, ``cycles``, ``fmax_mhz`` and more of the routed design; empty
        where there is none.
    routed_for
        The task whose weights that design has.
    """

    point: Point
    sizes: Mapping[str, int]
    float_f1: Spread
    fixed_f1: Spread
    hardware: Mapping[str, Any]
    routed_for: str | None

    def cost(self, measure: str) -> int | None:
        """Return one of `MEASURES`; None where it is not known."""
        return (self.sizes | self.hardware).get(measure)  # type: ignore[operator]


def front(places: Sequence[tuple[float, float]]) -> list[int]:
    """Return which places nothing else beats in cost and score, by cost.

    Parameters
    ----------
    places
        Cost and score of each. Of equal ones the first counts.
    """
    order = sorted(range(len(places)), key=lambda k: (places[k][0], -places[k][1]))
    kept: list[int] = []
    for k in order:
        if not kept or places[k][1] > places[kept[-1]][1]:
            kept.append(k)
    return kept


@dataclass(frozen=True)
class Match:
    """The smallest network of each family that reaches what both can reach.

    Parameters
    ----------
    target
        Fixed F1: the lower of both families' best means, less `NEAR`.
    conventional, quadratic
        Those with the fewest parameters that have it.
    """

    target: float
    conventional: Entry
    quadratic: Entry

    def ratio(self, measure: str) -> float | None:
        """Return what the quadratic network costs as a share of the other; None if not known."""
        ours, theirs = self.quadratic.cost(measure), self.conventional.cost(measure)
        return ours / theirs if ours is not None and theirs else None


def matched(entries: Sequence[Entry]) -> Match | None:
    """Return the networks to compare; None where a family has none."""
    families = [[each for each in entries if each.point.quadratic == kind] for kind in (0, 1)]
    if not all(families):
        return None
    target = min(max(each.fixed_f1.mean for each in family) for family in families) - NEAR
    able = [
        min((each for each in family if each.fixed_f1.mean >= target),
            key=lambda each: each.sizes["parameters"])
        for family in families
    ]  # fmt: skip
    return Match(target, *able)


def fair(tasks: Mapping[str, Sequence[Entry]]) -> list[str]:
    """Return a table: at an F1 that both families reach, the quadratic network's share of costs."""
    columns = ["", "F1 of both", "conventional", "quadratic", *MEASURES.values()]
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    for task, entries in tasks.items():
        if match := matched(entries):
            shares = [match.ratio(measure) for measure in MEASURES]
            both = match.conventional.point.width, match.quadratic.point.width
            cells = [TITLES[task], f"{match.target:.3f}", *map(str, both),
                     *("" if share is None else f"{share:.2f}" for share in shares)]  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def answer(tasks: Mapping[str, Sequence[Entry]]) -> str:
    """Return the answer in one paragraph, of nothing but the figures."""
    matches = {task: match for task, entries in tasks.items() if (match := matched(entries))}
    routed = {task: match for task, match in matches.items() if match.ratio("cycles") is not None}
    if not routed:
        return "No pair of networks of both families is routed yet."
    verdicts = {task: _verdict(match) for task, match in routed.items()}
    groups = {kind: [TITLES[task].lower() for task in routed if verdicts[task] == kind]
              for kind in ("worth", "not worth", "a trade")}  # fmt: skip
    heads = {
        "worth": "it is worth its gates on {}: nothing of cells and time is more, and some is less",
        "a trade": "it is a trade on {}: some of cells and time is less, some more",
        "not worth": "it is not worth its gates on {}: nothing of cells and time is less",
    }
    told = [heads[kind].format(_listed(names)) for kind, names in groups.items() if names]
    details = [_detail(TITLES[task], match) for task, match in routed.items()]
    return (
        f"At an F1 that both families reach, {'; '.join(told)}. {' '.join(details)}{_sizes(routed)}"
    )


def _verdict(match: Match) -> str:
    """Return whether cells and cycles are saved; a few per cent are neither way."""
    less, more = _sides(match)
    return "a trade" if less and more else "worth" if less else "not worth"


def _sides(match: Match) -> tuple[list[str], list[str]]:
    """Return what the quadratic network has less of, and more."""
    shares = {key: share for key in _HARDWARE if (share := match.ratio(key)) is not None}
    near = 0.03
    less = [key for key, share in shares.items() if share < 1 - near]
    more = [key for key, share in shares.items() if share > 1 + near]
    return less, more


def _detail(title: str, match: Match) -> str:
    """Return a sentence on what one task's networks cost."""
    both = match.quadratic, match.conventional

    def counted(keys: Sequence[str]) -> str:
        return ", ".join(
            f"{MEASURES[key]} {both[0].cost(key):,} instead of {both[1].cost(key):,}"
            for key in keys
        )

    less, more = _sides(match)
    sides = [f"{word} {counted(keys)}" for word, keys in (("less:", less), ("more:", more)) if keys]
    return (
        f"{title} (F1 {match.target:.3f}): {counted(('parameters', 'macs'))}; "
        f"{'; '.join(sides) or 'cells and cycles within 3 %'}."
    )


def _sizes(routed: Mapping[str, Match]) -> str:
    """Return what parameters say of gates here."""
    fewer = [match for match in routed.values() if (match.ratio("parameters") or 1) < 1]
    fooled = [match for match in fewer if (match.ratio("lut4") or 0) >= 1]
    if not fewer:
        return " In no case are parameters fewer."
    return (
        f" Parameters are fewer in {len(fewer)} of {len(routed)} cases, and LUT4 are "
        f"{'nevertheless not fewer' if len(fooled) == len(fewer) else 'not fewer'} in "
        f"{len(fooled)} of these."
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
