"""How far float and fixed-point network are from each other, as SVG text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hwgen.report.canvas import BLUE, INK, RED, TRACK, svg
from hwgen.report.text import count

_NARROWEST = 0.1
"""An axis of F1 spans at least this, lest the noise of a few windows look like a trend."""

_TINTED = 0.10

_DASHES = (0, (4, 2))


def sweeps(
    snr: Mapping[str, Any] | None, gain: Mapping[str, Any] | None, data_db: float | None
) -> str:
    """Draw macro F1 of both networks against signal-to-noise ratio and against gain error.

    Parameters
    ----------
    snr, gain
        As in the report; at least one is there.
    data_db
        Signal-to-noise ratio of the windows tested elsewhere in the report, None without noise.
    """
    panels = [panel for panel in (_snr_panel(snr, data_db), _gain_panel(gain)) if panel]

    def draw(figure: Any) -> None:
        both = figure.subplots(1, len(panels), squeeze=False).ravel()
        for axes, panel in zip(both, panels, strict=True):
            _sweep(axes, **panel)
        both[0].set_ylabel("macro F1")
        handles, names = both[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=2)

    return svg((4.8 * len(panels), 3.1), draw)


def _snr_panel(snr: Mapping[str, Any] | None, data_db: float | None) -> dict[str, Any] | None:
    if snr is None:
        return None
    return {
        "title": "noise",
        "label": "signal-to-noise ratio (dB)",
        "places": snr["db"],
        "sweep": snr,
        "here": data_db,
    }


def _gain_panel(gain: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if gain is None:
        return None
    return {
        "title": "gain error of the sensor",
        "label": "gain error (%)",
        "places": [100 * (value - 1) for value in gain["gain"]],
        "sweep": gain,
        "here": 0.0,
    }


def _sweep(
    axes: Any, *, title: str, label: str, places: Any, sweep: Mapping[str, Any], here: float | None
) -> None:
    """Draw two curves; `here` is where the report's other windows are."""
    curves = [np.array(sweep[key], dtype=np.float64) for key in ("float_f1", "fixed_f1")]
    if here is not None and min(places) <= here <= max(places):
        axes.axvline(here, color="#9CA3AF", linestyle=_DASHES, linewidth=1)
    axes.fill_between(places, *curves, color=BLUE, alpha=_TINTED, linewidth=0)
    axes.plot(
        places, curves[0], color=INK, linestyle=_DASHES, linewidth=1.3, marker="o",
        markersize=6, markerfacecolor="white", label="float",
    )  # fmt: skip
    axes.plot(
        places, curves[1], color=BLUE, linewidth=1.6, marker="o", markersize=3.5,
        label="fixed point",
    )  # fmt: skip
    lowest = min(1 - _NARROWEST, *(float(curve.min()) for curve in curves))
    axes.set_ylim(lowest - 0.04 * (1 - lowest), 1 + 0.05 * (1 - lowest))
    axes.set_xticks(places)
    axes.xaxis.set_major_formatter(_signed)
    axes.set_title(title, loc="left")
    axes.set_xlabel(label)
    axes.grid()


def _signed(value: float, _: object) -> str:
    """Return a tick's label: ``+3``, ``0``, and a minus sign, not a hyphen."""
    return f"{value:+.0f}".replace("-", "\N{MINUS SIGN}") if round(value) else "0"


def margins(found: Mapping[str, Any]) -> str:
    """Draw how sure the float network is where both give the same class, and where not.

    Parameters
    ----------
    found
        The report's ``robustness.disagreements``.
    """

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        _scatter(left, found)
        _sureness(right, found)
        handles, names = left.get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=len(names))

    return svg((9.6, 3.7), draw)


def _scatter(axes: Any, found: Mapping[str, Any]) -> None:
    """Draw both margins for the float network's class; below 0 another class has won."""
    x, y = (np.array(found["points"][key], dtype=np.float64) for key in ("float", "fixed"))
    differ = np.arange(len(x)) < found["points"]["differ"]
    end = float(x.max()) * 1.04 or 1.0
    low, high = min(float(y.min()), -0.05 * end), max(float(y.max()), end)
    room = 0.04 * (high - low)
    line = np.array([0.0, end])
    error = found["error_95"]
    axes.axhspan(low - room, 0, color=RED, alpha=_TINTED, linewidth=0)
    axes.fill_between(
        line, line - error, line + error, color=TRACK, linewidth=0,
        label="error of 95 % of all windows",
    )  # fmt: skip
    axes.axhline(0, color=RED, linewidth=1)
    axes.plot(line, line, color="#9CA3AF", linestyle=_DASHES, linewidth=1)
    axes.scatter(
        x[~differ], y[~differ], s=10, color=BLUE, alpha=0.45, linewidths=0, label="same class"
    )
    axes.scatter(
        x[differ], y[differ], s=22, color=RED, marker="X", edgecolors="white", linewidths=0.4,
        label="different class",
    )  # fmt: skip
    axes.set_xlim(0, end)
    axes.set_ylim(low - room, high + room)
    shown = "all" if len(x) == found["of"] else f"{count(len(x))} of"
    axes.set_title(f"{shown} {count(found['of'])} windows", loc="left")
    axes.set_xlabel("margin in float (logit units)")
    axes.set_ylabel("fixed point, for the same class")
    axes.grid()


def _sureness(axes: Any, found: Mapping[str, Any]) -> None:
    """Draw how many windows have which margin, and how many of them differ."""
    from matplotlib.ticker import NullFormatter

    floor = 0.5  # a logarithmic axis has no zero, and a bin with one window must show
    edges, windows, differ = (
        np.array(found["histogram"][key], dtype=np.float64)
        for key in ("edges", "windows", "differ")
    )
    for counts, colour in ((windows, BLUE), (differ, RED)):
        axes.stairs(np.maximum(counts, floor), edges, baseline=floor, fill=True, color=colour)
    axes.set_yscale("log")
    axes.set_ylim(floor, 2 * windows.max() + 1)
    axes.set_xlim(edges[0], edges[-1])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_title(f"all {count(found['of'])} windows", loc="left")
    axes.set_xlabel("margin in float (logit units)")
    axes.set_ylabel("windows in a bin")
    axes.grid(axis="y")
