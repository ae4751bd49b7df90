"""Finds the networks in what a file holds: state_dicts in wrappers, under prefixes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hwgen.checkpoint.names import renamed

_MAX_DEPTH = 6
_MAX_NODES = 20_000
"""Of a file's containers only so many are looked at: training histories are long."""

Tensors = Mapping[Any, Any]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A mapping that has the tensors of a network.

    Parameters
    ----------
    key
        Where it lies in the file, keys with dots between; "" for the file's whole.
    prefix
        What stands before the names of its tensors, "" for nothing.
    tensors
        Under the published names.
    notes
        What was done to the names.
    """

    key: str
    prefix: str
    tensors: Tensors
    notes: tuple[str, ...]

    @property
    def place(self) -> str:
        """What ``--weights-from`` takes for it."""
        return ".".join(part for part in (self.key, self.prefix) if part)


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


def candidates(value: Any) -> list[Candidate]:
    """Return the networks in `value`; two with the same tensors are one."""
    found: list[Candidate] = []
    for key, mapping in mappings(value):
        for each in _of_mapping(key, mapping):
            if not any(_same(each.tensors, other.tensors) for other in found):
                found.append(each)
    return found


def _of_mapping(key: str, raw: Tensors) -> list[Candidate]:
    """Return the network of one mapping, or those whose names begin differently."""
    prefix, tensors = stripped(raw)
    if (named := renamed(tensors)) is not None:
        return [Candidate(key, prefix, *named)]
    groups: dict[str, dict[str, Any]] = {}
    for name, value in tensors.items():
        if isinstance(name, str) and "." in name:
            first, _, rest = name.partition(".")
            groups.setdefault(first, {})[rest] = value
    found = []
    for first, group in groups.items():
        inner, tensors = stripped(group)
        if (named := renamed(tensors)) is not None:
            place = ".".join(part for part in (prefix, first, inner) if part)
            found.append(Candidate(key, place, *named))
    return found


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


def _same(one: Tensors, other: Tensors) -> bool:
    import torch

    def equal(a: Any, b: Any) -> bool:
        return a is b or (
            is_tensor(a)
            and is_tensor(b)
            and a.dtype == b.dtype
            and a.layout == b.layout == torch.strided
            and a.device == b.device
            and a.shape == b.shape
            and a.numel() <= 1 << 20
            and torch.equal(a, b)
        )

    return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
