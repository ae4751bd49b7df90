"""Codes of weights, a file a code.

A code is a module with

- ``CODED``, the subclass of `hwgen.coding.coded.Coded` whose `code` is the module's name;
- ``fit(weights, **options) -> Coded`` of a matrix ``(rows, taps)``, floats or integers;
- ``choices(shape) -> list[Choice]``: options of `fit` for a matrix of that shape, from the fewest
  bits to the most.

Nothing else lists them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, cast

import numpy.typing as npt

from hwgen.coding.coded import Choice, Coded
from hwgen.coding.packing import Bytes
from hwgen.errors import InputError


class Code(Protocol):
    """What a module of this package is."""

    CODED: type[Coded]

    def fit(self, weights: npt.ArrayLike, **options: Any) -> Coded:
        """Return weights in the code, as near as its options allow."""
        ...

    def choices(self, shape: tuple[int, int]) -> list[Choice]:
        """Return options of `fit`, from the fewest bits to the most."""
        ...


@cache
def names() -> tuple[str, ...]:
    """Return the names of all codes."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def of(name: str) -> Code:
    """Return the code of a name; `InputError` if there is none."""
    if name not in names():
        raise InputError(f"code must be one of {', '.join(names())}, not {str(name)[:60]!r}")
    return cast(Code, importlib.import_module(f"{__name__}.{name}"))


def sizes(told: Any) -> dict[str, int]:
    """Return the bytes of each array of coded weights whose `to_json` this is, in their order."""
    return _kind(told).sizes(told)


def read(told: Any, arrays: Mapping[str, Bytes]) -> Coded:
    """Return the coded weights whose `to_json` and `arrays` these are; `InputError` if none."""
    return _kind(told).from_json(told, arrays)


def _kind(told: Any) -> type[Coded]:
    if not isinstance(told, dict) or not isinstance(told.get("code"), str):
        raise InputError("coded weights must be an object that names its code")
    return of(told["code"]).CODED
