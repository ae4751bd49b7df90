"""Groups of positions that a pooling op takes together; they may overlap, and be padded."""

from __future__ import annotations

import itertools
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.network.layer import Shape, positive


class Pooling(Protocol):
    """Fields of a layer that takes `size` positions together, from every `stride` on."""

    @property
    def name(self) -> str:
        """Of the layer."""

    @property
    def size(self) -> int:
        """Positions of a group."""

    @property
    def stride(self) -> int | None:
        """Positions from a group to the next; None: `size`."""

    @property
    def padding(self) -> int:
        """Positions that are added on either side."""


def check(layer: Pooling) -> None:
    """Check the fields: a group that sees no input has no value; `InputError`."""
    positive(f"{layer.name} size", layer.size)
    if layer.stride is not None:
        positive(f"{layer.name} stride", layer.stride)
    positive(f"{layer.name} padding", layer.padding, 0)
    if layer.padding > layer.size // 2:
        raise InputError(
            f"{layer.name} padding must be at most half the size ({layer.size}), "
            f"not {layer.padding}"
        )
    right = sides(layer)[1]
    positive(f"{layer.name} padding_right", right, 0)
    if right >= layer.size:
        raise InputError(
            f"{layer.name} padding_right must be less than the size ({layer.size}), not {right}"
        )


def sides(layer: Pooling) -> tuple[int, int]:
    """Return the positions that are added on the left and on the right."""
    right = getattr(layer, "padding_right", None)
    return layer.padding, layer.padding if right is None else right


def stride(layer: Pooling) -> int:
    """Return the positions from a group to the next."""
    return layer.size if layer.stride is None else layer.stride


def positions(layer: Pooling, length: int) -> int:
    """Return the number of groups of `length` positions; a rest that fills none is dropped."""
    return (length + sum(sides(layer)) - layer.size) // stride(layer) + 1


def output_shape(layer: Pooling, shape: Shape) -> Shape:
    """``(channels, length) -> (channels, positions)``; `InputError` for another shape."""
    least = max(1, layer.size - sum(sides(layer)))
    if len(shape) != 2 or shape[1] < least:
        raise InputError(f"{layer.name} takes (channels, length >= {least}) values, not {shape}")
    return (shape[0], positions(layer, shape[1]))


def groups(layer: Pooling, x: npt.NDArray[Any], fill: Any) -> npt.NDArray[Any]:
    """Return ``(n, channels, positions, size)`` of ``(n, channels, length)``.

    `fill` is the value of a position that padding adds.
    """
    padded = np.pad(x, ((0, 0), (0, 0), sides(layer)), constant_values=fill)
    every = np.lib.stride_tricks.sliding_window_view(padded, layer.size, axis=2)
    return every[:, :, :: stride(layer)]


def adaptive_groups(length: int, positions: int) -> tuple[range, ...]:
    """Return the groups that give so many positions of `length`, as torch's adaptive ones do.

    Group i goes from ``floor(i * length / positions)`` to before
    ``ceil((i + 1) * length / positions)``: sizes differ by 1 at most, and groups may overlap.
    """
    return tuple(
        range(i * length // positions, -(-(i + 1) * length // positions)) for i in range(positions)
    )


def even_groups(length: int, positions: int) -> tuple[int, int] | None:
    """Return size and distance of adaptive pooling's groups; None where they differ."""
    groups = adaptive_groups(length, positions)
    starts = {after.start - before.start for before, after in itertools.pairwise(groups)}
    sizes = {len(group) for group in groups}
    if len(sizes) > 1 or len(starts) > 1 or 0 in starts:
        return None
    size = sizes.pop()
    return size, starts.pop() if starts else size
