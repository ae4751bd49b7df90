"""Checks of component parameters: a wrong type or value is a programming mistake."""

from __future__ import annotations


def positive(field: str, value: int, low: int = 1) -> int:
    """Return `value` if it is an integer of at least `low`.

    Raises
    ------
    TypeError, ValueError
        Otherwise; the text says which field, the rule and the value.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{field} must be an integer, not {value!r}")
    if value < low:
        raise ValueError(f"{field} must be at least {low}, not {value}")
    return value
