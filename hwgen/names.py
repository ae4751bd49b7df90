"""Names as people gave them, made fit for a line of text."""

from __future__ import annotations


def escaped(text: str) -> str:
    r"""Return `text` with what steers a terminal or is no text escaped as in Python.

    ``\x1b``, ``\n`` and bytes of a file name that are no UTF-8 (``\udce4``) become visible, so
    that names that differ look different; everything else stays.
    """
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
