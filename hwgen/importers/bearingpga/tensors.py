"""The tensors of the published network: names, shapes, and what is said of others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hwgen.checkpoint.tensors import FLOATS, State, arrays, listing, printable, unusable
from hwgen.errors import InputError
from hwgen.network.layer import MAX_ELEMENTS


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
        f"{title}: {listing(items)}"
        for title, items in (("missing", missing), ("extra", extra), ("wrong", wrong))
        if items
    ]
    if parts:
        raise InputError(
            f"{where} does not fit BearingPGA-Net's tensors; {'; '.join(parts)}{_hint(raw)}"
        )
    return arrays({name: raw[name] for name in names}, where)


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
    return unusable(value, FLOATS)
