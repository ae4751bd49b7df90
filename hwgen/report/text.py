"""Numbers and names as people read them."""

from __future__ import annotations

import codecs

from hwgen.names import escaped

NOTHING = "\N{EN DASH}"
"""Stands for a number that was not measured."""


def printable(text: str, encoding: str = "utf-8") -> str:
    """Return `text` without characters that would steer a terminal or that cannot be written.

    The first are escaped, the others become what `plain` makes of them.
    """
    return escaped(text).encode(encoding, ENCODING_ERRORS).decode(encoding)


_PLAIN = {
    "\N{MICRO SIGN}": "u",
    "\N{GREEK SMALL LETTER MU}": "u",
    "\N{PLUS-MINUS SIGN}": "+-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{NO-BREAK SPACE}": " ",
    "\N{SUPERSCRIPT TWO}": "2",
    "\N{DEGREE SIGN}": "deg",
}
"""What stands for a character where an encoding does not have it."""

ENCODING_ERRORS = "hwgen.plain"
"""Name of the handler `plain`, for ``errors=`` of what writes text."""


def plain(error: UnicodeError) -> tuple[str, int]:
    """Return what is written instead of what an encoding lacks, as `codecs.register_error` asks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(char) or _ascii(char) for char in lost), error.end


def _ascii(char: str) -> str:
    return char.encode("ascii", "backslashreplace").decode("ascii")


codecs.register_error(ENCODING_ERRORS, plain)


def shortened(text: str, length: int = 20) -> str:
    """Return `text`, printable, cut to `length` characters."""
    clean = printable(text)
    return clean if len(clean) <= length else clean[: length - 1] + "…"


def count(value: int | None) -> str:
    """Return an integer with thousands separated: ``83,640``."""
    return NOTHING if value is None else f"{value:,}"


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with at least `digits` significant digits, never in powers of ten."""
    if value is None:
        return NOTHING
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return f"{value:,.{max(0, digits - whole)}f}"


def score(value: float | None) -> str:
    """Return an F1 score: four decimals."""
    return NOTHING if value is None else f"{value:.4f}"


def percent(part: float, whole: float = 1) -> str:
    """Return a share as a percentage; 0 and 100 only when it is exactly that."""
    if whole == 0:
        return NOTHING
    share = 100 * part / whole
    if 0 < share < 0.01:
        return "<0.01 %"
    if 99.99 < share < 100:
        return ">99.99 %"
    if share in (0, 100):
        return f"{share:.0f} %"
    near_an_end = share < 1 or 99 < share < 100
    return f"{share:.{2 if near_an_end else 1}f} %"
