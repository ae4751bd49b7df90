"""Kinds of files with a network: one module a kind.

To add a kind, add a module that has

    def recognises(source: Source) -> bool: ...

    def load(source: Source, asked: Asked) -> Checkpoint: ...

and, where a network may be spread over several files, ``beside(source)``, which gives the paths of
the others: it is asked of any file, whatever its kind, and looks at its bytes only. `recognises`
looks at ``source.data``, its bytes, or at ``source.content``, the tensors in it. It raises nothing,
and what one module recognises no other does. `load` makes the float network, and raises
`InputError` where that cannot be.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Protocol, cast

from hwgen.importers.records import Checkpoint
from hwgen.importers.source import Asked, Source


class ImportFormat(Protocol):
    """What a module of this package is."""

    def recognises(self, source: Source) -> bool:
        """Return whether a file is of this kind."""
        ...

    def load(self, source: Source, asked: Asked) -> Checkpoint:
        """Return the network in it, and what else it carries."""
        ...


@cache
def every() -> dict[str, ImportFormat]:
    """Return all kinds by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return cast("dict[str, ImportFormat]", found)


def of(source: Source) -> ImportFormat:
    """Return the kind of a file.

    Raises
    ------
    InputError
        If no module recognises it.
    FileAccessError
        If it cannot be read.
    """
    for each in every().values():
        if each.recognises(source):
            return each
    assert source.problem is not None, "any file of tensors is of some kind"
    raise source.problem
