"""Torch's own layers in a whole pickled module, with what each states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hwgen.checkpoint.inert import Inert
from hwgen.checkpoint.mappings import key_text
from hwgen.checkpoint.tensors import printable
from hwgen.checkpoint.tree import MAX_DEPTH, MAX_TENSORS, state_of

TORCHS = "torch.nn.modules."
"""What the names of torch's own layers begin with."""

CALLED = "function "
"""What the kind of a function begins with that a module keeps."""

_WRAPPER = re.compile(r"torch\.(nn\.parallel|_dynamo)\.|.*\b(loss|metrics?|optim)\.")
"""Modules around a network, and others that are none."""

_FUNCTION = re.compile(r"torch\.(nn\.functional|_C\.(_nn|_VariableFunctions\w*|TensorBase))\.\w+$")


@dataclass(frozen=True, eq=False)
class Layer:
    """One of torch's own layers.

    Parameters
    ----------
    place
        Keys and names of modules with dots between.
    kind
        Name of its class, without the module.
    state
        Its attributes, as the file has them.
    """

    place: str
    kind: str
    state: dict[Any, Any]

    def __str__(self) -> str:
        return printable(f"{self.place or 'the module'} ({self.kind})", 100)


def layers(value: Any) -> tuple[Layer, ...]:
    """Return torch's own layers in what `hwgen.checkpoint.inert.load` gave, each of them once.

    Losses are no part of a network, and passed over.
    """
    return tuple(layer for place, each in _parts(value) for layer in _own(place, each))


def networks(value: Any) -> tuple[str, ...]:
    """Return the classes of the modules that are in no other; those that wrap one are not meant.

    Parameters
    ----------
    value
        What `hwgen.checkpoint.inert.load` gave.
    """
    found: list[str] = []
    inner: list[str] = []
    for place, each in _parts(value):
        state = state_of(each) if isinstance(each, Inert) else None
        if not isinstance(state, dict) or not isinstance(state.get("_modules"), dict):
            continue
        if _WRAPPER.match(each.name) or any(_within(place, outer) for outer in inner):
            continue
        inner.append(place)
        found.append("torch.fx.GraphModule" if each.name.startswith("torch.fx.") else each.name)
        if not place:
            break  # all others are in it
    return tuple(dict.fromkeys(found))


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is in a container, each once, with its place; the outermost first."""
    todo: list[tuple[str, Any, int]] = [("", value, 0)]
    seen: set[int] = set()
    for place, each, depth in todo:
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield place, each
        if depth < MAX_DEPTH:
            for name, inner in _inner(each):
                # A file may name one container again and again.
                if isinstance(inner, dict | list | tuple) and len(todo) < MAX_TENSORS:
                    todo.append((f"{place}.{name}"[:1000] if place else name, inner, depth + 1))


def _own(place: str, each: Any) -> list[Layer]:
    """Return the layer that an object is, or the functions that a module keeps as attributes."""
    state = state_of(each) if isinstance(each, Inert) else None
    if not isinstance(state, dict) or each.name.startswith(f"{TORCHS}loss."):
        return []
    if each.name.startswith(TORCHS):
        return [Layer(place, each.name.rpartition(".")[2], state)]
    if "_modules" not in state:
        return []
    functions = {
        f"{place}.{name}" if place else str(name): value.name.rpartition(".")[2]
        for name, value in state.items()
        if isinstance(name, str)
        and isinstance(value, type)
        and issubclass(value, Inert)
        and _FUNCTION.match(value.name)
    }
    return [Layer(each, f"{CALLED}{name}", {}) for each, name in functions.items()]


def _inner(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a container under the names that `hwgen.checkpoint.tree` gives them."""
    items: Any = ()
    if isinstance(value, Inert):
        state = state_of(value)
        state = state if isinstance(state, dict) else {}
        modules = state.get("_modules")
        parts = dict(value) | state | {"items": value.listed}
        items = (modules if isinstance(modules, dict) else parts).items()
    elif isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    for name, inner in items:
        yield key_text(name), inner


def under(found: Sequence[Layer], place: str) -> list[Layer]:
    """Return the layers of the network at a place."""
    return [
        each for each in found if not place or each.place == place or _within(each.place, place)
    ]


def _within(inner: str, outer: str) -> bool:
    return inner.startswith(f"{outer}.")
