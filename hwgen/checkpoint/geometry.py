"""What a state_dict does not say: stride, padding, pool and window, given or inferred."""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.errors import InputError, UsageError
from hwgen.network.spectrum import MAX_WINDOW, MIN_WINDOW

PUBLISHED_STRIDE = 8
PUBLISHED_POOL = 2


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

    Raises
    ------
    UsageError
        If a number is out of range, naming the option.
    """

    stride: int | None = None
    padding: int | None = None
    pool: int | None = None
    window: int | None = None

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


@dataclass(frozen=True)
class FullGeometry:
    """A `Geometry` in which nothing is left open."""

    stride: int
    padding: int
    pool: int
    window: int

    def given(self) -> Geometry:
        """Return the same numbers as if a user had given them all, checked for their range."""
        return Geometry(self.stride, self.padding, self.pool, self.window)


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
    raise InputError(
        f"fc1.weight takes {wanted} positions a filter, but {made} with {tried}; "
        f"{_advice(geometry)}"
    )


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
