"""What the report says of an explained window: its optional part ``explain``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwgen.report.rules import COUNT, OBJECT, SOME, TEXT, Rule, check_object, is_number, maybe
from hwgen.report.text import percent

_NUMBER = Rule("a number", is_number)
_LIST = Rule("a list", lambda value: isinstance(value, list))
_FIELDS = {
    "network": TEXT,
    "file": TEXT,
    "start": COUNT,
    "begin_s": maybe(_NUMBER),
    "said": TEXT,
    "margin": maybe(_NUMBER),
    "target": TEXT,
    "windows": SOME,
    "rate": maybe(_NUMBER),
    "lines": OBJECT,
    "rows": _LIST,
    "notes": _LIST,
}
_ROW = {"name": TEXT, "axis": TEXT, "positions": SOME, "half": maybe(_NUMBER), "strengths": OBJECT}
NOT_TOLD = "\N{EN DASH}"


def check_explain(report: Mapping[str, Any]) -> None:
    """Raise unless ``explain``, where given, is what it must be."""
    part = report.get("explain")
    if part is None:
        return
    check_object("explain", part, _FIELDS)
    for number, row in enumerate(part["rows"]):
        check_object(f"explain.rows[{number}]", row, _ROW)
        for name, found in row["strengths"].items():
            good = isinstance(found, list) and found and all(
                each is None or is_number(each) for each in found
            )  # fmt: skip
            if not good:
                raise ValueError(
                    f"explain.rows[{number}].strengths.{name} must be numbers or null, "
                    f"not {found!r}"
                )


def explain_title(part: Mapping[str, Any]) -> str:
    """Return which window of what was explained, in a sentence."""
    where = f"sample {part['start']:,}"
    if part["begin_s"] is not None:
        where = f"{part['begin_s']:.3f} s ({where})"
    said = ""
    if part["said"]:
        said = f"; the float network says {part['said']}, margin {part['margin']:.3g}"
    return f"{part['network']} on {part['file']}, window at {where}{said}; explained: " + str(
        part["target"]
    )


def explain_header(part: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the head of the table."""
    lines = (f"{name} {hertz:.1f} Hz" for name, hertz in part["lines"].items())
    return ("", "places", "half of its energy in", *lines)


def explain_rows(part: Mapping[str, Any], *, absent: str = NOT_TOLD) -> list[tuple[str, ...]]:
    """Return the table: the signal, then each map, with the strength of each fault frequency."""
    rows = []
    for row in part["rows"]:
        half = absent if row["half"] is None else percent(row["half"])
        strong = [row["strengths"].get(name, [None])[0] for name in part["lines"]]
        told = (absent if each is None else f"{each:.1f}" for each in strong)
        rows.append((row["name"], f"{row['positions']:,}", half, *told))
    return rows


def explain_note(part: Mapping[str, Any]) -> str:
    """Return what the numbers of the table are."""
    text = "Half of its energy in: the least share of the window that holds it."
    if not part["lines"]:
        return text
    over = f"{part['windows']} windows" if part["windows"] > 1 else "this window"
    return (
        "Below a fault frequency: its largest amplitude in the envelope spectrum over the median "
        f"around it, the mean of {over}; nothing where the window or the layer's places "
        f"are too few to tell. {text}"
    )
