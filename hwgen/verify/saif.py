"""Reads how often each bit of a simulation changed: the Switching Activity Interchange Format.

Verilator writes it (``--trace-saif``): of every bit the time at which it was high (T1) and how
often it changed (TC), by instance. Vendors' calculators of power read the same file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from hwgen import files
from hwgen.errors import ToolError

_LINE = re.compile(
    r"\s*(?:\(INSTANCE (?P<instance>\S+)"
    r"|\((?P<bit>\S+) \(T0 \d+\) \(T1 (?P<high>\d+)\).*\(TC (?P<changes>\d+)\)\)"
    r"|(?P<nets>\(NET)"
    r"|(?P<end>\)))\s*"
)


@dataclass(frozen=True)
class Bit:
    """How a bit spent its time.

    Parameters
    ----------
    high
        Time at which it was 1, in the file's unit.
    changes
        From 0 to 1 and from 1 to 0.
    """

    high: int
    changes: int


@dataclass(frozen=True)
class Trace:
    """What switched in an instance.

    Parameters
    ----------
    bits
        By name: ``net``, or ``net[3]`` of several.
    inside
        Its own instances, by name.
    """

    bits: dict[str, Bit] = field(default_factory=dict)
    inside: dict[str, Trace] = field(default_factory=dict)

    def at(self, *path: str) -> Trace:
        """Return the instance of that path; KeyError if there is none."""
        found = self
        for name in path:
            found = found.inside[name]
        return found


def read(path: Path) -> Trace:
    """Return what a file says, its instances below the outermost.

    Raises
    ------
    ToolError
        If it is not what Verilator writes.
    FileAccessError
        If it cannot be read.
    """
    whole = Trace()
    stack: list[Trace | None] = [whole]
    for line in files.read_text(path).splitlines():
        found = _LINE.fullmatch(line)
        inner = stack[-1] if stack and stack[-1] is not None else stack[-2] if stack[1:] else None
        match found.groupdict() if found else None:
            case {"instance": str(name)} if inner is not None:
                stack.append(inner.inside.setdefault(_plain(name), Trace()))
            case {"bit": str(name), "high": high, "changes": changes} if inner is not None:
                inner.bits[_plain(name)] = Bit(int(high), int(changes))
            case {"nets": str()}:
                stack.append(None)
            case {"end": str()} if stack:
                stack.pop()
    if not whole.inside:
        raise ToolError(f"{path} must name what switched in the simulation; run it again")
    return whole


def _plain(name: str) -> str:
    """Return a name without the format's own backslashes."""
    return name.replace("\\", "")


def cycles(clock: Bit) -> int:
    """Return how often a clock rose."""
    return clock.changes // 2


def fraction(bit: Bit, clock: Bit) -> float:
    """Return in how many cycles of a clock that is as long high as low a bit was high."""
    return bit.high / clock.high * cycles(clock) / 2 if clock.high else 0.0
