"""Universal files (UFF, UNV), data set 58: records over time, by pyuff (extra ``uff``)."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.formats._contents import Channel, Contents
from hwgen.signals.formats._extra import needed, sound
from hwgen.signals.formats._stated import TIME_UNITS, rate_of_step

ENDINGS = (".uff", ".unv")

_MAX_BYTES = 1 << 27
"""pyuff holds all of a file and every number of it as an object: some twenty times this."""
_FUNCTION = 58
_OVER_TIME = 17
"""What the abscissa is: time."""
_RECORDS = (0, 1)
"""Function types: general, time response."""


def read(path: Path) -> Contents:
    """Return the records over time, named by their first line, or node and direction.

    The step in time is the rate; where samples have each its own time, that is a channel too.

    Raises
    ------
    InputError
        It is no sound universal file, is too large, or ends early.
    ToolError
        pyuff is not installed.
    """
    pyuff = needed("pyuff", path, "uff")
    _check_whole(path)
    channels: list[Channel] = []
    passed_over = []
    with sound(path, "UFF"):
        file = pyuff.UFF(str(path))
        kinds = [int(kind) for kind in file.get_set_types()]
        heads = [
            file.read_sets(index, header_only=True) if kind == _FUNCTION else {}
            for index, kind in enumerate(kinds)
        ]
        titles = Counter(_label(head, "id1") for head in heads if _is_record(head))
        for index, (kind, head) in enumerate(zip(kinds, heads, strict=True)):
            if _is_record(head):
                # A title of several sets names none of them.
                taken = [title for title, count in titles.items() if count > 1]
                taken += [channel.name for channel in channels]
                channels += _channels(path, index, head, taken)
            else:
                passed_over.append(f"set {index + 1} (type {kind})")
    return Contents(tuple(channels), (), tuple(passed_over))


def _check_whole(path: Path) -> None:
    size = path.stat().st_size
    if size > _MAX_BYTES:
        raise InputError(
            f"{path} has {size} bytes; universal files are read up to {_MAX_BYTES}; "
            "save the record as .npy or .mat"
        )
    with path.open("rb") as file:
        file.seek(max(0, size - 4096))
        if not file.read().rstrip().endswith(b"    -1"):
            raise InputError(f"{path} is truncated: it does not end in a line -1; copy it again")


def _is_record(head: dict[str, Any]) -> bool:
    """Return whether a header is that of real samples over time."""
    if not head or int(head["func_type"]) not in _RECORDS or int(head["num_pts"]) < 2:
        return False
    over_time = int(head["abscissa_spec_data_type"]) in (0, _OVER_TIME)
    return over_time and int(head["ord_data_type"]) in (2, 4)


def _channels(path: Path, index: int, head: dict[str, Any], taken: list[str]) -> list[Channel]:
    """Return the samples of a set, and their times where they are not a step apart."""
    length = int(head["num_pts"])
    name = _name(index, head, taken)
    label = _label(head, "abscissa_axis_units_lab").lower()
    over = TIME_UNITS.get(label or "s")
    step = float(head["abscissa_inc"])
    even = int(head["abscissa_spacing"]) == 1
    rate = rate_of_step(step, over) if even and over and step > 0 else None
    unit = _label(head, "ordinate_axis_units_lab") or None
    samples = Channel(name, length, partial(_numbers, path, index, "data", length), unit, rate)
    if even:
        return [samples]
    return [
        Channel(f"{name} time", length, partial(_numbers, path, index, "x", length), over),
        samples,
    ]


def _name(index: int, head: dict[str, Any], taken: list[str]) -> str:
    """Return the first line of the set, or node and direction, or its number; none twice."""
    titled = _label(head, "id1")
    place = f"{int(head['rsp_node'])}:{int(head['rsp_dir'])}"
    names = [titled, f"{titled} {place}".strip(), f"set {index + 1}"]
    return next(name for name in names if name and name not in taken)


def _label(head: dict[str, Any], field: str) -> str:
    """Return a text of the header; NONE is how universal files leave one out."""
    text = str(head.get(field) or "").strip()
    return "" if text.upper() == "NONE" else text


def _numbers(path: Path, index: int, part: str, length: int) -> np.ndarray:
    """Return (length,) float64 of one set."""
    import pyuff

    with sound(path, "UFF"):
        values = np.asarray(pyuff.UFF(str(path)).read_sets(index)[part])
        if len(values) != length:
            raise InputError(
                f"{path} is damaged: set {index + 1} announces {length} samples and has "
                f"{len(values)}; copy it again"
            )
    return values
