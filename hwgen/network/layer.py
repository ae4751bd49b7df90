"""What every op of the float network has: a shape rule, a meaning, and a JSON form."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.network.grid import Floats, Grid

Shape = tuple[int, ...]

MAX_ELEMENTS = 1 << 24
"""More elements than this in one tensor is taken for a damaged or hostile file."""

_USUAL = "left out of JSON at its default"
UNSAID = {_USUAL: True}
"""Metadata of such a field."""


def usual(value: Any) -> Any:
    """Return a dataclass field with a default, which the JSON form leaves out."""
    return dataclasses.field(default=value, metadata=UNSAID)


def told(item: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and value of the fields that the JSON form of a dataclass has."""
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        plain = not isinstance(value, np.ndarray)
        if not (plain and field.metadata.get(_USUAL) and value == field.default):
            yield field.name, value


@dataclass(frozen=True)
class Layer:
    """One op of the float network.

    A new op is a file in this folder, named like its `op`, with a subclass called `LAYER`.

    Parameters
    ----------
    name
        Unique in a network.
    grid
        What its values are rounded to, where the network was trained so; None: by calibration.
    """

    op: ClassVar[str]
    leftover: ClassVar[str] = ""
    """Of an op without an integer form: what must be so that a pass takes it out of a network."""
    way_out: ClassVar[str] = "change the network"
    """What a user is told to do where it is left over."""
    name: str
    grid: Grid | None = dataclasses.field(default=None, kw_only=True, metadata=UNSAID)

    @property
    def rectified(self) -> bool:
        """Whether negative results become zero."""
        return bool(getattr(self, "relu", False))

    # Each op names what it takes: one value, or several.
    def output_shape(self, *shapes: Any, **_: Any) -> Shape:
        """Return the shape of one item's output; `InputError` if `shapes` cannot be taken."""
        raise NotImplementedError

    def apply(self, *xs: Any, **_: Any) -> Floats:
        """Return the op's output for batches, ``(n, *shape) -> (n, *output_shape(shape))``."""
        raise NotImplementedError

    def value(self, *xs: Floats) -> Floats:
        """Return what the op gives for batches: `apply`, on its grid."""
        y = self.apply(*xs)
        return y if self.grid is None else self.grid.apply(y)

    @property
    def linear(self) -> bool:
        """Whether rows of weights, and a bias each, are all there is to it."""
        plain = self.grid is None and not self.rectified
        return {"weight", "bias"} == self.tensors().keys() and plain

    def columns(self, scale: Floats) -> Floats:
        """Return what weights are multiplied by to take integers instead of real values.

        Parameters
        ----------
        scale
            Real value of one in the integers, per channel of the (first) input.

        Returns
        -------
        columns
            Broadcasts to the weights.
        """
        raise NotImplementedError

    def tensors(self) -> dict[str, Floats]:
        """Return the trained values, by field."""
        return {key: value for key, value in vars(self).items() if isinstance(value, np.ndarray)}

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object; arrays become nested lists."""
        return {"op": self.op} | {key: _encoded(value) for key, value in told(self)}


def _encoded(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Grid):
        return value.to_json()
    return list(value) if isinstance(value, tuple) else value


def layer_from_json(value: Any) -> Layer:
    """Return the layer that `Layer.to_json` wrote; `InputError` names what is wrong with it."""
    if not isinstance(value, dict) or not isinstance(value.get("op"), str):
        raise InputError("a layer must be an object with an 'op'; write the network anew")
    fields = dict(value)
    op = fields.pop("op")
    if not op.isidentifier():
        raise InputError(f"op must be a name, not {op!r}")
    try:
        kind = importlib.import_module(f"hwgen.network.ops.{op}").LAYER
    except (ModuleNotFoundError, AttributeError) as error:
        raise InputError(f"op {op!r} is not known to this version of hwgen") from error
    if fields.get("grid") is not None:
        fields["grid"] = Grid.from_json(fields["grid"])
    try:
        return kind(**fields)
    except (TypeError, ValueError) as error:
        raise InputError(f"layer {fields.get('name')!r} ({op}): {error}") from error


def tensor(name: str, value: npt.ArrayLike, dims: int) -> Floats:
    """Return `value` as float64 with `dims` dimensions, finite and not empty.

    Raises
    ------
    InputError
        Naming the tensor and what is wrong with it.
    """
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name} must be a rectangular array of numbers ({error})") from error
    if array.ndim != dims:
        raise InputError(f"{name} must have {dims} dimensions, not {array.ndim} {array.shape}")
    if not 0 < array.size <= MAX_ELEMENTS:
        raise InputError(f"{name} must have 1 to {MAX_ELEMENTS} elements, not {array.size}")
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise InputError(f"{name} must be finite, but {bad} of {array.size} are NaN or infinite")
    array.setflags(write=False)
    return array


def units(name: str, value: Any, rows: int) -> tuple[float, ...] | None:
    """Return what one is worth in the integer weights of each row; None where nobody says it.

    `InputError` if it is not a positive number a row.
    """
    if value is None:
        return None
    found = tensor(f"{name}.unit", value, 1)
    if len(found) != rows or not (found > 0).all():
        raise InputError(f"{name}.unit must be a positive number for each of {rows} rows")
    return tuple(found.tolist())


def positive(name: str, value: int, low: int = 1) -> None:
    """Check that `value` is an integer of at least `low`; `InputError` otherwise."""
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        raise InputError(f"{name} must be an integer of at least {low}, not {value!r}")
