"""Finds the networks in what a file holds: state_dicts in wrappers, under prefixes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwgen.checkpoint.mappings import Tensors, is_tensor, mappings, stripped
from hwgen.importers.bearingpga.names import renamed


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
