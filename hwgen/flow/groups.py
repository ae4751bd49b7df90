"""Groups of options, and JSON objects in which groups stand side by side with other options."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

Options = TypeVar("Options")


def group(kind: type[Any], *, inline: bool = False) -> Any:
    """Return a field that holds further options; each of these says itself what it decides.

    Parameters
    ----------
    kind
        Of the group; by default it has its own defaults.
    inline
        Whether its options stand among those around it wherever they are called by name: in JSON,
        in keys and on the command line.
    """
    return dataclasses.field(default_factory=kind, metadata={"group": True, "inline": inline})


def is_group(field: dataclasses.Field[Any]) -> bool:
    """Return whether a field holds further options."""
    return bool(field.metadata.get("group"))


def is_inline(field: dataclasses.Field[Any]) -> bool:
    """Return whether a field holds options that stand among those around it."""
    return bool(field.metadata.get("inline"))


def option_fields(kind: Any) -> dict[str, dataclasses.Field[Any]]:
    """Return the fields of a kind of options by name, those of groups within it inline too."""
    found: dict[str, dataclasses.Field[Any]] = {}
    for field in dataclasses.fields(kind):
        found |= option_fields(field.default_factory) if is_inline(field) else {field.name: field}
    return found


def values_of(options: Any) -> dict[str, Any]:
    """Return the values of all options by name."""
    found: dict[str, Any] = {}
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        found |= values_of(value) if is_inline(field) else {field.name: value}
    return found


def options_of(kind: type[Options], values: Mapping[str, Any]) -> Options:
    """Return options with these values by name, whichever group has them; others are the default.

    Raises
    ------
    TypeError
        If there is no option of a name.
    """
    if unknown := sorted(set(values) - set(option_fields(kind))):
        raise TypeError(f"{kind.__name__} has no option {', '.join(unknown)}")
    given: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if is_inline(field):
            inner: Any = field.default_factory
            own = {name: values[name] for name in option_fields(inner) if name in values}
            given[field.name] = options_of(inner, own)
        elif field.name in values:
            given[field.name] = values[field.name]
    return kind(**given)


def to_json(options: Any) -> dict[str, Any]:
    """Return options as a JSON object."""
    return {
        name: to_json(value) if dataclasses.is_dataclass(value) else value
        for name, value in values_of(options).items()
    }


def from_json(kind: type[Options], value: Any) -> Options:
    """Return what `to_json` wrote; TypeError where a field is missing or of another type."""
    fields = option_fields(kind)
    needed = {name for name, field in fields.items() if not field.metadata.get("added")}
    if not isinstance(value, dict) or not needed <= set(value) <= set(fields):
        raise TypeError(f"{kind.__name__} must have the fields {', '.join(sorted(fields))}")
    hints = _hints(kind)
    return options_of(kind, {name: _field(name, hints[name], each) for name, each in value.items()})


def _hints(kind: Any) -> dict[str, Any]:
    """Return the types of all options by name."""
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        if is_inline(field):
            hints |= _hints(field.default_factory)
    return hints


def _field(name: str, hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        return from_json(hint, value)  # type: ignore[arg-type]
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise TypeError(f"{name} must be a list, not {value!r}")
        return tuple(_field(name, typing.get_args(hint)[0], item) for item in value)
    kinds = typing.get_args(hint) or (hint,)
    if float in kinds:
        kinds = (*kinds, int)
    # JSON's true is an int to Python.
    if isinstance(value, bool) != (bool in kinds) or not isinstance(value, kinds):
        raise TypeError(f"{name} must not be {value!r}")
    return value
