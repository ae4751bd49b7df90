"""What of a network's own quantisers is kept, in a few lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import signed_width
from hwgen.network import Layer, Network
from hwgen.quantized.op import room
from hwgen.quantized.rescaling import Rescaled

_SHOWN = 4
"""Names in a line."""


def has_quantisers(network: Network) -> bool:
    """Return whether a network was trained with integers that are kept."""
    return any(_unit(layer) or layer.grid is not None for layer in network.layers)


def check(network: Network, asked: str | None) -> None:
    """Refuse an option that would change a network's own integers; None is none."""
    if asked is not None and has_quantisers(network):
        raise InputError(
            f"{asked} changes widths or weights, and {network.name} was trained with its own: "
            f"leave {asked} out, or let hwgen choose all of them with --quantizers drop"
        )


def lines(file: Network, built: Rescaled) -> list[str]:
    """Return what is kept of a network, what is not quantised in it, and what is not exact.

    Parameters
    ----------
    file
        As its file has it.
    built
        As it is built.
    """
    if not has_quantisers(file):
        return []
    return [*_weights(file), *_values(file), *_free(built), *_gains(built), *_halves(built)]


def _weights(file: Network) -> Iterator[str]:
    layers = [layer for layer in file.layers if hasattr(layer, "unit")]
    widths = {layer.name: _bits(layer) for layer in layers if _unit(layer)}
    if widths:
        yield f"kept: weights of {_count(widths)} as trained: {_by_width(widths)}"
    if others := [layer.name for layer in layers if not _unit(layer)]:
        yield (
            f"weights of {_count(others)} are not quantised in the file; hwgen chooses their "
            f"integers: {_some(others)}"
        )


def _values(file: Network) -> Iterator[str]:
    grids = {layer.name: layer.grid.width for layer in file.layers if layer.grid is not None}
    if grids:
        yield f"kept: steps and ranges of {len(grids)} quantisers of values: {_by_width(grids)}"


def _free(built: Rescaled) -> Iterator[str]:
    network = built.network
    free = [
        layer.name
        for layer in network.layers
        if layer.grid is None and layer.name != network.class_output and _rounds(layer)
    ]
    if free:
        yield (
            f"values of {_count(free)} are not quantised in the file; calibration chooses their "
            f"steps: {_some(free)}"
        )


def _gains(built: Rescaled) -> Iterator[str]:
    if built.gains:
        yield (
            f"scales that are no powers of two apart need a multiplication, a layer of its own: "
            f"{_some(built.gains)}"
        )
    if built.drift:
        worst = max(built.drift, key=lambda name: built.drift[name])
        yield (
            f"scales that are no powers of two are not met exactly: before they are rounded, "
            f"values are off by at most {built.drift[worst]:.2g} of a step ({worst})"
        )


def _halves(built: Rescaled) -> Iterator[str]:
    odd = [
        layer.name
        for layer in built.network.layers
        if layer.grid is not None and layer.grid.rounding == "odd" and layer.op != "table"
        if layer.name not in built.drift
    ]
    if odd:
        yield (
            f"halves are rounded up, and by the file to the even integer of an odd zero point: "
            f"{_some(odd)}"
        )


def _unit(layer: Any) -> tuple[float, ...] | None:
    found: tuple[float, ...] | None = getattr(layer, "unit", None)
    return found


def _bits(layer: Any) -> int:
    """Return the width of a layer's integers."""
    unit = np.asarray(layer.unit).reshape((-1,) + (1,) * (layer.weight.ndim - 1))
    whole = np.round(layer.weight / unit)
    return signed_width(int(whole.min()), int(whole.max()))


def _rounds(layer: Layer) -> bool:
    return "shift" in room("hwgen.quantized.ops", layer.op).OP.__dataclass_fields__


def _by_width(widths: dict[str, int]) -> str:
    """Return names by their widths."""
    each = sorted(set(widths.values()))
    return ", ".join(
        f"{bits} bits ({_some(name for name, own in widths.items() if own == bits)})"
        for bits in each
    )


def _count(names: Collection[str]) -> str:
    return f"{len(names)} layer{'s' if len(names) > 1 else ''}"


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = len(every) - _SHOWN
    return ", ".join(every[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
