"""Figures of both families: F1 against what the networks cost, with Pareto fronts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quadratic_points import FAMILIES
from quadratic_worth import Entry, front

from hwgen.report.canvas import BLUE, RED, svg

_PANELS = {"parameters": "parameters", "macs": "MACs a window", "lut4": "LUT4",
           "cycles": "cycles a window"}  # fmt: skip
_LOOKS = dict(zip(FAMILIES, ((BLUE, "o"), (RED, "s")), strict=True))


def name(task: str) -> str:
    """Return the name of a task's figure in the docs."""
    return f"quadratic-{task}.svg"


def drawn(entries: Sequence[Entry]) -> str:
    """Return the figure of a task's points."""

    def draw(figure: Any) -> None:
        import matplotlib as mpl

        # Small files, whose words can be searched for.
        mpl.rcParams["svg.fonttype"] = "none"
        for axes, (measure, title) in zip(
            figure.subplots(2, 2, sharey=True).flat, _PANELS.items(), strict=True
        ):
            for family in FAMILIES:
                _family(axes, [each for each in entries if each.point.family == family], measure)
            axes.set_xscale("log")
            axes.minorticks_off()
            costs = sorted({cost for each in entries if (cost := each.cost(measure))})
            middle = costs[len(costs) // 2 :][:1]
            ticks = sorted({*costs[:1], *middle, *costs[-1:]})
            axes.set_xticks(ticks, [f"{cost:,}" for cost in ticks])
            axes.set_xlabel(title)
            axes.margins(x=0.12)
            axes.grid(axis="both")
        for axes in figure.axes[::2]:
            axes.set_ylabel("F1, fixed")
        figure.axes[0].legend(loc="lower right")

    return svg((9, 6.4), draw)


def _family(axes: Any, entries: Sequence[Entry], measure: str) -> None:
    """Draw a family's points with their spread, and a line along its front."""
    held = [(cost, each) for each in entries if (cost := each.cost(measure)) is not None]
    if not held:
        return
    family = held[0][1].point.family
    color, marker = _LOOKS[family]
    places = [(float(cost), each.fixed_f1.mean) for cost, each in held]
    spreads = [each.fixed_f1.std for _, each in held]
    axes.errorbar(*zip(*places, strict=True), yerr=spreads, fmt=marker, color=color, capsize=3,
                  markersize=5, elinewidth=1, label=family)  # fmt: skip
    axes.plot(*zip(*(places[k] for k in front(places)), strict=True), color=color, linewidth=1.2)
    for place, (_, each) in zip(places, held, strict=True):
        axes.annotate(f"{each.point.width}", place, xytext=(6, -10), textcoords="offset points",
                      fontsize=8, color=color)  # fmt: skip
