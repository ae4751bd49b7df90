"""What is said of a file's channels where it is not plain which is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hwgen.signals.axis import Axis
from hwgen.signals.formats import Channel, Contents

_MOST_NAMES = 16


def why_not(axes: dict[str, Axis], contents: Contents, wanted: str) -> str:
    """Return in brackets why what `wanted` names is no signal."""
    numbers = {each.name: str(each.number) for each in contents.channels}
    for axis in axes.values():
        if wanted.lower() == axis.name.lower() or wanted == numbers[axis.name]:
            return f": {shown(axis.name)} is {axis.kind.value}"
    bare = {name.partition(" (")[0].lower(): name for name in contents.passed_over}
    over = bare.get(wanted.lower())
    return f": there is {shown(over)}, which is no vector of real numbers" if over else ""


def nothing(path: Path, contents: Contents, axes: dict[str, Axis]) -> str:
    """Return what to say of a file without a signal."""
    there = [f"{shown(axis.name)} ({axis.kind.value})" for axis in axes.values()]
    there += [shown(name) for name in contents.passed_over]
    names = ", ".join(there[:_MOST_NAMES]) + (", ..." if len(there) > _MOST_NAMES else "")
    return (
        f"{path} has no signal: no vector of two or more real numbers that is not time; "
        f"it has {names or 'nothing'}"
    )


def beside(axes: dict[str, Axis], contents: Contents) -> str:
    """Return what else there is, for a message."""
    others = [*axes, *contents.passed_over]
    names = ", ".join(map(shown, others[:8])) + (", ..." if len(others) > 8 else "")
    return f" (no signals: {names})" if others else ""


def listed(channels: Sequence[Channel]) -> str:
    """Return names, with the number of the column where the name does not say it."""
    names = [
        shown(each.name)
        if each.number is None or re.search(rf"(?:^|\[|\(column ){each.number}[\])]?$", each.name)
        else f"{shown(each.name)} (column {each.number})"
        for each in channels[:_MOST_NAMES]
    ]
    return ", ".join(names) + (", ..." if len(channels) > _MOST_NAMES else "")


def shown(name: str) -> str:
    """Return a name as a message has it: printable and not too long."""
    return repr(name[:80])[1:-1]
