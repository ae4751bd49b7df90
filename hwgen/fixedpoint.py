"""Fixed-point formats, and the only places where a bit may be dropped.

A tensor is integers plus a `Format`; its real value is ``integer * 2**-frac_bits``. Rounding and
overflow happen through the functions here and nowhere else, each call naming what it does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Format:
    """A Q format: ``Format(True, 3, 4)`` is a sign, 3 integer and 4 fraction bits (8 in all).

    Parameters
    ----------
    signed
        Whether there is a sign bit (two's complement).
    int_bits
        Integer bits without the sign. May be negative: ``Format(False, -2, 10)`` has 8 bits.
    frac_bits
        Fraction bits. May be negative: the integers then count in steps of a power of two.

    Raises
    ------
    TypeError
        If a field has the wrong type.
    ValueError
        If the width is not 1 to 64 bits.
    """

    signed: bool
    int_bits: int
    frac_bits: int

    def __post_init__(self) -> None:
        if not isinstance(self.signed, bool):
            raise TypeError(f"signed must be a bool, not {self.signed!r}")
        for field in ("int_bits", "frac_bits"):
            value = getattr(self, field)
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{field} must be an integer, not {value!r}")
        if not 1 <= self.width <= 64:
            raise ValueError(f"width must be 1 to 64 bits, not {self.width} ({self})")

    @classmethod
    def of_width(cls, width: int, *, signed: bool, frac_bits: int) -> Format:
        """Return the format of `width` bits in all with `frac_bits` fraction bits."""
        return cls(signed, width - frac_bits - int(signed), frac_bits)

    @property
    def width(self) -> int:
        """Bits in all, the sign included."""
        return int(self.signed) + self.int_bits + self.frac_bits

    @property
    def min(self) -> int:
        """Smallest integer."""
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def max(self) -> int:
        """Largest integer."""
        return (1 << (self.width - int(self.signed))) - 1

    @property
    def step(self) -> float:
        """Real value of one."""
        return 2.0**-self.frac_bits

    def __str__(self) -> str:
        return f"{'' if self.signed else 'u'}Q{self.int_bits}.{self.frac_bits}"

    def to_json(self) -> dict[str, int | bool]:
        """Return the fields as a JSON object."""
        return {"signed": self.signed, "int_bits": self.int_bits, "frac_bits": self.frac_bits}

    @classmethod
    def from_json(cls, value: dict[str, int | bool]) -> Format:
        """Return the format that `to_json` wrote."""
        return cls(bool(value["signed"]), int(value["int_bits"]), int(value["frac_bits"]))


def shift_half_up(value: Integers, shift: int) -> Integers:
    """Divide by ``2**shift``, rounding to nearest, halves up: ``floor(v / 2**shift + 1/2)``.

    A negative `shift` multiplies, exactly.
    """
    value = np.asarray(value, dtype=np.int64)
    if shift <= 0:
        return value << -shift
    return (value + (1 << (shift - 1))) >> shift


def shift_half_down(value: Integers, shift: int) -> Integers:
    """Divide by ``2**shift``, rounding to nearest, halves down: ``ceil(v / 2**shift - 1/2)``.

    What a subtractor gives without a second carry: ``(a - b) >> 1`` is this at shift 1.
    """
    value = np.asarray(value, dtype=np.int64)
    if shift <= 0:
        return value << -shift
    return (value + (1 << (shift - 1)) - 1) >> shift


def shift_half_even(value: Integers, shift: int) -> Integers:
    """Divide by ``2**shift``, rounding to nearest, halves to the even integer.

    A negative `shift` multiplies, exactly.
    """
    value = np.asarray(value, dtype=np.int64)
    if shift <= 0:
        return value << -shift
    return (value + (1 << (shift - 1)) - 1 + ((value >> shift) & 1)) >> shift


def saturate(value: Integers, low: int, high: int) -> Integers:
    """Clip to ``[low, high]``."""
    return np.clip(np.asarray(value, dtype=np.int64), low, high)


def round_half_up(value: npt.ArrayLike) -> Integers:
    """Round real numbers to the nearest integer, halves up."""
    return np.floor(np.asarray(value, dtype=np.float64) + 0.5).astype(np.int64)


def quantize(value: npt.ArrayLike, fmt: Format) -> Integers:
    """Return the integers of `fmt` nearest to real `value` (halves up, saturating)."""
    scaled = np.asarray(value, dtype=np.float64) * 2.0**fmt.frac_bits
    return saturate(round_half_up(np.clip(scaled, fmt.min - 1.0, fmt.max + 1.0)), fmt.min, fmt.max)


def signed_width(low: int, high: int) -> int:
    """Return the bits of a two's complement number that holds every value of ``[low, high]``."""
    if low > high:
        raise ValueError(f"low must be <= high ({high}), not {low}")
    return (
        max(
            int(low).bit_length() if low >= 0 else (-int(low) - 1).bit_length(),
            int(high).bit_length() if high >= 0 else (-int(high) - 1).bit_length(),
        )
        + 1
    )


def check_range(name: str, value: Integers, low: int, high: int) -> None:
    """Assert that every element of `value` lies in ``[low, high]``: no silent wrap, ever.

    Raises
    ------
    OverflowError
        If one does not. It means that a width was chosen too small: a bug, not a user's mistake.
    """
    if value.size and (int(value.min()) < low or int(value.max()) > high):
        raise OverflowError(
            f"{name} must stay within [{low}, {high}], not [{value.min()}, {value.max()}]"
        )
