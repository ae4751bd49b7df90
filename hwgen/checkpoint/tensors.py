"""Checks tensors of a file and turns them into NumPy arrays."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.network.layer import MAX_ELEMENTS, Floats

if TYPE_CHECKING:
    import torch

State = dict[str, Floats]

FLOATS = ("float32", "float64", "float16", "bfloat16")
"""Types of tensors that weights may have."""

_FLOAT32_MAX = float(np.finfo(np.float32).max)
_LISTED = 12
"""Of a longer list of wrong tensors only this many are named, and the rest counted."""


def plain_state(raw: Mapping[Any, Any], where: str) -> State:
    """Return the tensors of `raw`, of any names and shapes, as float64 arrays.

    Raises
    ------
    InputError
        If one is no ordinary tensor of floats, or there are too many numbers, or some are not
        finite.
    """
    import torch

    for name, value in raw.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise InputError(f"{where} is damaged: state_dict must hold tensors; train it again")
        if problem := unusable(value, FLOATS):
            raise InputError(f"{where}: {printable(name)} {problem}")
    return arrays(raw, where)


def arrays(raw: Mapping[str, torch.Tensor], where: str) -> State:
    """Return usable tensors as float64 arrays.

    Raises
    ------
    InputError
        If there are too many numbers, or some are not finite.
    """
    if (total := sum(value.numel() for value in raw.values())) > MAX_ELEMENTS:
        raise InputError(f"{where} must have at most {MAX_ELEMENTS} weights, not {total}")
    state = {name: _array(value) for name, value in raw.items()}
    _check_values(state, where)
    return state


_brief = reprlib.Repr()
_brief.maxlevel = 2
"""A file may nest what it likes: Python's own way to write it would go down all of it."""


def printable(value: object, limit: int = 60) -> str:
    """Return `value` as one line of at most `limit` characters."""
    if isinstance(value, str):
        text = value if value.isprintable() else ascii(value)
    elif isinstance(value, int | float | None):
        text = ascii(value) if not isinstance(value, int) or abs(value) < 1 << 64 else "a huge int"
    else:
        text = ascii(_brief.repr(value))[1:-1]
    return text if len(text) <= limit else text[: limit - 3] + "..."


def listing(items: list[str]) -> str:
    """Return items with commas between, but not all of many."""
    rest = len(items) - _LISTED
    return ", ".join(items[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def unusable(value: torch.Tensor, dtypes: tuple[str, ...]) -> str:
    """Return why NumPy cannot have the values of `value`, "" if it can."""
    import torch

    if value.numel() > MAX_ELEMENTS:
        return f"must have at most {MAX_ELEMENTS} elements, not {value.numel()}"
    if value.layout != torch.strided or value.device.type != "cpu" or value.is_quantized:
        return "must be an ordinary dense tensor; save the plain float weights"
    dtype = str(value.dtype).removeprefix("torch.")
    return "" if dtype in dtypes else f"must be {dtypes[0]}, not {dtype}"


def plain_array(value: Any, name: str, dtype: str) -> npt.NDArray[Any]:
    """Return `value` as an array of `dtype`; `InputError` if it is no ordinary tensor of it."""
    import torch

    if not isinstance(value, torch.Tensor):
        raise InputError(f"{name} must be a tensor, not {printable(type(value).__name__)}")
    if problem := unusable(value, (dtype,)):
        raise InputError(f"{name} {problem}")
    return np.array(value.detach().resolve_neg().numpy())


def _array(value: torch.Tensor) -> Floats:
    # NumPy has no bfloat16: widen first.
    return np.array(value.detach().double().resolve_neg().numpy())


def _check_values(state: State, where: str) -> None:
    """Refuse values that are not finite in float32; all the tensors with such are named."""
    bad = {name: int((~(np.abs(a) <= _FLOAT32_MAX)).sum()) for name, a in state.items()}
    listed = [f"{count} of {state[name].size} in {name}" for name, count in bad.items() if count]
    if listed:
        raise InputError(
            f"{where} has weights that are NaN, infinite or beyond float32: "
            f"{listing(listed)}; train it again"
        )
