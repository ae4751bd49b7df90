"""What fewer bits save and what they cost in accuracy: figure and table of a search for bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from hwgen.report.canvas import BLUE, INK, RED, svg
from hwgen.report.grid import grid, print_lines
from hwgen.report.text import count, percent, score

WIDTHS = ("adc", "data", "twiddle", "feature", "conv_weight", "activation", "dense_weight")
"""In the order in which a sample meets them."""

_NAMES = "ADC/data/twiddle/feature/conv/activation/dense"
_COLUMNS = ("", "bits", "LUT4", "DSP", "EBR", "in LUT4", "drop", "losses", "agreement")

_FINEST = 0.05
"""Drops are drawn evenly up to this many percentage points at least, beyond by their logarithm."""


def pareto(search: Mapping[str, Any]) -> str:
    """Draw cost against drop of all that was tried, the front, the bound and the choice.

    Parameters
    ----------
    search
        Section of a report: `hwgen.widths.search.Search.to_json`.
    """
    front, chosen, bound = search["front"], search["chosen"], search["max_drop"]

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        # A drop may be far beyond the bound, and the interesting ones are near 0.
        axes.set_yscale("symlog", linthresh=max(bound, _FINEST))
        axes.scatter(*_points(search["tried"]), s=14, color=INK, alpha=0.18, linewidths=0,
                     label="tried")  # fmt: skip
        axes.plot(*_points(front), "o-", drawstyle="steps-post", color=BLUE, markersize=5,
                  label="front")  # fmt: skip
        axes.axhline(bound, color=INK, linestyle=(0, (4, 2)), linewidth=1, label="bound")
        axes.plot(*_points([chosen]), "D", color=RED, markersize=9, label="chosen")
        axes.annotate(
            widths(chosen["bits"]), (chosen["weight"], chosen["sure_drop"]),
            xytext=(8, 8), textcoords="offset points", color=RED, fontweight="bold",
        )  # fmt: skip
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_major_formatter(lambda value, _: count(round(value)))
        axes.set_ylim(bottom=0 if min(_points(search["tried"])[1]) >= 0 else None)
        axes.set_xlabel("cost (LUT4, with DSP cells and block RAMs as LUT4)")
        axes.set_ylabel("drop of F1, gains not counted\n(percentage points)")
        axes.grid(axis="both")
        axes.legend(loc="upper right")

    return svg((9.6, 4.2), draw)


def _points(candidates: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    return [each["weight"] for each in candidates], [each["sure_drop"] for each in candidates]


def widths(bits: Mapping[str, Any]) -> str:
    """Return the widths of an assignment in short: ``12/16/12/8/8/8/8``."""
    return "/".join(str(bits[name]) for name in WIDTHS)


def print_front(search: Mapping[str, Any], console: Console) -> None:
    """Print a row per assignment of the front, cheapest first, the chosen one marked.

    Parameters
    ----------
    search
        As for `pareto`.
    """
    chosen = search["chosen"]
    mine = [each["bits"] == chosen["bits"] for each in search["front"]]
    rows = [
        (
            ">" if marked else "",
            widths(each["bits"]),
            *(count(each["cost"][kind]) for kind in ("lut4", "dsp", "ebr")),
            count(round(each["weight"])),
            f"{each['drop']:.3f}",
            f"{each['sure_drop']:.3f}",
            percent(each["agreement"]),
        )
        for each, marked in zip(search["front"], mine, strict=True)
    ]
    bold = [0, *(index + 1 for index, marked in enumerate(mine) if marked)]
    print_lines(console, grid(_COLUMNS, rows), bold=bold)
    told = (
        f"bits: {_NAMES}; in LUT4: DSP cells and block RAMs included; drop of F1 in percentage "
        f"points; losses: the same without credit for what only the integer network gets right",
        f"chosen of {len(search['tried'])}: F1 {score(chosen['f1'])}, float "
        f"{score(search['float_f1'])}, drop at most {search['max_drop']:g} percentage points",
    )
    print_lines(console, told)
