"""What the report says of a board with a sensor: its optional parts ``sensor`` and ``decision``."""

from __future__ import annotations

from typing import Any

from hwgen.report.rules import COUNT, SOME, TEXT, Rule, check_object, is_number, maybe
from hwgen.report.text import number, percent

_POSITIVE = Rule("a number > 0", lambda value: is_number(value) and value > 0)
_SHARE = maybe(Rule("a number 0 to 1", lambda value: is_number(value) and 0 <= value <= 1))
_TEXTS = Rule(
    "texts", lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value)
)
_SENSOR = {
    "source": TEXT,
    "part": TEXT,
    "data_sheet": TEXT,
    "sensor_rate_hz": _POSITIVE,
    "decimation": SOME,
    "sensor_bits": SOME,
    "hop": SOME,
    "windows_per_second": _POSITIVE,
}
_DECISION = {
    "vote": TEXT,
    "alarm_classes": _TEXTS,
    "unknown_below": COUNT,
    "decided_on": TEXT,
    "unknown_of_right": _SHARE,
    "unknown_of_wrong": _SHARE,
    "unknown_of_right_test": _SHARE,
    "unknown_of_wrong_test": _SHARE,
}


def check_sensor(report: dict[str, Any]) -> None:
    """Raise unless ``sensor`` and ``decision``, where given, are what they must be."""
    for name, rules in (("sensor", _SENSOR), ("decision", _DECISION)):
        if report.get(name) is not None:
            check_object(name, report[name], rules)


def sensor_rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of the table; none for a board that the host feeds."""
    rows = []
    if sensor := report.get("sensor"):
        rate = f"{number(sensor['sensor_rate_hz'], 5)} Hz"
        if sensor["decimation"] > 1:
            rate += f", decimated by {sensor['decimation']}"
        rows.append(
            ("sensor", f"{sensor['source']} at {rate}; a window every {sensor['hop']} samples, "
             f"{number(sensor['windows_per_second'])} a second")
        )  # fmt: skip
    if decision := report.get("decision"):
        rows.append(("alarm", f"{decision['vote']} of: {', '.join(decision['alarm_classes'])}"))
        rows.append(("unknown", _unknown(decision)))
    return rows


def _unknown(decision: dict[str, Any]) -> str:
    shares = [
        f"{percent(decision[f'unknown_of_{kind}_test'])} of {kind} answers"
        for kind in ("right", "wrong")
        if decision[f"unknown_of_{kind}_test"] is not None
    ]
    test = f"; on the test part {', '.join(shares)}" if shares else ""
    return f"margin below {decision['unknown_below']} (of {decision['decided_on']} windows){test}"
