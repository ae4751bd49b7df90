"""An explained window as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwgen.report.explain_rows import explain_header, explain_note, explain_rows, explain_title
from hwgen.report.html import embedded, page

_TEMPLATE = "explain.html.j2"


def explain_page(part: Mapping[str, Any], svg: str) -> str:
    """Return the page.

    Parameters
    ----------
    part
        As the report's ``explain``.
    svg
        Its figure.

    Raises
    ------
    FileAccessError
        If hwgen's own template is missing.
    """
    return page(
        _TEMPLATE,
        part=part,
        title=explain_title(part),
        header=explain_header(part),
        rows=explain_rows(part),
        note=explain_note(part),
        figure=embedded(svg),
    )
