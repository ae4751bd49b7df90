"""Other names for the tensors of the published network: ``conv``, ``fc``, numbers, ..."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

_COUNTER = ".num_batches_tracked"


def renamed(raw: Mapping[Any, Any]) -> tuple[Mapping[Any, Any], tuple[str, ...]] | None:
    """Return `raw` under the published names and what was done to it, None if it is no network.

    Tensors that are called ``conv1`` and ``fc1`` are left to `checked_state`, which tells what is
    wrong with them. Others are taken by their shapes, where only one order of layers fits.
    """
    raw, notes = _without_rest(raw)
    if "conv1.weight" in raw and "fc1.weight" in raw:
        return raw, notes
    if not raw or not all(isinstance(key, str) and _shape(value) for key, value in raw.items()):
        return None
    layers: dict[str, dict[str, Any]] = {}
    for key, value in raw.items():
        layer, _, part = key.rpartition(".")
        layers.setdefault(layer, {})[part] = value
    if not all(set(parts) in ({"weight"}, {"weight", "bias"}) for parts in layers.values()):
        return None
    order = _order({layer: _shape(parts["weight"]) for layer, parts in layers.items()})
    if order is None:
        return None
    new = {old: "conv1" if k == 0 else f"fc{k}" for k, old in enumerate(order)}
    made = {
        f"{new[layer]}.{part}": value for layer in order for part, value in layers[layer].items()
    }
    told = ", ".join(f"{_line(old)} as {name}" for old, name in new.items())
    return made, (*notes, f"tensors are taken by their shapes: {told}")


def _line(name: str) -> str:
    return name[:40] if name.isprintable() else ascii(name)[:40]


def _without_rest(raw: Mapping[Any, Any]) -> tuple[Mapping[Any, Any], tuple[str, ...]]:
    """Return `raw` without what holds no weights: counters, and values that are no tensors."""
    norms = {key.removesuffix(".running_mean") for key in raw if _ends(key, ".running_mean")}
    counters = [
        key for key in raw if _ends(key, _COUNTER) and key.removesuffix(_COUNTER) not in norms
    ]
    rest = [key for key, value in raw.items() if not _shape_like(value) and not _is_part(key)]
    if not counters and not rest:
        return raw, ()
    kept = {key: value for key, value in raw.items() if key not in counters and key not in rest}
    notes = (
        "counters of batch normalisation without its statistics are passed over: "
        f"{', '.join(_line(key) for key in counters[:3])}",
    )
    return kept, notes if counters else ()


def _ends(key: Any, end: str) -> bool:
    return isinstance(key, str) and key.endswith(end)


def _is_part(key: Any) -> bool:
    return isinstance(key, str) and re.fullmatch(r"(conv1|fc\d+)\.(weight|bias)", key) is not None


def _shape_like(value: Any) -> bool:
    return hasattr(value, "shape")


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def _order(shapes: dict[str, tuple[int, ...]]) -> list[str] | None:
    """Return the layers in the one order in which their shapes fit, None if there is not one."""
    convs = [name for name, shape in shapes.items() if len(shape) == 3]
    dense = [name for name, shape in shapes.items() if len(shape) == 2]
    if len(convs) != 1 or not dense or len(dense) + 1 != len(shapes):
        return None
    filters, channels, _ = shapes[convs[0]]
    if channels != 1 or not filters:
        return None

    def fits(order: list[str]) -> bool:
        chained = all(shapes[b][1] == shapes[a][0] for a, b in itertools.pairwise(order))
        return chained and shapes[order[0]][1] % filters == 0

    # Files of torch keep the order of the network; safetensors sort the names as text.
    orders = [order for order in (dense, sorted(dense, key=_natural)) if fits(order)]
    if not orders or any(order != orders[0] for order in orders):
        return None
    return [convs[0], *orders[0]]


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
