"""A window, what a network looked at in it, and the spectra of both, as SVG text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.report.canvas import BLUE, INK, RED, svg
from hwgen.report.text import shortened

_COLOURS = {"BPFO": RED, "BPFI": "#009E73", "BSF": "#CC79A7", "FTF": "#E69F00"}
_HARMONICS = 3
_SHOWN = 3.6
"""Harmonics of the highest fault frequency up to which spectra are drawn."""

_USUAL_HZ = 600.0
"""... and up to where, without fault frequencies; at most half the rate."""


@dataclass(frozen=True, eq=False)
class Panel:
    """A row of the figure.

    Parameters
    ----------
    name
        In words.
    values
        ``(places,)`` over the window; with no `spectrum`, over 0 to half the rate.
    spectrum
        Amplitudes at 0, `step`, 2 `step`, ... Hz (or in one over a window, without a rate); None
        where the values are over frequencies themselves.
    step
        Of `spectrum`.
    positions
        That the layer has in a window.
    """

    name: str
    values: np.ndarray
    spectrum: np.ndarray | None
    step: float
    positions: int


def explain_figure(panels: Sequence[Panel], lines: Mapping[str, float], rate: float | None) -> str:
    """Draw the panels below each other: on the left over time, on the right their spectra.

    Parameters
    ----------
    panels
        The signal first.
    lines
        Fault frequencies in Hz by name; with three harmonics each.
    rate
        Of the samples in Hz; None: time is in samples.
    """

    def draw(figure: Any) -> None:
        rows = figure.subplots(len(panels), 2, squeeze=False, gridspec_kw={"width_ratios": (3, 2)})
        for number, (panel, (left, right)) in enumerate(zip(panels, rows, strict=True)):
            _over_time(left, panel, rate, signal=not number)
            _spectrum(right, panel, lines, rate)
        rows[0][0].set_title("window")
        rows[0][1].set_title("envelope spectrum")
        _label_below(rows, panels, rate)
        _legend(figure, lines)

    return svg((11.0, 1.15 * len(panels) + 1.1), draw)


def _over_time(axes: Any, panel: Panel, rate: float | None, *, signal: bool) -> None:
    count = len(panel.values)
    if panel.spectrum is None:
        places: Any = np.linspace(0.0, 0.5 if rate is None else rate / 2, count)
    else:
        places = np.arange(count) * (1.0 if rate is None else 1e3 / rate)
    if signal:
        axes.plot(places, panel.values, color=INK, linewidth=0.6)
    else:
        kept = _corners(panel.values)
        axes.fill_between(places[kept], panel.values[kept], color=BLUE, linewidth=0)
        axes.set_ylim(bottom=0)
    axes.set_xlim(places[0], places[-1])
    axes.set_yticks([])
    name = shortened(panel.name, 40)
    where = name if signal else f"{name} ({panel.positions:,} places)"
    axes.annotate(
        where, (0, 1), xytext=(3, -2), xycoords="axes fraction", textcoords="offset points",
        va="top", fontsize=7.5, bbox={"fc": "white", "ec": "none", "alpha": 0.75, "pad": 1},
    )  # fmt: skip


def _corners(values: np.ndarray) -> np.ndarray:
    """Return which values differ from a neighbour: a layer of few places has long steps."""
    steps = np.diff(values) != 0
    kept = np.ones(len(values), dtype=bool)
    kept[1:-1] = steps[1:] | steps[:-1]
    return kept


def _spectrum(axes: Any, panel: Panel, lines: Mapping[str, float], rate: float | None) -> None:
    """Draw a spectrum up to what its layer's positions can tell."""
    if panel.spectrum is None:
        axes.set_axis_off()
        return
    end = _end(lines, rate, panel.step * (len(panel.spectrum) - 1))
    told = min(panel.positions // 2 + 1, len(panel.spectrum))
    hertz = np.arange(told) * panel.step
    axes.plot(hertz, panel.spectrum[:told], color=BLUE, linewidth=0.9)
    for name, line in lines.items():
        for order in range(1, _HARMONICS + 1):
            if order * line < end:
                axes.axvline(
                    order * line, color=_COLOURS[name], linewidth=1.1 if order == 1 else 0.7,
                    linestyle="-" if order == 1 else ":", alpha=0.75, zorder=0,
                )  # fmt: skip
    axes.set_xlim(0, end)
    seen = panel.spectrum[:told][hertz <= end]
    axes.set_ylim(0, float(seen.max() or 1.0) * 1.1)
    axes.set_yticks([])


def _end(lines: Mapping[str, float], rate: float | None, most: float) -> float:
    wanted = _SHOWN * max(lines.values()) if lines else _USUAL_HZ
    return min(wanted, most) if rate is not None else most


def _label_below(rows: Any, panels: Sequence[Panel], rate: float | None) -> None:
    """Say what the axes are, once below each kind."""
    timed = [number for number, panel in enumerate(panels) if panel.spectrum is not None]
    for number, (left, right) in enumerate(rows):
        if number not in timed:
            left.set_xlabel("bins, Hz" if rate else "bins, of the rate", fontsize=8)
            continue
        last = number == timed[-1]
        for axes in (left, right):
            axes.tick_params(labelbottom=last, labelsize=8)
        if last:
            left.set_xlabel("ms" if rate else "samples", fontsize=8)
            right.set_xlabel("Hz" if rate else "in a window", fontsize=8)


def _legend(figure: Any, lines: Mapping[str, float]) -> None:
    from matplotlib.lines import Line2D

    if not lines:
        return
    marks = [Line2D([], [], color=_COLOURS[name], linewidth=1.5) for name in lines]
    names = [f"{name} {hertz:.1f} Hz" for name, hertz in lines.items()]
    figure.legend(marks, names, loc="outside lower right", ncols=len(lines), fontsize=8)
