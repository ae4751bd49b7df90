"""Arguments of a program's nodes, as the file has them: tensors by name, numbers, types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from hwgen.checkpoint.tensors import printable
from hwgen.importers.program.archive import DTYPES

HALVES = (torch.float16, torch.bfloat16)
"""Numbers that are read as single ones."""


@dataclass(frozen=True)
class Ref:
    """What an earlier step gives."""

    name: str


def value_of(argument: Mapping[str, Any]) -> Any:
    """Return an argument; KeyError for a kind that is not read."""
    ((kind, value),) = argument.items()
    return KINDS[kind](value)


def _tensor_ref(value: Any) -> Ref:
    return Ref(str(value["name"]))


def _optional_ref(value: Any) -> Ref | None:
    return _tensor_ref(value["as_tensor"]) if "as_tensor" in value else None


def _symbol(value: Any) -> Any:
    """Return a size that is worked out, or a plain number."""
    ((kind, inner),) = value.items()
    return Ref(str(inner)) if kind == "as_name" else _number(inner)


def _number(value: Any) -> float:
    """Return a number; JSON has texts for what is infinite."""
    if isinstance(value, str):
        return float(value)
    if not isinstance(value, int | float):
        raise TypeError(f"a number of {printable(value)}")
    return value


def _each(read: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda values: [read(value) for value in values]


def dtype_of(code: Any) -> torch.dtype:
    """Return a type of numbers by its code; of halves, single ones."""
    found: torch.dtype = getattr(torch, DTYPES[code])
    return torch.float32 if found in HALVES else found


_FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 4: torch.preserve_format}

KINDS: dict[str, Callable[[Any], Any]] = {
    "as_none": lambda _: None,
    "as_tensor": _tensor_ref,
    "as_tensors": _each(_tensor_ref),
    "as_optional_tensor": _optional_ref,
    "as_optional_tensors": _each(_optional_ref),
    **dict.fromkeys(("as_int", "as_float", "as_bool"), _number),
    **dict.fromkeys(("as_ints", "as_floats", "as_bools"), _each(_number)),
    "as_string": str,
    **dict.fromkeys(("as_sym_int", "as_sym_float", "as_sym_bool"), _symbol),
    **dict.fromkeys(("as_sym_ints", "as_sym_floats", "as_sym_bools"), _each(_symbol)),
    "as_scalar_type": dtype_of,
    "as_memory_format": lambda code: _FORMATS[code],
    "as_layout": lambda _: torch.strided,
    "as_device": lambda _: torch.device("cpu"),
}
"""How each kind of argument is read; devices are all this one."""
