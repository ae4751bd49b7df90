"""What every op of the integer IR has, and the JSON form of integers and formats."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, ClassVar, Protocol, cast

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.fixedpoint import Format, Integers, round_half_up, saturate
from hwgen.network import Floats, Shape
from hwgen.network.layer import told
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Steps, octaves

Bools = npt.NDArray[np.bool_]

MAX_BIAS = 1 << 28
"""Biases are kept below this: where one dwarfs its weights, the weights get coarser instead."""


@dataclass(frozen=True)
class Activations:
    """What flows between two ops: integers of a format, and what they stand for.

    Parameters
    ----------
    shape
        Of one window's tensor: ``(channels, length)`` or ``(length,)``.
    fmt
        Of the integers.
    scale
        Real value of one, ``(channels,)`` (or ``(length,)`` for a flat tensor): positive scales
        are folded into the next layer's columns and never multiplied on chip.
    """

    shape: Shape
    fmt: Format
    scale: Floats


@dataclass(frozen=True, eq=False)
class QuantizedOp:
    """One op of the integer IR: all that golden model and hardware need to agree to the bit."""

    op: ClassVar[str]
    depends: ClassVar[tuple[str, ...]]
    """Fields of `Precision` that its rule reads, and no others (`depends`)."""
    sums_depend: ClassVar[tuple[str, ...] | None] = None
    """Those that decide its exact sums, where these are few and the sums dear; None: all."""
    usual_shift: ClassVar[int] = 8
    """What calibration chooses, about: for estimates before it."""
    usual_down: ClassVar[int] = 0
    """The same of `Chosen.down`."""
    guard: ClassVar[int] = 0
    """Fraction bits that its exact sums have beyond an output with shift 0."""
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {}
    name: str

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Return where the steps of the output come from; of an op with weights, from these."""
        del layer, shapes, bits
        return Steps()

    @property
    def factor_bits(self) -> int | None:
        """Width of the sums that it multiplies with each other; None: it does not."""
        return None

    @property
    def output(self) -> Activations:
        """Shape, format and scale of the op's output."""
        raise NotImplementedError

    @property
    def inside(self) -> tuple[Format, ...]:
        """Formats of values inside it, where it is done in several steps."""
        return ()

    @property
    def rounds(self) -> bool:
        """Whether its sums are divided and saturated, by a shift that is to be chosen."""
        return hasattr(self, "shift")

    @property
    def dropped(self) -> int:
        """Bits that its exact sums lose."""
        return self.guard + int(getattr(self, "shift", -self.guard))

    def shifted(self, shift: int) -> QuantizedOp:
        """Return the op with another shift: weights and biases have no part in it."""
        kind: Any = self
        scale = kind.scale * 2.0 ** (shift - kind.shift)
        made: QuantizedOp = dataclasses.replace(kind, shift=shift, scale=scale)
        return made

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {"op": self.op} | {key: _encode(value) for key, value in told(self)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> QuantizedOp:
        """Return the op that `to_json` wrote."""
        return cls(**{key: cls.decoders.get(key, _same)(item) for key, item in value.items()})


def room(package: str, op: str) -> ModuleType:
    """Return the module that `package` (``"hwgen.golden"``) has for `op`: the same file name."""
    if not op.isidentifier():
        raise InputError(f"op must be a name, not {op!r}")
    try:
        return importlib.import_module(f"{package}.{op}")
    except ModuleNotFoundError as error:
        raise InputError(f"op {op!r} has no file in {package}; add one to support it") from error


def depends(op: str) -> tuple[str, ...]:
    """Return the widths and methods that decide an op, beyond what decides the ops before it.

    Raises
    ------
    TypeError
        If the op does not say: what is measured again for other widths would be a guess.
    """
    kind = room("hwgen.quantized.ops", op).OP
    found: tuple[str, ...] | None = getattr(kind, "depends", None)
    if found is None:
        raise TypeError(
            f"{kind.__name__} must declare `depends`, the fields of Precision that its rule reads"
        )
    return found


class _Declared:
    """Bits of which only some fields may be read."""

    def __init__(self, bits: Precision, op: str) -> None:
        self._bits, self._op, self._fields = bits, op, depends(op)

    def __getattr__(self, name: str) -> Any:
        if name not in self._fields:
            raise TypeError(
                f"the rule of {self._op} reads Precision.{name}, which its `depends` must name "
                f"too, not only {self._fields}"
            )
        return getattr(self._bits, name)


def declared(bits: Precision, op: str) -> Precision:
    """Return the widths as the rule of an op may see them.

    What is kept of an op for the same widths is right only if its rule reads no others.
    """
    return cast(Precision, _Declared(bits, op))


def op_from_json(value: Any) -> QuantizedOp:
    """Return the op that `QuantizedOp.to_json` wrote; `InputError` if it is damaged."""
    try:
        fields = dict(value)
        return room("hwgen.quantized.ops", fields.pop("op")).OP.from_json(fields)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise InputError(f"quantized op is damaged: {error!r}; quantize again") from error


def integers(value: Any) -> Integers:
    """Return a read-only integer array."""
    array = np.array(value, dtype=np.int64)
    array.setflags(write=False)
    return array


def floats(value: Any) -> Floats:
    """Return a read-only float array."""
    array = np.array(value, dtype=np.float64)
    array.setflags(write=False)
    return array


def row_scales(weight: Floats, bias: Floats, wmax: int, most: int | Integers = MAX_BIAS) -> Floats:
    """Return per-row real steps so that weights reach `wmax` and biases stay below `most`.

    Parameters
    ----------
    weight
        ``(rows, ...)``, in units of the input's integers.
    bias
        ``(rows,)``.
    wmax
        Largest weight integer.
    most
        Bound of a bias, one for all rows or ``(rows,)``. Rows that are rounded together share one
        shift: a row that is nearly all bias must not be so fine that its sums dwarf the others'.
    """
    largest = np.abs(weight).reshape(len(weight), -1).max(axis=1) / wmax
    scale = np.maximum(largest, np.abs(bias) / (most - 1))
    alive = scale > 0
    scale = np.maximum(scale, np.finfo(np.float64).tiny * 2.0**64)
    # A row of zeros (a dead filter) may have any step. One that is coarser than the others' would
    # coarsen the layer behind it, whose columns are multiplied by it, or the logits beside it.
    return np.where(alive, scale, scale[alive].min() if alive.any() else 1.0)


@dataclass(frozen=True)
class Chosen:
    """What a rule is told beside widths and sources.

    Parameters
    ----------
    shift
        Division of its sums, by calibration's choice.
    down
        Division of what is multiplied, by the same, in an op that multiplies its sums.
    factor_bits
        Width of what is multiplied there; None: the widest that is worth anything.
    exact
        Whether its sums are the logits: nothing is rounded.
    rounding
        How weights become integers.
    units
        ``(rows,)``: the step of a row must be this times a power of two; NaN where any will do.
        None: any will do for all (`hwgen.quantized.align`).
    even
        Whether the steps of all rows must be equal.
    """

    shift: int = 0
    down: int = 0
    factor_bits: int | None = None
    exact: bool = False
    rounding: Rounding = field(default_factory=lambda: nearest)
    units: Floats | None = None
    even: bool = False

    def stepped(self, scale: Floats) -> tuple[Floats, Bools]:
        """Return the least steps of at least `scale` that `units` allow, and which it binds."""
        if self.units is None:
            return scale, np.zeros(len(scale), dtype=np.bool_)
        bound = ~np.isnan(self.units)
        units = np.where(bound, self.units, scale)
        up = np.ceil(octaves(scale / units)).astype(np.int64)
        return np.ldexp(units, up.max() if self.even else up), bound


class Rounding(Protocol):
    """Turns the weights of a layer into integers."""

    def __call__(
        self,
        rows: Floats,
        scale: Floats,
        most: int,
        *,
        together: bool = False,
        bound: Bools | None = None,
    ) -> tuple[Integers, Floats]:
        """Return integers of at most `most` either way, and the real value of one, per row.

        Parameters
        ----------
        rows
            ``(rows, taps)`` weights.
        scale
            ``(rows,)`` steps at which every weight is in range.
        most
            Largest integer.
        together
            Whether the ratios of the steps must stay as they are.
        bound
            ``(rows,)``: whose step may change by a power of two only; None for none.
        """


def nearest(
    rows: Floats,
    scale: Floats,
    most: int,
    *,
    together: bool = False,
    bound: Bools | None = None,
) -> tuple[Integers, Floats]:
    """Round each weight to its nearest integer, halves up: a `Rounding`."""
    del together, bound  # the steps are kept
    return saturate(round_half_up(rows / scale[:, np.newaxis]), -most, most), scale


def rounded_bias_bound(wmax: int, source: Format) -> int:
    """Return the bound of a bias in a layer that is rounded: a few of its largest products."""
    return min(MAX_BIAS, 2 * wmax * max(source.max, -source.min))


def accumulator_range(weight: Integers, bias: Integers, fmt: Format) -> tuple[int, int]:
    """Return the least and greatest value that any partial sum of any row can take.

    Worst case over inputs of `fmt`, for these weights, in any order of summation.
    """
    low, high = row_ranges(weight, bias, fmt)
    return int(low.min()), int(high.max())


def row_ranges(weight: Integers, bias: Integers, fmt: Format) -> tuple[Integers, Integers]:
    """Return what `accumulator_range` does, of each row."""
    rows = weight.reshape(len(weight), -1)
    products = np.stack([rows * fmt.min, rows * fmt.max])
    low = np.minimum(products.min(axis=0), 0).sum(axis=1) + np.minimum(bias, 0)
    high = np.maximum(products.max(axis=0), 0).sum(axis=1) + np.maximum(bias, 0)
    return low, high


def _same(value: Any) -> Any:
    return value


def _encode(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if hasattr(value, "to_json"):
        return value.to_json()
    return value
