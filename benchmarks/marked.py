"""Tables between marks of a page: what is around them stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def put(text: str, marks: tuple[str, str], lines: Sequence[str], page: Path) -> str:
    """Return a page's text with other lines between two marks.

    Parameters
    ----------
    text
        Of the page.
    marks
        Where the lines begin and end.
    lines
        What comes there.
    page
        To be named in the error.

    Raises
    ------
    ValueError
        If the page has not each mark once, in their order.
    """
    begin, end = marks
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(end) < text.index(begin):
        raise ValueError(f"{page} must have {begin} and {end} once each, in this order")
    before, _, rest = text.partition(begin)
    made = "\n".join(lines)
    return f"{before}{begin}\n\n{made}\n\n{end}{rest.partition(end)[2]}"
