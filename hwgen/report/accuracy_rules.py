"""The rules of the report's ``robustness``, and of what else only some builds have."""

from __future__ import annotations

import itertools
from typing import Any

from hwgen.report.rules import (
    COUNT,
    OBJECT,
    SOME,
    TEXT,
    Rule,
    check_object,
    is_number,
    maybe,
)


def _list_of(words: str, rule: Rule) -> Rule:
    return Rule(
        f"a list of {words}", lambda value: isinstance(value, list) and all(map(rule.holds, value))
    )


def _is_ascending(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(map(is_number, value))
        and all(low < high for low, high in itertools.pairwise(value))
    )


_NUMBER = Rule("a number", is_number)
_MARGIN = Rule("a number >= 0", lambda value: is_number(value) and value >= 0)
_ASCENDING = Rule("ascending numbers, at least one", _is_ascending)
_F1 = Rule("a number 0 to 1", lambda value: is_number(value) and 0 <= value <= 1)
_SCORES = _list_of("numbers 0 to 1", _F1)
_COUNTS = _list_of("integers >= 0", COUNT)
_NUMBERS = _list_of("numbers", _NUMBER)
_LIST = Rule("a list", lambda value: isinstance(value, list))
_OBJECT_OR_NULL = maybe(OBJECT)

_PARTS = {"snr": _OBJECT_OR_NULL, "gain": _OBJECT_OR_NULL, "disagreements": OBJECT}
_SWEEP = {"windows": SOME, "float_f1": _SCORES, "fixed_f1": _SCORES}
_DISAGREEMENTS = {
    "count": COUNT,
    "of": SOME,
    "float_right": maybe(COUNT),
    "fixed_right": maybe(COUNT),
    "error_95": _MARGIN,
    "histogram": OBJECT,
    "points": OBJECT,
    "rows": _LIST,
}
_HISTOGRAM = {"edges": _ASCENDING, "windows": _COUNTS, "differ": _COUNTS}
_POINTS = {"differ": COUNT, "float": _NUMBERS, "fixed": _NUMBERS}
_ROW = {
    "window": COUNT,
    "recording": maybe(TEXT),
    "start": maybe(COUNT),
    "true": maybe(TEXT),
    "float": TEXT,
    "fixed": TEXT,
    "float_margin": _MARGIN,
    "fixed_margin": _MARGIN,
}


_NAMES = Rule(
    "a list of texts", lambda value: isinstance(value, list) and all(map(TEXT.holds, value))
)
_OTHER = {
    "data": TEXT,
    "snr_db": maybe(_NUMBER),
    "windows": SOME,
    "float_f1": _F1,
    "fixed_f1": _F1,
    "classes": _NAMES,
    "lacking": _NAMES,
}


def check_other(accuracy: dict[str, Any]) -> None:
    """Raise unless ``accuracy.other``, where given, is a list of F1 on other recordings."""
    if "other" not in accuracy:
        return
    _LIST.check("accuracy.other", accuracy["other"])
    for index, found in enumerate(accuracy["other"]):
        check_object(f"accuracy.other[{index}]", found, _OTHER)


def check_optional(report: dict[str, Any]) -> None:
    """Raise unless ``robustness``, ``search`` and ``qat``, where given, are what they must be.

    Of the last two only that they are objects: what is in them is free.
    """
    for name in ("search", "qat"):
        if name in report:
            _OBJECT_OR_NULL.check(name, report[name])
    if report.get("robustness") is None:
        return
    part = report["robustness"]
    check_object("robustness", part, _PARTS)
    for name, places in (("snr", "db"), ("gain", "gain")):
        if part[name] is not None:
            _check_sweep(f"robustness.{name}", part[name], places)
    _check_disagreements("robustness.disagreements", part["disagreements"])


def _check_sweep(field: str, sweep: dict[str, Any], places: str) -> None:
    check_object(field, sweep, _SWEEP | {places: _ASCENDING})
    for curve in ("float_f1", "fixed_f1"):
        _check_length(f"{field}.{curve}", sweep[curve], len(sweep[places]))


def _check_disagreements(field: str, found: dict[str, Any]) -> None:
    check_object(field, found, _DISAGREEMENTS)
    if found["count"] > found["of"]:
        raise ValueError(f"{field}.count must be <= of ({found['of']}), not {found['count']}")
    check_object(f"{field}.histogram", found["histogram"], _HISTOGRAM)
    for counts in ("windows", "differ"):
        bins = len(found["histogram"]["edges"]) - 1
        _check_length(f"{field}.histogram.{counts}", found["histogram"][counts], max(1, bins))
    check_object(f"{field}.points", found["points"], _POINTS)
    points = max(1, len(found["points"]["float"]))
    for name in ("float", "fixed"):
        _check_length(f"{field}.points.{name}", found["points"][name], points)
    for index, row in enumerate(found["rows"]):
        check_object(f"{field}.rows[{index}]", row, _ROW)


def _check_length(field: str, values: list[Any], length: int) -> None:
    if len(values) != length:
        raise ValueError(f"{field} must have {length} values, not {len(values)}")
