"""Reads the fields of a TOML table, naming file, field and rule when one is broken."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

from hwgen.errors import InputError
from hwgen.files import read_text


def read_toml(path: Path) -> dict[str, Any]:
    """Return the table in a TOML file; `InputError` if it is not TOML."""
    try:
        return tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path} is not TOML: {error}") from error


class Fields:
    """The fields of one table; each is taken once, and `finish` refuses what is left.

    Parameters
    ----------
    path
        The file, for messages.
    name
        The table's name in it; empty for the whole file.
    value
        The table.
    """

    def __init__(self, path: Path, name: str, value: Any) -> None:
        self.path = path
        self._prefix = f"{name}." if name else ""
        if not isinstance(value, dict):
            raise InputError(f"{path}: {name} must be a table, not {value!r}")
        self._left = dict(value)

    def __contains__(self, field: str) -> bool:
        return field in self._left

    def text(self, field: str, default: str | None = None) -> str:
        """Take a non-empty string."""
        value = self._take(field, default)
        if not isinstance(value, str) or not value.strip():
            raise self._error(field, "a non-empty string", value)
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """Take a list of strings; none when it is absent."""
        value = self._take(field, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(field, "a list of strings", value)
        return tuple(value)

    def flag(self, field: str) -> bool:
        """Take true or false; false when it is absent."""
        value = self._take(field, False)
        if not isinstance(value, bool):
            raise self._error(field, "true or false", value)
        return value

    def number(self, field: str, low: float, high: float) -> float:
        """Take a number in ``[low, high]``."""
        value = self._take(field, None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error(field, "a number", value)
        if not math.isfinite(value) or not low <= value <= high:
            raise self._error(field, f"{low:g} to {high:g}", value)
        return value

    def table(self, field: str) -> Fields:
        """Take a table."""
        value = self._take(field, None)
        return Fields(self.path, self._prefix + field, value)

    def choice(self, field: str, allowed: tuple[str, ...]) -> str:
        """Take a string that is one of `allowed`."""
        value = self.text(field)
        if value not in allowed:
            raise self._error(field, f"one of {', '.join(allowed)}", value)
        return value

    def finish(self) -> None:
        """Raise if a field was not taken: a misspelt name must not pass in silence."""
        if self._left:
            names = ", ".join(self._prefix + field for field in self._left)
            raise InputError(f"{self.path}: {names} must be removed: no such field")

    def _take(self, field: str, default: Any) -> Any:
        if field not in self._left and default is None:
            raise InputError(f"{self.path}: {self._prefix}{field} must be given")
        return self._left.pop(field, default)

    def _error(self, field: str, rule: str, value: Any) -> InputError:
        return InputError(f"{self.path}: {self._prefix}{field} must be {rule}, not {value!r}")
