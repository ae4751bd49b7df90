"""MATLAB files of level 5 (``save -v6`` and ``-v7``); 7.3 is refused by name."""

from __future__ import annotations

import math
import re
from pathlib import Path

from hwgen.errors import InputError
from hwgen.signals.formats import _matlab5
from hwgen.signals.formats._signal import Signal

_LONG = 64
"""Samples from which a variable without a telling name may be a signal, not a parameter."""


def read(path: Path, data: bytes, channel: str) -> Signal:
    """Read the 1-D numeric variable whose name contains `channel`.

    Where several do, the one whose number (``X118_DE_time``) is the file name's
    (``..._118.mat``): some published records hold a neighbour's variables too. Where none does,
    the only 1-D numeric variable of at least 64 samples.
    """
    if b"\x89HDF" in data[:1024] or data.startswith(b"MATLAB 7.3"):
        raise InputError(f"{path} is a MATLAB 7.3 (HDF5) file; save it with -v7 in MATLAB")
    try:
        variables = {variable.name: variable for variable in _matlab5.variables(data)}
        name = _choose(path, variables, channel)
        return Signal(_matlab5.numbers(variables[name]))
    except _matlab5.TruncatedError as error:
        raise InputError(f"{path} is truncated: {error}; copy it again") from error


def _choose(path: Path, variables: dict[str, _matlab5.Variable], channel: str) -> str:
    """Return the name of the variable to read."""
    vectors = {
        name: math.prod(variable.shape)
        for name, variable in variables.items()
        if variable.numeric and sum(length != 1 for length in variable.shape) <= 1
    }
    matching = [name for name in vectors if channel in name]
    if not matching:
        matching = [name for name, length in vectors.items() if length >= _LONG]
        if len(matching) == 1:
            return matching[0]
        raise InputError(
            f"{path} has no 1-D numeric variable with {channel!r} in its name among: "
            f"{_listed(list(variables))}; name one of them as the channel"
        )
    if len(matching) > 1:
        numbered = [name for name in matching if _same_number(name, path.stem)]
        matching = numbered or matching
    if len(matching) > 1:
        raise InputError(
            f"{path} has several variables with {channel!r} in their names: {_listed(matching)}; "
            "name one of them as the channel"
        )
    return matching[0]


def _same_number(variable: str, stem: str) -> bool:
    """Return whether ``X098_DE_time`` and ``normal_2_98`` carry one number."""
    in_variable = re.match(r"[A-Za-z]+(\d+)", variable)
    in_file = re.search(r"(\d+)$", stem)
    if in_variable is None or in_file is None:
        return False
    return int(in_variable[1]) == int(in_file[1])


def _listed(names: list[str], most: int = 12) -> str:
    shown = ", ".join(repr(name)[1:-1] for name in names[:most]) or "none"
    return shown + (", ..." if len(names) > most else "")
