"""What ONNX ops become: a file a family.

A module has ``OPS``, functions by the names of the ops that they translate::

    def conv(call: Call, build: Builder) -> View: ...

(a tuple where an op gives several tensors), and ``DOMAINS``, where these are not ONNX's own. A
function takes a node with what it reads and adds layers to the network, or gives another view of a
value. What cannot be raises `Unsupported`, or `InputError`
from the layer's own rules. Nothing else lists the ops.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from hwgen.importers.onnx.builder import Builder, Call, Value
from hwgen.importers.onnx.model import DOMAINS

Translate = Callable[[Call, Builder], Value | tuple[Value, ...]]


@cache
def every() -> dict[tuple[str, str], Translate]:
    """Return the translation of each op, by its domain and name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found: dict[tuple[str, str], Translate] = {}
    for name in names:
        module = importlib.import_module(f"{__name__}.{name}")
        for domain in getattr(module, "DOMAINS", DOMAINS):
            found |= {(domain, op): translate for op, translate in module.OPS.items()}
    return found
