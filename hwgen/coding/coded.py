"""What every code of weights has: words, tables, scales, an exact meaning and a stored form."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from hwgen.coding import packing, scales
from hwgen.coding.matrix import Floats
from hwgen.errors import InputError
from hwgen.fixedpoint import Integers

MAX_WEIGHTS = 1 << 24
"""Of one matrix; more is taken for a damaged or hostile file."""


@dataclass(frozen=True)
class Stored:
    """How the integers of a field are stored.

    Parameters
    ----------
    bits
        Of each.
    signed
        Whether in two's complement.
    """

    bits: int
    signed: bool = False


@dataclass(frozen=True)
class Choice:
    """One way to code a matrix.

    Parameters
    ----------
    options
        Of the code's `fit`.
    bits
        Of the words, a weight, with what pads them; None where the weights decide that.
    """

    options: dict[str, Any]
    bits: float | None = None


@dataclass(frozen=True, eq=False)
class Coded:
    """The weights of one matrix ``(rows, taps)`` in a code.

    Fields that are arrays are stored, and counted, in as many bits as `stored` says; the others
    are settings: whole numbers, bools, or tuples of whole numbers.

    Parameters
    ----------
    shape
        Of the matrix.
    words
        ``(n,)``, unsigned, of `word_bits` each.
    scales
        Real value of one of the integers, ``(rows,)`` or ``(1,)``, as `hwgen.coding.scales` has it.

    Raises
    ------
    InputError
        If the fields do not belong together.
    """

    code: ClassVar[str]
    """Its file in `hwgen.coding.codes`."""

    shape: tuple[int, int]
    words: Integers
    scales: Integers

    def __post_init__(self) -> None:
        sizes = self.shape if isinstance(self.shape, tuple) else ()
        if len(sizes) != 2 or any(isinstance(each, bool) or each < 1 for each in sizes):
            raise InputError(f"shape must be rows and taps, not {self.shape}")
        if self.size > MAX_WEIGHTS:
            raise InputError(f"a matrix must have at most {MAX_WEIGHTS:,} weights, not {self.size}")
        scales.check(self.scales, self.shape[0])
        self.check()
        for name, how in self.stored().items():
            values, (low, high) = getattr(self, name), packing.limits(how.bits, signed=how.signed)
            if values.size and (values.min() < low or values.max() > high):
                raise InputError(f"{name} must be {low} to {high}")

    def check(self) -> None:
        """Raise `InputError` if the code's own fields do not belong together.

        Arrays of the right sizes whose numbers are all 0 must pass.
        """
        raise NotImplementedError

    @property
    def word_bits(self) -> int:
        """Bits of a word."""
        raise NotImplementedError

    def decode(self) -> Integers:
        """Return the integers ``(rows, taps)`` that the words mean, exactly."""
        raise NotImplementedError

    def tables(self) -> dict[str, Stored]:
        """Return how the arrays beside words and scales are stored."""
        return {}

    def stored(self) -> dict[str, Stored]:
        """Return how all arrays are stored, by the names of their fields."""
        return {
            "words": Stored(self.word_bits),
            "scales": Stored(scales.BITS),
            **self.tables(),
        }

    @property
    def size(self) -> int:
        """Weights."""
        return self.shape[0] * self.shape[1]

    @property
    def bits_a_weight(self) -> float:
        """Bits of the words, a weight: tables and scales are left out."""
        return self.words.size * self.word_bits / self.size

    @property
    def bits(self) -> int:
        """All that is stored: words with what pads them, tables, scales; each in whole bytes."""
        return 8 * sum(
            packing.size(getattr(self, name).size, how.bits) for name, how in self.stored().items()
        )

    @property
    def real(self) -> Floats:
        """The weights ``(rows, taps)`` that it stands for."""
        return self.decode() * scales.from_bits(self.scales)[:, None]

    def arrays(self) -> dict[str, packing.Bytes]:
        """Return the arrays as packed bytes, by the names of their fields."""
        return {
            name: packing.packed(getattr(self, name), how.bits, signed=how.signed)
            for name, how in self.stored().items()
        }

    def to_json(self) -> dict[str, Any]:
        """Return the code, its settings, and the sizes of its arrays."""
        found: dict[str, Any] = {"code": self.code}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                found[field.name] = list(value.shape)
            else:
                found[field.name] = list(value) if isinstance(value, tuple) else value
        return found

    @classmethod
    def from_json(cls, told: Mapping[str, Any], arrays: Mapping[str, packing.Bytes]) -> Self:
        """Return what `to_json` and `arrays` gave.

        Raises
        ------
        InputError
            If it is not that: whole numbers missing, arrays of other sizes, other bits.
        """
        shell = cls._shell(told)
        if set(arrays) != set(shell.stored()):
            raise InputError(f"{cls.code} must have arrays {', '.join(shell.stored())}")
        found: dict[str, Any] = {
            name: packing.unpacked(
                arrays[name], getattr(shell, name).size, how.bits, signed=how.signed
            ).reshape(getattr(shell, name).shape)
            for name, how in shell.stored().items()
        }
        return dataclasses.replace(shell, **found)

    @classmethod
    def sizes(cls, told: Mapping[str, Any]) -> dict[str, int]:
        """Return the bytes of each array of what `to_json` gave, in the order of `arrays`.

        Raises
        ------
        InputError
            As of `from_json`.
        """
        shell = cls._shell(told)
        return {
            name: packing.size(getattr(shell, name).size, how.bits)
            for name, how in shell.stored().items()
        }

    @classmethod
    def _shell(cls, told: Mapping[str, Any]) -> Self:
        """Return it with zeros for all arrays: what is wrong is told before a byte is read."""
        fields = {field.name: field.type == "Integers" for field in dataclasses.fields(cls)}
        if set(told) != {"code", *fields}:
            raise InputError(f"{cls.code} must have {', '.join(fields)}, not {sorted(told)}")
        known = {name: _setting(name, told[name]) for name in fields}
        for name, is_array in fields.items():
            if is_array:
                known[name] = np.zeros(_size(name, known[name]), np.int64)
        return cls(**known)


def _setting(name: str, value: Any) -> Any:
    """Return a setting of JSON: a whole number, a bool, or a tuple of whole numbers."""
    many = value if isinstance(value, list) else [value]
    if not all(isinstance(each, int) and abs(each) < 1 << 40 for each in many) or len(many) > 64:
        raise InputError(f"{name} must be a whole number, or a few, not {str(value)[:60]}")
    return tuple(value) if isinstance(value, list) else value


def _size(name: str, value: Any) -> tuple[int, ...]:
    sizes = value if isinstance(value, tuple) else ()
    if (
        not sizes
        or any(each < 0 or isinstance(each, bool) for each in sizes)
        or np.prod(sizes, dtype=np.float64) > 2 * MAX_WEIGHTS
    ):
        raise InputError(f"{name} must have the sizes of an array, not {value}")
    return sizes


def whole(field: str, value: Any, low: int, high: int) -> int:
    """Return `value` if it is a whole number from `low` to `high`; else `InputError`."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"{field} must be a whole number from {low} to {high}, not {value!r}")
    return value


def flag(field: str, value: Any) -> bool:
    """Return `value` if it is a bool; else `InputError`."""
    if not isinstance(value, bool):
        raise InputError(f"{field} must be true or false, not {value!r}")
    return value


def of_shape(field: str, values: Integers, shape: tuple[int, ...]) -> None:
    """Raise `InputError` unless an array has a shape."""
    if values.shape != shape:
        raise InputError(f"{field} must have the shape {shape}, not {values.shape}")
