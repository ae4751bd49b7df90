"""Finds mappings of tensors in what a file holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_MAX_DEPTH = 6
_MAX_NODES = 20_000
"""Of a file's containers only so many are looked at: training histories are long."""

Tensors = Mapping[Any, Any]


def mappings(value: Any) -> list[tuple[str, Tensors]]:
    """Return every mapping in `value` that holds a tensor, with its key; the outermost first."""
    found = []
    todo: list[tuple[str, Any, int]] = [("", value, 0)]
    seen: set[int] = set()
    for key, each, depth in todo:
        if id(each) in seen or len(seen) > _MAX_NODES:
            continue
        seen.add(id(each))
        if isinstance(each, Mapping) and any(map(is_tensor, each.values())):
            found.append((key, each))
        if depth < _MAX_DEPTH:
            todo += [(_joined(key, name), inner, depth + 1) for name, inner in _inner(each)]
    return found


def is_tensor(value: Any) -> bool:
    """Whether `value` is a tensor of torch."""
    import torch

    return isinstance(value, torch.Tensor)


def _inner(value: Any) -> Iterator[tuple[str, Any]]:
    items: Any = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    for name, inner in items:
        if isinstance(inner, Mapping | list | tuple):
            yield key_text(name), inner


def key_text(name: Any) -> str:
    """Return a key as it stands in a place: Python refuses to write a number of any length."""
    short = isinstance(name, int) and abs(name) < 1 << 64
    return str(name) if short or isinstance(name, str) else "?"


def _joined(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def stripped(raw: Tensors) -> tuple[str, Tensors]:
    """Return the prefix that all the names in `raw` share, and `raw` without it.

    ``module.``, ``_orig_mod.``, ``model.``, ... and several of them; a layer's own name is none.
    """
    prefix: list[str] = []
    while True:
        parts = [key.partition(".") if isinstance(key, str) else ("", "", "") for key in raw]
        first = {part[0] for part in parts}
        if len(first) != 1 or not all("." in part[2] for part in parts):
            return ".".join(prefix), raw
        prefix.append(first.pop())
        raw = {key.partition(".")[2]: value for key, value in raw.items()}
