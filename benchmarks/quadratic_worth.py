"""When a quadratic neuron is worth its gates: what both families cost where they are as good."""

from __future__ import annotations

import math
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


def price(places: Sequence[tuple[float, float]], target: float) -> float | None:
    """Return the cost along a front at which a score is reached; None if it is not.

    Between two networks of the front the logarithm of the cost is taken to rise with the score.
    What the cheapest one reaches costs as much as that.

    Parameters
    ----------
    places
        As of `front`; costs above 0.
    target
        The score.
    """
    before: tuple[float, float] | None = None
    for k in front(places):
        cost, score = places[k]
        if score >= target:
            if before is None:
                return cost
            part = (target - before[1]) / (score - before[1])
            return math.exp(math.log(before[0]) * (1 - part) + math.log(cost) * part)
        before = cost, score
    return None


_SAME = 0.02
"""Shares that are as near to 1 say nothing: as much comes of names in the netlist."""


@dataclass(frozen=True)
class Worth:
    """What quadratic networks cost as a share of conventional ones that are as good.

    Parameters
    ----------
    target
        Fixed F1: the lower of both families' best means, less `NEAR`.
    shares
        By measure: along the fronts of the means, then the lowest and the highest along those of
        each training by itself. Measures that are not known are left out.
    """

    target: float
    shares: Mapping[str, tuple[float, float, float]]

    @property
    def less(self) -> list[str]:
        """What quadratic networks need less of, in every training, by more than `_SAME`."""
        return [key for key, share in self.shares.items() if max(share) < 1 - _SAME]

    @property
    def more(self) -> list[str]:
        """What they need more of, likewise."""
        return [key for key, share in self.shares.items() if min(share) > 1 + _SAME]


def worth(entries: Sequence[Entry]) -> Worth | None:
    """Return how both families compare; None where one is missing."""
    if len({each.point.family for each in entries}) < 2:
        return None
    trainings = min(len(each.fixed_f1.values) for each in entries)
    scores = [[each.fixed_f1.mean for each in entries]]
    scores += [[each.fixed_f1.values[k] for each in entries] for k in range(trainings)]
    shares = {}
    for measure in MEASURES:
        found = [_share(entries, measure, each) for each in scores]
        known = [share for share in found if share is not None]
        if known and found[0] is not None:
            shares[measure] = (found[0], min(known), max(known))
    return Worth(_target(entries, scores[0]), shares)


def _target(entries: Sequence[Entry], scores: Sequence[float]) -> float:
    """Return the F1 that both families reach."""
    best: dict[str, float] = {}
    for each, score in zip(entries, scores, strict=True):
        best[each.point.family] = max(score, best.get(each.point.family, 0.0))
    return min(best.values()) - NEAR


def _share(entries: Sequence[Entry], measure: str, scores: Sequence[float]) -> float | None:
    """Return what the quadratic family pays for what both reach, as a share of the other."""
    target = _target(entries, scores)
    prices = []
    for quadratic in (True, False):
        places = [(float(cost), score) for each, score in zip(entries, scores, strict=True)
                  if each.point.quadratic == quadratic
                  and (cost := each.cost(measure)) is not None]  # fmt: skip
        prices.append(price(places, target))
    ours, theirs = prices
    return None if ours is None or theirs is None else ours / theirs


def fair(tasks: Mapping[str, Sequence[Entry]]) -> list[str]:
    """Return a table: at an F1 that both families reach, the quadratic family's share of costs."""
    columns = ["quadratic : conventional", "at F1", *MEASURES.values()]
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    for task, entries in tasks.items():
        if found := worth(entries):
            shares = [found.shares.get(measure) for measure in MEASURES]
            told = ["" if each is None else "{:.2f} ({:.2f} to {:.2f})".format(*each)
                    for each in shares]  # fmt: skip
            lines.append(f"| {' | '.join([TITLES[task], f'{found.target:.3f}', *told])} |")
    return lines


def answer(tasks: Mapping[str, Sequence[Entry]]) -> str:
    """Return the answer in one paragraph, of nothing but the figures."""
    found = {task: each for task, entries in tasks.items() if (each := worth(entries))}
    routed = {task: each for task, each in found.items() if "cycles" in each.shares}
    if not routed:
        return "No networks of both families are routed yet."
    heads = {
        "worth": "it is worth its gates on {}: some of cells and time is less, and none is more",
        "trade": "it is a trade on {}: some of cells and time is less, some more",
        "even": "there is nothing in it on {}: no cells, no time that all trainings tell apart",
        "not": "it is not worth its gates on {}: some of cells and time is more, and none is less",
    }
    groups = {kind: [TITLES[task].lower() for task, each in routed.items()
                     if _verdict(each) == kind] for kind in heads}  # fmt: skip
    told = [heads[kind].format(_listed(names)) for kind, names in groups.items() if names]
    details = [_detail(TITLES[task], each) for task, each in routed.items()]
    start = f"At an F1 that both families reach, {'; '.join(told)}."
    return f"{start} {' '.join(details)} {_sizes(routed)}"


def _verdict(found: Worth) -> str:
    """Return whether cells and cycles are saved."""
    less, more = (set(_HARDWARE) & set(side) for side in (found.less, found.more))
    return "trade" if less and more else "worth" if less else "not" if more else "even"


def _detail(title: str, found: Worth) -> str:
    """Return a sentence on one task: shares of what is less, and of what is more."""
    sides = {"less": found.less, "more": found.more}
    told = [
        f"{word} {', '.join(f'{MEASURES[key]} ({found.shares[key][0]:.2f})' for key in keys)}"
        for word, keys in sides.items()
        if keys
    ]
    return f"{title}: {'; '.join(told) or 'nothing that every training tells apart'}."


def _sizes(routed: Mapping[str, Worth]) -> str:
    """Return what parameters say of gates here."""
    fewer = [each for each in routed.values() if "parameters" in each.less]
    if not fewer:
        return "On none are parameters fewer in every training."
    fooled = sum("lut4" not in each.less for each in fewer)
    return (
        f"Parameters are fewer in every training on {len(fewer)} of {len(routed)}; LUT4 are not on "
        f"{fooled} of those."
    )


def bits(tasks: Mapping[str, Sequence[Entry]]) -> str:
    """Return how far fixed F1 is from float F1, at most, in a training of either family."""
    most: dict[str, tuple[float, str]] = {}
    for each in (each for entries in tasks.values() for each in entries):
        pairs = zip(each.fixed_f1.values, each.float_f1.values, strict=True)
        apart = max(abs(fixed - floating) for fixed, floating in pairs)
        named = f"{each.point.family}, {each.point.width}, on {TITLES[each.point.task].lower()}"
        most[each.point.family] = max((apart, named), most.get(each.point.family, (0.0, "")))
    told = [f"{apart:.3f} ({named})" for _, (apart, named) in sorted(most.items())]
    return f"Fixed and float F1 of one training are at most {' and '.join(told)} apart."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
