"""The rule of every field of the report's schema."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """What a field must be, in words and in code."""

    words: str
    holds: Callable[[Any], bool]

    def check(self, field: str, value: Any) -> None:
        """Raise `ValueError` unless `value` keeps the rule."""
        if not self.holds(value):
            raise ValueError(f"{field} must be {self.words}, not {_shown(value)}")


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Return whether `value` is a number of JSON, an integer or not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _width(fmt: Any) -> int | None:
    """Return the bits of a format by its name (`hwgen.fixedpoint.Format`); None if it is none."""
    found = isinstance(fmt, str) and re.fullmatch(r"(u?)Q(-?[0-9]{1,4})\.(-?[0-9]{1,4})", fmt)
    return int(found[2]) + int(found[3]) + (not found[1]) if found else None


def _is_histogram(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    edges, counts = value.get("edges"), value.get("counts")
    if not isinstance(edges, list) or not isinstance(counts, list) or not counts:
        return False
    return (
        len(edges) == len(counts) + 1
        and all(map(_is_integer, edges))
        and all(map(COUNT.holds, counts))
        and all(low < high for low, high in itertools.pairwise(edges))
    )


def maybe(rule: Rule) -> Rule:
    """Return the rule that also allows null."""
    return Rule(f"{rule.words} or null", lambda value: value is None or rule.holds(value))


TEXT = Rule("a text", _is_text)
NAMES = Rule("texts", lambda value: isinstance(value, list) and all(map(_is_text, value)))
_FLAG = Rule("true or false", lambda value: isinstance(value, bool))
COUNT = Rule("an integer >= 0", lambda value: _is_integer(value) and value >= 0)
SOME = Rule("an integer >= 1", lambda value: _is_integer(value) and value >= 1)
_INTEGER = Rule("an integer", _is_integer)
_POSITIVE = Rule("a number > 0", lambda value: is_number(value) and value > 0)
_DURATION = Rule("a number >= 0", lambda value: is_number(value) and value >= 0)
OBJECT = Rule("an object", lambda value: isinstance(value, dict))
_LAYERS = Rule("a list", lambda value: isinstance(value, list))
_WIDTH = Rule("an integer, 1 to 64", lambda value: _is_integer(value) and 1 <= value <= 64)
_FORMAT = Rule("a format such as uQ4.4", lambda value: _width(value) is not None)
_HISTOGRAM = Rule("null or edges (ascending integers) and a count between two", _is_histogram)
_SHARE = maybe(Rule("a number 0 to 1", lambda value: is_number(value) and 0 <= value <= 1))
_DECIBELS = maybe(Rule("a number", is_number))

MAYBE = (_SHARE, _DECIBELS)
"""Rules of the fields that are null when they could not be measured."""

SECTIONS: dict[str, dict[str, Rule]] = {
    "design": {"network": TEXT, "digest": TEXT, "input_samples": SOME, "classes": NAMES},
    "board": {"name": TEXT, "device": TEXT, "package": TEXT},
    "accuracy": {
        "data": TEXT,
        "windows": SOME,
        "float_f1": _SHARE,
        "fixed_f1": _SHARE,
        "agreement": _SHARE,
    },
    # A check that compares nothing has not passed: no windows is no verification.
    "verification": {"simulator": TEXT, "windows": SOME, "mismatches": COUNT},
    "latency": {
        "cycles_last_sample_to_class": SOME,
        "cycles_per_window": SOME,
        "min_cycles_between_samples": COUNT,
        "clock_mhz": _POSITIVE,
        "last_sample_to_class_us": _POSITIVE,
        "windows_per_second": _POSITIVE,
    },
    "resources": {
        "lut4": COUNT,
        "comb": COUNT,
        "ff": COUNT,
        "dsp": COUNT,
        "ebr": COUNT,
        "available": OBJECT,
    },
    "timing": {"target_mhz": _POSITIVE, "fmax_mhz": _POSITIVE, "met": _FLAG},
    "calibration": {"method": TEXT, "windows": SOME, "layers": _LAYERS},
}

_AVAILABLE = {"lut4": COUNT, "ff": COUNT, "dsp": COUNT, "ebr": COUNT}
_LAYER = {
    "name": TEXT,
    "op": TEXT,
    "fmt": _FORMAT,
    "width": _WIDTH,
    "shift": _INTEGER,
    "sqnr_db": _DECIBELS,
    "saturated": COUNT,
    "values": SOME,
}


def check_fields(name: str, section: Any, *, without: Collection[str] = ()) -> None:
    """Raise unless every field of a section is there and keeps its rule.

    Parameters
    ----------
    name, section
        A key of `SECTIONS` and what is to be checked.
    without
        Fields that need not be there yet.
    """
    check_object(name, section, SECTIONS[name], without)
    if name == "resources":
        check_object("resources.available", section["available"], _AVAILABLE)
    if name == "calibration":
        for index, layer in enumerate(section["layers"]):
            _check_layer(f"calibration.layers[{index}]", layer)


def _check_layer(field: str, layer: Any) -> None:
    check_object(field, layer, _LAYER)
    width = _width(layer["fmt"])
    if layer["width"] != width:
        raise ValueError(f"{field}.width must be {width}, as in fmt, not {layer['width']}")
    if layer["saturated"] > layer["values"]:
        raise ValueError(
            f"{field}.saturated must be <= values ({layer['values']}), not {layer['saturated']}"
        )
    if layer.get("histogram") is not None:
        _HISTOGRAM.check(f"{field}.histogram", layer["histogram"])


def check_object(
    field: str, value: Any, rules: dict[str, Rule], without: Collection[str] = ()
) -> None:
    """Raise unless `value` is an object that has every key of `rules` and keeps its rule."""
    OBJECT.check(field, value)
    for key, rule in rules.items():
        if key in value:
            rule.check(f"{field}.{key}", value[key])
        elif key not in without:
            raise ValueError(f"{field}.{key} must be {rule.words}, not missing")


def check_lists(report: dict[str, Any]) -> None:
    """Raise unless tools, seconds and notes are what they must be."""
    for name, rule in (("tools", TEXT), ("seconds", _DURATION)):
        OBJECT.check(name, report.get(name))
        for key, value in report[name].items():
            rule.check(f"{name}.{key}", value)
    notes = report.get("notes")
    if not isinstance(notes, list) or not all(map(_is_text, notes)):
        raise ValueError(f"notes must be a list of texts, not {_shown(notes)}")


def check_breakdown(latency: dict[str, Any]) -> None:
    """Raise unless the steps of the latency, where given, add up to it."""
    steps = latency.get("breakdown")
    if steps is None:
        return
    check_object("latency.breakdown", steps, dict.fromkeys(steps, COUNT))
    total = latency["cycles_last_sample_to_class"]
    if sum(steps.values()) != total:
        raise ValueError(f"latency.breakdown must add up to {total}, not {sum(steps.values())}")


def check_confusion(accuracy: dict[str, Any], design: dict[str, Any] | None) -> None:
    """Raise unless the confusion matrices, where given, count each window once by class."""
    matrices = accuracy.get("confusion")
    if matrices is None:
        return
    check_object("accuracy.confusion", matrices, {"float": _LAYERS, "fixed": _LAYERS})
    for name in ("float", "fixed"):
        field, matrix = f"accuracy.confusion.{name}", matrices[name]
        size = len(matrix) if design is None else len(design["classes"])
        square = len(matrix) == size and all(
            isinstance(row, list) and len(row) == size and all(map(COUNT.holds, row))
            for row in matrix
        )
        if not square or not size:
            raise ValueError(f"{field} must be {size} rows of {size} integers >= 0")
        total = sum(map(sum, matrix))
        if total != accuracy["windows"]:
            raise ValueError(f"{field} must count {accuracy['windows']} windows, not {total}")


def check_values(report: dict[str, Any]) -> None:
    """Raise if a value anywhere cannot be kept as JSON: NaN, infinity, no text, over 64 bits."""
    waiting: list[tuple[str, Any]] = [("report", report)]
    while waiting:  # not recursive: the file may be nested as deeply as it likes
        field, value = waiting.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                _check_text(f"a key of {field}", key)
                waiting.append((key, item))
        elif isinstance(value, list):
            waiting.extend((field, item) for item in value)
        elif isinstance(value, str):
            _check_text(field, value)
        elif isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{field} must be finite, not {value}")
        elif _is_integer(value) and abs(value) > 1 << 64:
            raise ValueError(f"{field} must be an integer of at most 64 bits, not a larger one")
        elif not (value is None or isinstance(value, (bool, int, float))):
            raise ValueError(f"{field} must be a JSON value, not {type(value).__name__}")


def _check_text(field: str, value: Any) -> None:
    Rule("a text", lambda text: isinstance(text, str)).check(field, value)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"{field} must be Unicode text, not {value!r}") from error


def _shown(value: Any) -> str:
    """Return a value as a message can bear it."""
    if isinstance(value, (dict, list)):
        return f"{type(value).__name__} of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
