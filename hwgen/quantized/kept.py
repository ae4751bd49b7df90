"""Integers and steps that a network was trained with: kept, where the rules would choose others.

A row of weights is integers times a unit, and what a layer reads is integers times a step. So a sum
is an integer too; one is worth unit times step. What the quantiser behind it makes of a sum is a
division by ``target / base``. On chip that is a shift: exact where the ratio is a power of two. Any
other ratio is a factor that all integers of the row are multiplied by, beforehand, and a shift:
exact where such a factor exists, else as near as the widest weights allow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Format, Integers, round_half_up, signed_width
from hwgen.network import Floats
from hwgen.network.grid import Grid
from hwgen.quantized.op import Activations, Bools, Chosen
from hwgen.quantized.steps import octaves

WIDEST = 16
"""Bits of a weight."""

MAX_SHIFT = 40

FINER = 8
"""Bits by which sums may be finer than the integers of a training, for the sake of their biases."""

DRIFT = 1 / 16
"""Steps by which a value before its rounding may be off: a factor is nearly as good as exact."""

SHARE = 2.0**-10
"""Of a logit by which it may be off beside others, likewise."""

_WHOLE = 2e-6
"""Files are of single precision: as near as this to an integer, by its size, is one."""

WAY_OUT = (
    "train with scales that are powers of two (Brevitas: Int8WeightPerTensorFixedPoint, "
    "Int8ActPerTensorFixedPoint), or let hwgen choose them (--quantizers drop)"
)


def out_format(grid: Grid) -> Format:
    """Return the format of a grid's integers."""
    return Format.of_width(grid.width, signed=grid.signed, frac_bits=0)


def trained(name: str, effective: Floats, base: Floats) -> Integers:
    """Return the integers that weights are, ``(rows, ...)``, in units of `base`, one a row.

    Raises
    ------
    InputError
        If they are none.
    """
    ratio = effective / base.reshape((-1,) + (1,) * (effective.ndim - 1))
    found = np.round(ratio)
    if (np.abs(ratio - found) > _WHOLE * np.maximum(1.0, np.abs(ratio))).any():
        raise InputError(
            f"{name} has weights that are integers of the training, and reads channels whose "
            f"steps are not powers of two apart; {WAY_OUT}"
        )
    if np.abs(found).max(initial=0.0) >= 1 << (WIDEST - 1):
        raise InputError(
            f"{name} needs weights of {int(np.abs(found).max()).bit_length() + 1} bits for the "
            f"integers of the training, and at most {WIDEST} can be; {WAY_OUT}"
        )
    return found.astype(np.int64)


def bases(effective: Floats, columns: Floats, unit: tuple[float, ...]) -> Floats:
    """Return what one in the sums of each row is worth.

    Parameters
    ----------
    effective
        ``(rows, ...)``, for their shape.
    columns
        Steps of what the weights meet; they broadcast to the weights.
    unit
        Of each row's integers.
    """
    met = np.broadcast_to(columns, effective.shape).reshape(len(effective), -1)
    return np.asarray(unit) * met.min(axis=1)


@dataclass(frozen=True, eq=False)
class Sums:
    """Integer weights whose sums need a shift only.

    Parameters
    ----------
    weight, bias
        Integers.
    shift
        Division of a sum.
    step
        ``(rows,)``: what one in a sum is worth.
    even
        Whether halves are rounded to the even integer.
    drift
        Steps of the quantiser by which a value may be off before it is rounded; 0 if it is exact.
    """

    weight: Integers
    bias: Integers
    shift: int
    step: Floats
    even: bool
    drift: float = 0.0

    @property
    def bits(self) -> int:
        """Width of the weights, at least 2."""
        return max(2, signed_width(int(self.weight.min()), int(self.weight.max())))


def rescaled(
    name: str, rows: Integers, base: Floats, bias: Floats, grid: Grid, least: int = 0
) -> Sums:
    """Return the sums of the integers of a training, for the quantiser behind them.

    Parameters
    ----------
    rows
        ``(rows, ...)`` integers.
    base
        What one in a row's sums is worth.
    bias
        ``(rows,)`` real numbers.
    grid
        What the sums are rounded to.
    least
        Of the shift.

    Raises
    ------
    InputError
        If no factors and shift come near enough.
    """
    target = grid.steps(len(base))
    flat = np.abs(rows.reshape(len(rows), -1)).max(axis=1)
    reach = max(grid.high, -grid.low) + np.abs(bias / target)
    split = grid.rounding == "even" and _mixed(bias, base)
    best, factor, shift = np.inf, None, least
    for tried in range(least, MAX_SHIFT):
        wanted = np.where(flat > 0, base / target * 2.0**tried, 1.0)
        near = np.maximum(1, np.round(wanted))
        if (flat * near * (2 if split else 1) >= 1 << (WIDEST - 1)).any():
            break
        drift = float((np.abs(near / wanted - 1.0) * np.where(flat > 0, reach, 0.0)).max())
        if drift < best * 0.999 and best > _WHOLE:
            best, factor, shift = drift, near.astype(np.int64), tried
    # Of many bits not even a factor of as many is near enough: then a last bit is.
    if factor is None or best > max(DRIFT, float(reach.max()) * 2.0 ** (1 - WIDEST)):
        raise _far(name, best)
    shape = (-1,) + (1,) * (rows.ndim - 1)
    weight = rows * factor.reshape(shape)
    exact = best <= _WHOLE
    sums = _with_bias(weight, bias, target, shift, grid.rounding, exact=exact)
    return replace(sums, drift=0.0 if exact else best)


def _mixed(bias: Floats, base: Floats) -> bool:
    """Return whether some biases are in the steps of the sums and some are not."""
    whole = is_whole(bias / base)
    return bool(whole.any() and not whole.all())


def is_whole(ratio: Floats) -> Bools:
    """Return which numbers are integers but for the precision of files."""
    size = np.minimum(1e-3, _WHOLE * np.maximum(1.0, np.abs(ratio)))
    found: Bools = np.abs(ratio - np.round(ratio)) <= size
    return found


def _far(name: str, drift: float) -> InputError:
    off = f"{drift:.2g} steps of the quantiser behind it" if np.isfinite(drift) else "too much"
    return InputError(
        f"{name} has weights and a quantiser behind it whose scales fit no shift: with weights of "
        f"{WIDEST} bits values would be off by {off}, and {DRIFT:g} are allowed; {WAY_OUT}"
    )


def _with_bias(
    weight: Integers, bias: Floats, target: Floats, shift: int, rounding: str, *, exact: bool
) -> Sums:
    """Return the sums with their biases.

    A part of a step that a bias has is less than any difference of two sums: what matters is that
    it is there. So below a sum's step biases are rounded down, and no value becomes another.
    """
    step = target * 2.0**-shift
    ratio = bias / step
    whole = is_whole(ratio)
    below = np.where(whole, np.round(ratio), np.floor(ratio)).astype(np.int64)
    above = np.where(whole, below, below + 1)
    half = (1 << shift) >> 1
    plain = {
        "floor": below - half,
        "ceil": above + half - min(shift, 1),
        "down": above - 1 if shift else round_half_up(ratio),
    }
    nearest = rounding == "even" and exact and shift > 0 and bool(whole.any())
    if not nearest:
        usual = below if shift else round_half_up(ratio)
        return Sums(weight, plain.get(rounding, usual), shift, step, even=False)
    if whole.all():
        return Sums(weight, below, shift, step, even=True)
    # Halves are met where the bias is whole only; elsewhere a last bit says that it is more.
    odd = 2 * below + np.where(whole, 0, 1)
    return Sums(2 * weight, odd, shift + 1, step / 2, even=True)


def on_grid(layer: Any, scale: Floats) -> Floats:
    """Return steps for weights that are floats, of at least `scale`, below a grid by shifts.

    Raises
    ------
    InputError
        If there are none.
    """
    target = layer.grid.steps(len(scale))
    shift = int(np.floor(octaves(target / scale)).min())
    if shift < 0:
        raise InputError(
            f"{layer.name} has weights that are too large for the quantiser behind it by {-shift} "
            f"bits; {WAY_OUT}"
        )
    found: Floats = target * 2.0 ** -min(shift, MAX_SHIFT)
    return found


def with_float_weights(weight: Integers, bias: Floats, grid: Grid, scale: Floats) -> Sums:
    """Return the sums of integers that were chosen, in steps of `scale`, for a quantiser."""
    target = grid.steps(len(scale))
    shift = int(np.round(octaves(target / scale)).min())
    return _with_bias(weight, bias, target, shift, grid.rounding, exact=True)


def levelled(
    name: str, rows: Integers, base: Floats, wanted: Floats, *, even: bool
) -> tuple[Integers, Floats]:
    """Return integers of a training, and their steps: `wanted` times powers of two.

    `even`: times one power.

    Raises
    ------
    InputError
        If no factors of the rows do it.
    """
    flat = np.abs(rows.reshape(len(rows), -1)).max(axis=1)
    octave = np.floor(octaves(base / wanted))
    first = np.ldexp(wanted, (octave.min() if even else octave).astype(np.int64))
    for down in range(MAX_SHIFT):
        step = first * 2.0**-down
        ratio = np.where(flat > 0, base / step, 1.0)
        factor = np.round(ratio)
        if (flat * factor >= 1 << (WIDEST - 1)).any():
            break
        if (np.abs(ratio - factor) <= _WHOLE * ratio).all() and (factor >= 1).all():
            shape = (-1,) + (1,) * (rows.ndim - 1)
            return rows * factor.astype(np.int64).reshape(shape), step
    raise InputError(
        f"{name} has weights whose scales are not whole multiples of one step, which what reads "
        f"its values needs; {WAY_OUT}"
    )


def kept_sums(
    layer: Any, effective: Floats, columns: Floats, chosen: Chosen, skip: Activations | None = None
) -> Sums:
    """Return the sums of a layer whose weights are integers of a training.

    Parameters
    ----------
    layer
        A convolution or dense layer with a unit.
    effective, columns
        Weights in units of the integers that they meet, and the steps of these.
    chosen
        As the layer's rule is told.
    skip
        What is added to the sums, if anything is.
    """
    base = bases(effective, columns, layer.unit)
    rows = trained(layer.name, effective, base)
    if layer.grid is not None:
        least = 0
        if skip is not None:
            # What is added is shifted up, never down.
            apart = octaves(layer.grid.steps(len(base)) / skip.scale)
            least = max(0, int(np.ceil(apart.max())))
        return rescaled(layer.name, rows, base, layer.bias, layer.grid, least)
    if chosen.exact:
        rows, step = comparable(layer.name, rows, base)
    elif chosen.units is not None:
        wanted = np.where(np.isnan(chosen.units), base, chosen.units)
        rows, step = levelled(layer.name, rows, base, wanted, even=chosen.even)
    else:
        step = base
    rows, step = _finer(rows, step, layer.bias)
    bias = round_half_up(layer.bias / step)
    return Sums(rows, bias, 0 if chosen.exact else chosen.shift, step, even=False)


def _finer(rows: Integers, step: Floats, bias: Floats) -> tuple[Integers, Floats]:
    """Return integers and steps that are finer by as many bits as biases need, at most `FINER`."""
    most = int(np.abs(rows).max(initial=0))
    down = 0
    while down < FINER and 2 * most < 1 << (WIDEST - 1) and not is_whole(bias / step).all():
        rows, step, most, down = 2 * rows, step / 2, 2 * most, down + 1
    return rows, step


def comparable(name: str, rows: Integers, base: Floats) -> tuple[Integers, Floats]:
    """Return integers of a training with one step for all rows: logits are compared.

    Raises
    ------
    InputError
        If no factors of the rows come near enough.
    """
    flat = np.abs(rows.reshape(len(rows), -1)).max(axis=1)
    alive = flat > 0
    step = base[alive].min() if alive.any() else base.min()
    best, found = np.inf, None
    for down in range(MAX_SHIFT):
        wanted = np.where(alive, base / step * 2.0**down, 1.0)
        factor = np.maximum(1, np.round(wanted))
        if (flat * factor >= 1 << (WIDEST - 1)).any():
            break
        share = float(np.abs(factor / wanted - 1.0).max())
        if share < best * 0.999 and best > _WHOLE:
            best, found = share, (factor.astype(np.int64), step * 2.0**-down)
    if found is None or best > SHARE:
        raise InputError(
            f"{name} gives the logits, and its rows have weights whose scales are not whole "
            f"multiples of one; give it one scale for all of them (per tensor), or {WAY_OUT}"
        )
    factor, one = found
    return rows * factor.reshape((-1,) + (1,) * (rows.ndim - 1)), np.full(len(base), one)


def own_steps(layer: Any, source: Activations) -> Floats | None:
    """Return what one is worth in the sums of each row; None where a layer chooses it."""
    if getattr(layer, "unit", None) is None:
        return None
    columns = layer.columns(source.scale)
    return bases(layer.weight * columns, columns, layer.unit)


def grid_step(layer: Any) -> float | None:
    """Return the step of a layer's grid; None where there is none, or not one for all channels."""
    if layer.grid is None or len(set(layer.grid.step)) > 1:
        return None
    return float(layer.grid.step[0])
