"""Dicts and lists with tensors in them, as JSON with their numbers.

A dict is ``{"d": [[key, value], ...]}``, a list ``{"l": [...]}``, a tuple ``{"t": [...]}``, a
tensor ``{"n": its number}``, a number that JSON lacks ``{"f": "nan"}``; what is left is as in JSON.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from hwgen.checkpoint.tensors import printable
from hwgen.errors import InputError

Node = Any
"""JSON."""
_LISTS: dict[str, Callable[[list[Any]], Any]] = {"l": list, "t": tuple}
_ODD = ("nan", "inf", "-inf")
_DEEPEST = 50


def unnested(value: Any, take: Callable[[str, Any], int], key: str = "", depth: int = 0) -> Node:
    """Return a value as a tree; `take` gets each tensor with its key, and returns its number.

    Raises
    ------
    InputError
        If something is neither, or nested too deeply.
    """
    import torch

    if depth > _DEEPEST:
        raise InputError(f"dicts and lists must be at most {_DEEPEST} within each other")
    if isinstance(value, torch.Tensor):
        return {"n": take(key, value)}
    if isinstance(value, Mapping):
        return {"d": [[_key(k), unnested(v, take, str(k), depth + 1)] for k, v in value.items()]}
    for name, kind in _LISTS.items():
        if type(value) is kind or (kind is tuple and isinstance(value, tuple)):
            return {name: [unnested(each, take, key, depth + 1) for each in value]}
    if isinstance(value, float) and not math.isfinite(value):
        return {"f": str(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise InputError(
        f"{printable(key)} must be a tensor, text or a number, or dicts and lists of such, not "
        f"{printable(type(value).__name__)}; save the state_dict alone"
    )


def _key(key: Any) -> Any:
    if isinstance(key, bool | int | str):
        return key
    raise InputError(f"a key must be text or a whole number, not {printable(key)}")


def branch(node: Any) -> Node:
    """Return `node` if it is a dict, list or tuple of a tree, which is looked at later."""
    if not isinstance(node, dict) or not set(node) <= {"d", "l", "t"}:
        raise InputError("the tree must begin with a dict or a list")
    return node


def nested(node: Node, tensors: Mapping[int, Any], depth: int = 0) -> Any:
    """Return the value that a tree was made of.

    Raises
    ------
    InputError
        If it is no tree, or a tensor is not there.
    """
    if depth > _DEEPEST:
        raise InputError(f"dicts and lists must be at most {_DEEPEST} within each other")
    if not isinstance(node, dict):
        if isinstance(node, list):
            raise InputError("the tree must say what a list is")
        return node
    if len(node) != 1:
        raise InputError(f"a part of the tree must have one key, not {printable(list(node))}")
    ((kind, inner),) = node.items()
    if kind == "n" and isinstance(inner, int) and inner in tensors:
        return tensors[inner]
    if kind == "f" and inner in _ODD:
        return float(inner)
    if kind in _LISTS and isinstance(inner, list):
        return _LISTS[kind]([nested(each, tensors, depth + 1) for each in inner])
    if kind == "d" and isinstance(inner, list) and all(_pair(each) for each in inner):
        return {key: nested(each, tensors, depth + 1) for key, each in inner}
    raise InputError(f"a part of the tree must be one, not {printable(node)}")


def _pair(each: Any) -> bool:
    return isinstance(each, list) and len(each) == 2 and isinstance(each[0], bool | int | str)
