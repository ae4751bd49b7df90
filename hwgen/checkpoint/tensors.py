"""Checks the tensors of a state_dict and turns them into NumPy arrays."""

from __future__ import annotations

import re
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

_FLOATS = ("float32", "float64", "float16", "bfloat16")
_FLOAT32_MAX = float(np.finfo(np.float32).max)
_LISTED = 12
"""Of a longer list of wrong tensors only this many are named, and the rest counted."""


def tensor_names(keys: list[str]) -> list[str]:
    """Return the names that a state_dict with `keys` should have.

    One convolution and dense layers fc1, fc2, ... up to the highest that is present.
    """
    numbers = [int(m[1]) for key in keys if (m := re.fullmatch(r"fc([1-9])\.(?:weight|bias)", key))]
    layers = ["conv1", *(f"fc{k}" for k in range(1, max(numbers, default=1) + 1))]
    return [f"{layer}.{part}" for layer in layers for part in ("weight", "bias")]


def checked_state(raw: Mapping[Any, Any], where: str) -> State:
    """Return the tensors of `raw` as float64 arrays, in the order of the layers.

    Parameters
    ----------
    raw
        Names to torch tensors, as torch.load returns them.
    where
        Names the file in messages.

    Raises
    ------
    InputError
        Naming every missing, extra or unusable tensor, with the shape it should have.
    """
    if any(isinstance(key, str) and key.startswith("cnn.") for key in raw):
        raise InputError(
            f"{where} holds the teacher network (tensors cnn.*), not the student; "
            "give a checkpoint with conv1 and fc1"
        )
    names = tensor_names([key for key in raw if isinstance(key, str)])
    shapes = _expected_shapes(raw, names)
    missing = [f"{name} {shapes[name]}" for name in names if name not in raw]
    extra = [printable(key) for key in raw if key not in names]
    wrong = [
        f"{name} {problem}"
        for name in names
        if name in raw and (problem := _problem(raw[name], shapes[name]))
    ]
    parts = [
        f"{title}: {_listing(items)}"
        for title, items in (("missing", missing), ("extra", extra), ("wrong", wrong))
        if items
    ]
    if parts:
        raise InputError(
            f"{where} does not fit BearingPGA-Net's tensors; {'; '.join(parts)}{_hint(raw)}"
        )
    if (total := sum(raw[name].numel() for name in names)) > MAX_ELEMENTS:
        raise InputError(f"{where} must have at most {MAX_ELEMENTS} weights, not {total}")
    state = {name: _array(raw[name]) for name in names}
    _check_values(state, where)
    return state


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
        if problem := _unusable(value, _FLOATS):
            raise InputError(f"{where}: {printable(name)} {problem}")
    if (total := sum(value.numel() for value in raw.values())) > MAX_ELEMENTS:
        raise InputError(f"{where} must have at most {MAX_ELEMENTS} weights, not {total}")
    state = {name: _array(value) for name, value in raw.items()}
    _check_values(state, where)
    return state


def with_zero_biases(raw: Mapping[Any, Any]) -> tuple[Mapping[Any, Any], tuple[str, ...]]:
    """Return `raw` with zeros for the biases that a network was made without, and their names.

    Where anything else is missing or too many, nothing is added: `checked_state` tells it all.
    """
    import torch

    names = tensor_names([key for key in raw if isinstance(key, str)])
    missing = [name for name in names if name not in raw]
    if set(raw) - set(names) or not all(name.endswith(".bias") for name in missing):
        return raw, ()
    zeros = {}
    for name in missing:
        shape = tuple(getattr(raw[name.removesuffix("bias") + "weight"], "shape", ()))
        if not shape or shape[0] > MAX_ELEMENTS:
            return raw, ()
        zeros[name] = torch.zeros(shape[0])
    return dict(raw) | zeros, tuple(missing)


def _hint(raw: Mapping[Any, Any]) -> str:
    """Return what to do about layers that hwgen does not read, "" if there are none."""
    ends = {key.rpartition(".")[2] for key in raw if isinstance(key, str)}
    convs = [key for key, value in raw.items() if len(getattr(value, "shape", ())) == 3]
    if "running_mean" in ends:
        return (
            "; fold batch normalisation into the convolution before saving: "
            "torch.nn.utils.fuse_conv_bn_eval(conv, bn)"
        )
    if len(convs) > 1:
        return f"; hwgen reads networks of one convolution, not of {len(convs)}"
    return ""


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


def _listing(items: list[str]) -> str:
    rest = len(items) - _LISTED
    return ", ".join(items[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")


class _Shape(tuple[int | str, ...]):
    """Dimensions, a letter where the tensors themselves decide the number."""

    def __str__(self) -> str:
        return f"({', '.join(map(str, self))}{',' if len(self) == 1 else ''})"

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Tell whether `shape` has these dimensions, and at least 1 for each letter."""
        return len(self) == len(shape) and all(
            have == want if isinstance(want, int) else have >= 1
            for have, want in zip(shape, self, strict=True)
        )


def _expected_shapes(raw: Mapping[Any, Any], names: list[str]) -> dict[str, _Shape]:
    """Return the shape of each tensor, as far as the others determine it."""
    filters = _dimension(raw.get("conv1.weight"), 3, 0, "F")
    shapes = {
        "conv1.weight": _Shape(("F", 1, "K")),
        "conv1.bias": _Shape((filters,)),
    }
    inputs: int | str = f"{filters}*P"
    for name in names[2::2]:
        layer = name.partition(".")[0]
        outputs = _dimension(raw.get(name), 2, 0, "C")
        shapes[name] = _Shape(("C", inputs))
        shapes[f"{layer}.bias"] = _Shape((outputs,))
        inputs = outputs if isinstance(outputs, int) else "H"
    return shapes


def _dimension(value: Any, dims: int, index: int, letter: str) -> int | str:
    shape = tuple(getattr(value, "shape", ()))
    return shape[index] if len(shape) == dims and shape[index] >= 1 else letter


def _problem(value: Any, expected: _Shape) -> str:
    """Return what is wrong with one tensor, "" if nothing is."""
    import torch

    if not isinstance(value, torch.Tensor):
        return f"must be a tensor {expected}, not {printable(type(value).__name__)}"
    shape = tuple(value.shape)
    if not expected.takes(shape):
        return f"must be {expected}, not {shape}"
    return _unusable(value, _FLOATS)


def _unusable(value: torch.Tensor, dtypes: tuple[str, ...]) -> str:
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
    if problem := _unusable(value, (dtype,)):
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
            f"{_listing(listed)}; train it again"
        )
