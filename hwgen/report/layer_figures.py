"""How each layer's integers fill their format, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.report.canvas import BLUE, INK, RED, svg
from hwgen.report.text import count, percent, shortened

_ZOOM = 32
"""A histogram shows the format's whole range unless the values fill less than one part in this."""


@dataclass(frozen=True)
class LayerHistogram:
    """The integer outputs of one layer.

    Parameters
    ----------
    name, fmt
        The layer and its output's format.
    edges, counts
        As `hwgen.report.histogram.histogram` gives them.
    low, high
        The format's smallest and largest integer.
    sqnr_db
        Against the float layer; None if it was not measured.
    saturated, values
        Outputs that the range cut off, of how many.
    """

    name: str
    fmt: str
    edges: Sequence[float]
    counts: Sequence[int]
    low: int
    high: int
    sqnr_db: float | None
    saturated: int
    values: int


def histograms(layers: Sequence[LayerHistogram]) -> str:
    """Draw how each layer's integer outputs fill their format, with its SQNR."""
    columns = min(2, len(layers))
    rows = -(-len(layers) // columns)

    def draw(figure: Any) -> None:
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, layer in zip(panels, layers, strict=False):
            _histogram(axes, layer)
        for axes in panels[len(layers) :]:
            axes.set_visible(False)
        for axes in panels[::columns]:
            axes.set_ylabel("outputs in a bin")
        bars, lines = panels[0].patches[0], panels[0].lines[0]
        figure.legend(
            [bars, lines], ["outputs", "the format's range"],
            loc="outside lower center", ncols=2,
        )  # fmt: skip

    return svg((4.6 * columns, 2.45 * rows + 0.3), draw)


def _histogram(axes: Any, layer: LayerHistogram) -> None:
    from matplotlib.ticker import EngFormatter, NullFormatter

    edges, counts = np.asarray(layer.edges, dtype=np.float64), np.asarray(layer.counts)
    floor = 0.5  # a logarithmic axis has no zero, and a bin with one output must show
    axes.stairs(np.maximum(counts, floor), edges, baseline=floor, fill=True, color=BLUE)
    axes.set_yscale("log")
    axes.set_ylim(floor, 3 * counts.max() + 1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(EngFormatter(sep=""))
    axes.yaxis.set_minor_formatter(NullFormatter())
    for end in (layer.low, layer.high):
        axes.axvline(end, color=RED, linestyle=(0, (4, 2)), linewidth=1.4)
    range_, used = layer.high - layer.low, edges[-1] - edges[0]
    where = ""
    if used * _ZOOM >= range_:
        axes.set_xlim(layer.low - 0.04 * range_, layer.high + 0.04 * range_)
    else:
        axes.set_xlim(edges[0] - 0.04 * used, edges[-1] + 0.04 * used)
        where = f", of {count(layer.low)} to {count(layer.high)}"
    ratio = "" if layer.sqnr_db is None else f"   SQNR {layer.sqnr_db:.1f} dB"
    axes.set_title(f"{shortened(layer.name)}   {layer.fmt}{ratio}", loc="left", fontsize=9, pad=17)
    _saturation(axes, layer)
    axes.set_xlabel(f"output (integer{where})")
    axes.grid(axis="y")


def _saturation(axes: Any, layer: LayerHistogram) -> None:
    """Write between title and panel how many outputs the range cut off."""
    lost = layer.saturated
    share = f"{count(lost)} of {count(layer.values)} saturated ({percent(lost, layer.values)})"
    axes.text(
        0, 1.03, share if lost else f"none of {count(layer.values)} saturated",
        transform=axes.transAxes, fontsize=8, color=RED if lost else INK,
    )  # fmt: skip
