"""Figures of the report as SVG text, from plain arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.report.canvas import BLUE, INK, RED, TRACK, svg
from hwgen.report.text import count, number, percent, shortened

_COUNTS_SHOWN = 20
"""Most classes for which each cell of a confusion matrix has its number."""

_NAMES_SHOWN = 40
"""Most classes that are named at the axes."""


def confusion(
    float_counts: npt.ArrayLike, fixed_counts: npt.ArrayLike, classes: Sequence[str]
) -> str:
    """Draw the confusion matrices of the float and the fixed-point network side by side.

    Parameters
    ----------
    float_counts, fixed_counts
        (classes, classes) windows; the row is the true class, the column the predicted one.
    classes
        Names.
    """
    matrices = [np.asarray(float_counts), np.asarray(fixed_counts)]
    side = min(0.42 * len(classes) + 0.8, 6.0)

    def draw(figure: Any) -> None:
        both = figure.subplots(1, 2)
        for axes, matrix, title in zip(both, matrices, ("float", "fixed point"), strict=True):
            axes.set_title(title)
            mesh = _matrix(axes, matrix, classes)
        both[0].set_ylabel("true class")
        bar = figure.colorbar(mesh, ax=both, shrink=0.8, pad=0.01)
        bar.set_label("share of the true class")
        bar.outline.set_visible(False)

    return svg((2 * side + 1.9, side + 0.9), draw)


def _matrix(axes: Any, counts: np.ndarray, classes: Sequence[str]) -> Any:
    """Draw one confusion matrix, mistakes outlined, and return its colour mesh."""
    from matplotlib.patches import Rectangle

    size = len(classes)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    line = 0.6 if size <= _NAMES_SHOWN else 0
    mesh = axes.pcolormesh(
        share, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=line,
        rasterized=size > _NAMES_SHOWN,
    )  # fmt: skip
    axes.set_aspect("equal")
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    axes.set_xlabel("predicted class")
    axes.tick_params(length=0)
    if size > _NAMES_SHOWN:
        return mesh
    names = [shortened(name, 14) for name in classes]
    axes.set_xticks(np.arange(size) + 0.5, names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(np.arange(size) + 0.5, names)
    for row, column in zip(*np.nonzero(counts), strict=True):
        wrong = row != column
        if wrong:
            axes.add_patch(
                Rectangle((column + 0.04, row + 0.04), 0.92, 0.92, fill=False, ec=RED, lw=1)
            )
        if size <= _COUNTS_SHOWN:
            ink = "white" if share[row, column] > 0.55 else RED if wrong else INK
            axes.text(
                column + 0.5, row + 0.5, _compact(int(counts[row, column])),
                ha="center", va="center", fontsize=7, color=ink,
                fontweight="bold" if wrong else "normal",
            )  # fmt: skip
    return mesh


def _compact(value: int) -> str:
    """Return a count in at most five characters: ``1423``, ``14.2k``, ``142k``."""
    for limit, divisor, unit in ((10_000, 1, ""), (10_000_000, 1e3, "k"), (10**10, 1e6, "M")):
        if value < limit:
            return f"{value / divisor:.{int(divisor > 1 and value < 100 * divisor)}f}{unit}"
    return f"{value:.0e}"


def resources(used: Mapping[str, int], available: Mapping[str, int]) -> str:
    """Draw how much of each kind of cell of the chip is used.

    Parameters
    ----------
    used, available
        Cells by kind, in the order of the bars; both have the same kinds.
    """
    kinds = list(used)
    shares = [100 * used[kind] / available[kind] if available[kind] else 0.0 for kind in kinds]

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        place = np.arange(len(kinds))
        axes.barh(place, 100, height=0.62, color=TRACK)
        colours = [RED if share > 100 else BLUE for share in shares]
        axes.barh(place, shares, height=0.62, color=colours)
        end = max(100.0, *shares)
        for index, kind in enumerate(kinds):
            axes.text(
                end + 2, index,
                f"{percent(used[kind], available[kind])}   "
                f"{count(used[kind])} of {count(available[kind])}",
                va="center",
            )  # fmt: skip
        axes.set_yticks(place, kinds)
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlim(0, end)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("used of the chip (%)")

    return svg((9.6, 0.42 * len(kinds) + 0.7), draw)


def latency(steps: Mapping[str, int], clock_mhz: float) -> str:
    """Draw the way from a window's last sample to its class, one step after the other.

    Parameters
    ----------
    steps
        Cycles of each step, in order.
    clock_mhz
        Clock, for the scale in microseconds.
    """
    lengths = np.array(list(steps.values()))
    starts = np.cumsum(lengths) - lengths
    total = int(lengths.sum())

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        place = np.arange(len(steps))
        axes.barh(place, lengths, left=starts, height=0.62, color=BLUE)
        for index, (start, length) in enumerate(zip(starts, lengths, strict=True)):
            late = start + length / 2 > total / 2  # the label goes where there is more room
            axes.annotate(
                f"{count(int(length))} cycles, {number(length / clock_mhz)} µs",
                (start if late else start + length, index),
                xytext=(-5 if late else 5, 0), textcoords="offset points",
                ha="right" if late else "left", va="center",
            )  # fmt: skip
        axes.set_yticks(place, [shortened(name, 30) for name in steps])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlim(0, max(total, 1))
        axes.grid(axis="x")
        axes.set_xlabel("clock cycles after the window's last sample")
        scale = (lambda cycles: cycles / clock_mhz, lambda time: time * clock_mhz)
        axes.secondary_xaxis("top", functions=scale).set_xlabel(f"µs at {clock_mhz:g} MHz")

    return svg((9.6, 0.42 * len(steps) + 1.2), draw)
