"""What ONNX ops become: a file a family.

A module has ``OPS``, functions by the names of the ops that they translate::

    def conv(call: Call, build: Builder) -> View: ...

(a tuple where an op gives several tensors). One takes a node with what it reads and adds layers to
the network, or gives another view of a value. What cannot be raises `Unsupported`, or `InputError`
from the layer's own rules. Nothing else lists the ops.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from hwgen.importers.onnx.builder import Builder, Call, Value

Translate = Callable[[Call, Builder], Value | tuple[Value, ...]]


@cache
def every() -> dict[str, Translate]:
    """Return the translation of each op."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found: dict[str, Translate] = {}
    for name in names:
        found |= importlib.import_module(f"{__name__}.{name}").OPS
    return found
