"""The page's figures, in the look of the report's."""

from __future__ import annotations

import math
from typing import Any

import growth
from points import routed
from store import Row

from hwgen.designs.goals import GOALS
from hwgen.report.canvas import BLUE, INK, RED, svg

_GREEN = "#009E73"
_PROCESSORS = {"c": "C, one core", "numpy": "NumPy", "torch": "torch, eager"}
"""Of the host's rows, those that are drawn: lines, for they take no cells."""
_FIGURES = {"latency": "last sample to class (cycles)", "lut4": "LUT4", "dsp": "DSP",
            "ebr": "block RAMs"}  # fmt: skip
_NEAR = 0.12
"""Decades."""
_LINES = dict(zip(GOALS, ((BLUE, "o-"), (RED, "s-"), (_GREEN, "^-")), strict=True))


def latency(points: dict[str, Row], peers: list[Row], host: dict[str, Row]) -> str | None:
    """Draw latency against LUT4; None if there is no point."""
    ours = {name: (row["resources"]["lut4"], row["latency"]["last_sample_to_class_us"])
            for name, row in points.items() if routed(row)}  # fmt: skip
    theirs = {row["short"]: (row["lut4"], row["latency_us"]) for row in peers
              if {"lut4", "latency_us"} <= set(row)}  # fmt: skip
    lines = {name: host[name]["median_us"] for name in _PROCESSORS if name in host}
    return _points(ours, theirs, lines, "LUT4", "last sample to class (us)")


def throughput(points: dict[str, Row], peers: list[Row], host: dict[str, Row]) -> str | None:
    """Draw windows a second against DSP cells; None if there is no point."""
    ours = {name: (row["resources"]["dsp"], row["latency"]["windows_per_second"])
            for name, row in points.items() if routed(row)}  # fmt: skip
    theirs = {row["short"]: (row["dsp"], row["windows_per_second"]) for row in peers
              if {"dsp", "windows_per_second"} <= set(row)}  # fmt: skip
    lines = {name: 1e6 / host[name]["median_us"] for name in _PROCESSORS if name in host}
    return _points(ours, theirs, lines, "DSP cells", "windows per second")


def labels(places: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Return a label for each place; names whose places nearly coincide share one."""
    shared: dict[tuple[float, float], list[str]] = {}
    for name, place in places.items():
        near = (other for other in shared if _near(other, place))
        shared.setdefault(next(near, place), []).append(name)
    return {", ".join(names): place for place, names in shared.items()}


def _near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Return whether a label beside one place would lie on that of another."""
    return all(abs(math.log10(a / b)) < _NEAR for a, b in zip(one, other, strict=True))


def _plain(axes: Any, *sides: str) -> None:
    """Make the axes logarithmic, with their numbers written out."""
    for side in sides:
        getattr(axes, f"set_{side}scale")("log")
        getattr(axes, f"{side}axis").set_major_formatter(lambda value, _: f"{value:,.9g}")


def _points(
    ours: dict[str, tuple[float, float]],
    theirs: dict[str, tuple[float, float]],
    lines: dict[str, float],
    x: str,
    y: str,
) -> str | None:
    if not ours:
        return None

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        _plain(axes, "x", "y")
        for name, level in lines.items():
            axes.axhline(level, color=INK, linestyle=(0, (4, 2)), linewidth=1)
            axes.annotate(f"{_PROCESSORS[name]}: {float(f'{level:.3g}'):,g}", (0.01, level),
                          xycoords=("axes fraction", "data"), xytext=(0, 3),
                          textcoords="offset points", fontsize=8)  # fmt: skip
        for places, color, marker, who in ((ours, BLUE, "o", "hwgen"), (theirs, RED, "D", "peers")):
            if not places:
                continue
            axes.plot(*zip(*places.values(), strict=True), marker, color=color, label=who)
            for name, place in labels(places).items():
                side = 1 if who == "hwgen" else -1
                axes.annotate(
                    name, place, xytext=(7 * side, -3), textcoords="offset points", fontsize=8,
                    ha="left" if side > 0 else "right", color=color,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
                )  # fmt: skip
        axes.margins(0.2)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.grid(axis="both")
        axes.legend(loc="best")

    return svg((9.6, 4.8), draw)


def grown(rows: dict[str, Row]) -> str | None:
    """Draw cycles and cells along each axis of growth; None if there is nothing to draw."""
    if all("failed" in row for row in rows.values()):
        return None

    def draw(figure: Any) -> None:
        grid = figure.subplots(len(_FIGURES), len(growth.AXES), sharex="col", sharey="row")
        for column, axis in enumerate(growth.AXES):
            for line, (key, title) in enumerate(_FIGURES.items()):
                axes = grid[line][column]
                _along(axes, rows, axis, key)
                axes.set_xscale("log", base=2)
                _plain(axes, "y")
                axes.grid(axis="both")
                if column == 0:
                    axes.set_ylabel(title)
            grid[-1][column].set_xlabel(axis)
            grid[-1][column].set_xticks(growth.AXES[axis], map(str, growth.AXES[axis]))
        grid[0][0].legend(loc="best")

    return svg((11, 10), draw)


def _along(axes: Any, rows: dict[str, Row], axis: str, key: str) -> None:
    for goal, (color, style) in _LINES.items():
        held = {value: row for value, row in growth.along(rows, goal, axis).items()
                if "failed" not in row}  # fmt: skip
        axes.plot(list(held), [row[key] for row in held.values()], style, color=color, label=goal,
                  markersize=4)  # fmt: skip
