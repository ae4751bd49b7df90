"""Unpickles without running anything: every class and function is a stand-in that does nothing.

What a pickle would call is kept as a record of the call, for `hwgen.checkpoint.tree` to look at.
"""

from __future__ import annotations

import _compat_pickle
import io
import pickle
import pickletools
from dataclasses import dataclass
from typing import Any, ClassVar

from hwgen.checkpoint.policy import GETATTR, runs_code

MAX_OPCODES = 1_000_000
"""Of all the pickles in a file; a state_dict of a thousand tensors has some 30,000."""

_MAX_TUPLES = 50_000
"""Tuples made, at most: a key of as many nested ones would exhaust the stack when it is hashed."""

BROKEN = "no whole pickle"

_PUTS = {"PUT", "BINPUT", "LONG_BINPUT"}
_TUPLES = {"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"}


class Inert(dict):
    """An object of a class that is not there, or what a function would have returned.

    Attributes
    ----------
    name
        Of the class or function, with its module.
    args
        What it was called with.
    state
        What it was to take its attributes from.
    listed
        What was appended to it; items that were set are its own.
    """

    name: ClassVar[str] = ""

    def __new__(cls, *args: Any, **options: Any) -> Inert:
        """Keep what it is made of."""
        made = super().__new__(cls)
        made.args = args
        made.state = None
        made.listed = []
        return made

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__()

    args: tuple[Any, ...]
    state: Any
    listed: list[Any]
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def append(self, item: Any) -> None:
        """Keep an item, as if this were a list."""
        self.listed.append(item)

    def extend(self, items: Any) -> None:
        """Keep items, as if this were a list."""
        self.listed.extend(items)


class Attribute(Inert):
    """``getattr`` of a stand-in's class by name: functions of torch, and classes within classes."""

    def __new__(cls, owner: Any, name: Any) -> type[Inert]:  # type: ignore[misc]
        """Return a stand-in; what an instance, or an inner name of Python, leads to is refused."""
        if not (isinstance(owner, type) and issubclass(owner, Inert) and isinstance(name, str)):
            raise pickle.UnpicklingError("an attribute of what is no class")
        full = f"{owner.name}.{name}"
        if runs_code(owner.name) or runs_code(full) or name.startswith("_"):
            raise pickle.UnpicklingError("an attribute that no data has")
        return type("Inert", (Inert,), {"name": full})


@dataclass(frozen=True, eq=False)
class Storage:
    """Numbers that lie outside of the pickle: their type's name, their key in the file."""

    kind: str
    key: str


class _Unpickler(pickle.Unpickler):
    """Takes every name for a stand-in of its own."""

    def __init__(self, stream: io.BytesIO, kinds: dict[str, str]) -> None:
        super().__init__(stream, encoding="latin1")
        self._names: dict[str, type[Inert]] = {}
        self._kinds = kinds

    def find_class(self, module: str, name: str) -> type[Inert]:
        """Return the stand-in; nothing is imported."""
        full = modern(module, name)
        if full not in self._names:
            kind = Attribute if full == GETATTR else Inert
            self._names[full] = type("Inert", (kind,), {"name": full})
        return self._names[full]

    def persistent_load(self, pid: Any) -> Any:
        """Return a storage's key, or the class that torch's format before zip wraps with source."""
        if isinstance(pid, tuple) and len(pid) >= 4 and pid[0] == "storage":
            self._kinds[str(pid[2])] = kind = str(getattr(pid[1], "name", ""))
            return Storage(kind, str(pid[2]))
        if isinstance(pid, tuple) and len(pid) >= 2 and pid[0] == "module":
            return pid[1]
        raise pickle.UnpicklingError("an unknown kind of reference")


def modern(module: str, name: str) -> str:
    """Return the full name of a global; old pickles have that of Python 2."""
    mapped = _compat_pickle.NAME_MAPPING.get((module, name))
    if mapped is None:
        mapped = (_compat_pickle.IMPORT_MAPPING.get(module, module), name)
    return ".".join(mapped)


def load(stream: io.BytesIO, kinds: dict[str, str] | None = None) -> Any:
    """Return what the next pickle in `stream` holds; it must have passed `trouble`.

    Parameters
    ----------
    kinds
        Is given the name of the type of each storage, by key.
    """
    return _Unpickler(stream, {} if kinds is None else kinds).load()


def trouble(data: bytes, pickles: int) -> str:
    """Return why pickles are not to be read, "" if nothing is wrong with them.

    Parameters
    ----------
    data
        Begins with a pickle.
    pickles
        How many follow each other.
    """
    stream = io.BytesIO(data)
    opcodes = tuples = 0
    try:
        for _ in range(pickles):
            for opcode, argument, _ in pickletools.genops(stream):
                opcodes += 1
                tuples += opcode.name in _TUPLES
                if opcodes > MAX_OPCODES or tuples > _MAX_TUPLES:
                    return "more objects in it than any network has"
                if opcode.name in _PUTS and int(argument or 0) > MAX_OPCODES:
                    return "a place in its table of objects that is far too high"
    # pickletools raises ValueError for garbage, and other errors for hostile numbers. Python's own
    # reader takes some of what it refuses, and would then go on unchecked.
    except Exception:
        return BROKEN
    return ""
