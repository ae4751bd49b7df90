"""What a state_dict does not say: stride, padding, pool and window, given or inferred."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from hwgen.errors import InputError, UsageError
from hwgen.network.ops.spectrum import MAX_WINDOW, MIN_WINDOW

PUBLISHED_STRIDE = 8
PUBLISHED_POOL = 2
_PUBLISHED_WINDOW = 2048

ASCENDING = "ascending"
DESCENDING = "descending"
FROM_ZERO = "from-zero"
BINS = (DESCENDING, ASCENDING, FROM_ZERO)
"""Which N / 2 bins of a spectrum: N / 2 down to 1, as published, 1 up to N / 2, or 0 up to
N / 2 - 1."""

_STRIDES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 64)
_POOLS = (1, 2, 3, 4, 5, 6, 8, 16)
"""Those that networks usually have: `others` looks among them."""


@dataclass(frozen=True)
class Geometry:
    """The numbers beside the tensors; None stands for "infer it".

    Parameters
    ----------
    stride, padding
        Of the convolution, in spectrum bins.
    pool
        Positions a max-pool takes together; 1 for no pooling.
    window
        Samples a window, a power of two.
    bins
        Those of the spectrum, of `BINS`.

    Raises
    ------
    UsageError
        If a number is out of range, or there is no such order, naming the option.
    """

    stride: int | None = None
    padding: int | None = None
    pool: int | None = None
    window: int | None = None
    bins: str | None = None

    def __post_init__(self) -> None:
        for name, low in (("stride", 1), ("padding", 0), ("pool", 1), ("window", MIN_WINDOW)):
            value = getattr(self, name)
            if value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{name} must be an integer or None, not {value!r}")
            if not low <= value <= MAX_WINDOW:
                raise UsageError(f"--{name} must be from {low} to {MAX_WINDOW}, not {value}")
        if self.window is not None and self.window & (self.window - 1):
            raise UsageError(f"--window must be a power of two, not {self.window}")
        if self.bins is not None and self.bins not in BINS:
            raise UsageError(f"--bins must be one of {', '.join(BINS)}, not {self.bins!r}")


@dataclass(frozen=True)
class FullGeometry:
    """A `Geometry` in which nothing is left open."""

    stride: int
    padding: int
    pool: int
    window: int

    def options(self) -> str:
        """Return the options that stand for it."""
        return (
            f"--window {self.window} --stride {self.stride} --padding {self.padding} "
            f"--pool {self.pool}"
        )

    def given(self) -> Geometry:
        """Return the same numbers as if a user had given them all, checked for their range."""
        return Geometry(self.stride, self.padding, self.pool, self.window)


def ends(bins: str | None, window: int) -> tuple[int, int]:
    """Return the first and the last bin; None stands for the published ones."""
    half = window // 2
    return {ASCENDING: (1, half), FROM_ZERO: (0, half - 1)}.get(bins or DESCENDING, (half, 1))


def positions(bins: int, kernel: int, stride: int, padding: int, pool: int) -> int:
    """Return the positions a channel has after convolution and pooling, rounding down."""
    convolved = (bins + 2 * padding - kernel) // stride + 1
    return max(convolved, 0) // pool


def resolve(geometry: Geometry, kernel: int, wanted: int) -> FullGeometry:
    """Return the geometry in which a channel ends with `wanted` positions.

    Open values are the published network's: stride 8, pool 2, the padding that keeps
    ``bins / stride`` positions, and the one power-of-two window that fits.

    Parameters
    ----------
    geometry
        What the user says.
    kernel
        Taps of the convolution.
    wanted
        Inputs of the first dense layer a filter.

    Raises
    ------
    InputError
        If nothing fits, or more than one window does; names the options to give.
    """
    stride = PUBLISHED_STRIDE if geometry.stride is None else geometry.stride
    pool = PUBLISHED_POOL if geometry.pool is None else geometry.pool
    padding = geometry.padding
    if padding is None:
        if kernel < stride or (kernel - stride) % 2:
            raise InputError(
                f"padding cannot be inferred from {kernel} taps at stride {stride}; "
                "give --padding (and --stride if it is another)"
            )
        padding = (kernel - stride) // 2
    elif padding >= kernel:
        raise InputError(
            f"--padding must be less than conv1's kernel of {kernel} taps, not {padding}"
        )
    candidates = [geometry.window] if geometry.window else _windows()
    fits = [w for w in candidates if positions(w // 2, kernel, stride, padding, pool) == wanted]
    if len(fits) == 1:
        return FullGeometry(stride, padding, pool, fits[0])
    tried = f"kernel {kernel}, stride {stride}, padding {padding}, pool {pool}"
    if fits:
        raise InputError(f"windows of {fits} samples all fit {tried}; give --window")
    made = _made(geometry.window, kernel, stride, padding, pool)
    fitting = "; ".join(each.options() for each in others(geometry, kernel, wanted)[:3])
    raise InputError(
        f"fc1.weight takes {wanted} positions a filter, but {made} with {tried}; "
        f"{_advice(geometry)}{f'; these fit: {fitting}' if fitting else ''}"
    )


def others(geometry: Geometry, kernel: int, wanted: int) -> list[FullGeometry]:
    """Return the usual geometries in which a channel ends with `wanted` positions.

    What the user gives stays; for each window, stride and pool the most usual padding is taken.
    The published window comes first.

    Parameters
    ----------
    geometry, kernel, wanted
        As `resolve` has them.
    """
    found = []
    windows = [geometry.window] if geometry.window else _windows()
    strides = _STRIDES if geometry.stride is None else (geometry.stride,)
    pools = _POOLS if geometry.pool is None else (geometry.pool,)
    for window, stride, pool in itertools.product(windows, strides, pools):
        for padding in paddings(geometry, kernel, stride):
            if positions(window // 2, kernel, stride, padding, pool) == wanted:
                found.append(FullGeometry(stride, padding, pool, window))
                break
    return sorted(found, key=lambda each: abs(math.log2(each.window / _PUBLISHED_WINDOW)))


def paddings(geometry: Geometry, kernel: int, stride: int) -> list[int]:
    """Return the paddings that are usual for a kernel, the most usual first."""
    if geometry.padding is not None:
        return [geometry.padding]
    usual = [kernel // 2, (kernel - 1) // 2, 0]
    if kernel >= stride and (kernel - stride) % 2 == 0:
        usual.insert(0, (kernel - stride) // 2)
    return list(dict.fromkeys(each for each in usual if each < kernel))


def _windows() -> list[int]:
    return [1 << k for k in range(MIN_WINDOW.bit_length() - 1, MAX_WINDOW.bit_length())]


def _made(window: int | None, kernel: int, stride: int, padding: int, pool: int) -> str:
    if window is None:
        return f"no window that is a power of two up to {MAX_WINDOW} makes that"
    return f"a window of {window} makes {positions(window // 2, kernel, stride, padding, pool)}"


def _advice(geometry: Geometry) -> str:
    options = ("window", "stride", "padding", "pool")
    open_options = [f"--{name}" for name in options if getattr(geometry, name) is None]
    return f"give {', '.join(open_options)}" if open_options else "check these options"
