"""One look for all figures: colours, fonts, SVG text.

Colours are Okabe and Ito's, told apart by colour-blind readers; the same input gives the same text.
matplotlib is imported where it draws: it takes a second.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

BLUE, RED = "#0072B2", "#D55E00"
TRACK, INK = "#E5E7EB", "#1F2937"

_STYLE: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: its widths are known everywhere
    "font.size": 9,
    "text.color": INK,
    "text.parse_math": False,  # a class may be called a$b$
    "axes.edgecolor": "#9CA3AF",
    "axes.labelcolor": INK,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": TRACK,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "svg.fonttype": "path",  # looks the same whatever fonts the reader has
    "svg.hashsalt": "hwgen",
}


def svg(size: tuple[float, float], draw: Callable[[Any], None]) -> str:
    """Return the figure of `size` (inches) that `draw` fills."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()
