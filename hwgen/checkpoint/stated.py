"""What the layers of a whole pickled module state: stride, pooling, activation, ..."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hwgen.checkpoint.candidates import key_text
from hwgen.checkpoint.geometry import Geometry
from hwgen.checkpoint.inert import Inert
from hwgen.checkpoint.tensors import printable
from hwgen.checkpoint.tree import MAX_DEPTH, MAX_TENSORS, attributes
from hwgen.errors import InputError
from hwgen.network.ops.spectrum import MAX_WINDOW

_LAYERS = "torch.nn.modules."
_READ = {
    *("Conv1d", "Linear", "ReLU", "MaxPool1d"),
    *("Sequential", "ModuleList", "ModuleDict", "Container", "Module"),
    *("Identity", "Flatten", "Unflatten", "Softmax", "LogSoftmax"),
    *("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"),
}
"""Of torch's layers: the network's own, and those that change no class."""

_CALLED = "function "
_FUNCTION = re.compile(r"torch\.(nn\.functional|_C\.(_nn|_VariableFunctions\w*|TensorBase))\.\w+$")
_EXPECTED = {"relu", "relu_", "flatten", "dropout", "softmax", "log_softmax", "max_pool1d"}
_LOSS = re.compile(r".*(loss|entropy)\w*")

_FIX = (
    "train without it; if it is known to mean nothing, save the state_dict alone: "
    "torch.save(model.state_dict(), ...)"
)


@dataclass(frozen=True, eq=False)
class Layer:
    """One of torch's own layers.

    Parameters
    ----------
    place
        Keys and names of modules with dots between.
    kind
        Name of its class, without the module.
    state
        Its attributes, as the file has them.
    """

    place: str
    kind: str
    state: dict[Any, Any]

    def __str__(self) -> str:
        return printable(f"{self.place or 'the module'} ({self.kind})", 100)


def layers(value: Any) -> tuple[Layer, ...]:
    """Return torch's own layers in what `hwgen.checkpoint.inert.load` gave, each of them once.

    Losses are no part of a network, and passed over.
    """
    found: list[Layer] = []
    todo: list[tuple[str, Any, int]] = [("", value, 0)]
    seen: set[int] = set()
    for place, each, depth in todo:
        if id(each) in seen:
            continue
        seen.add(id(each))
        found += _own(place, each)
        if depth < MAX_DEPTH:
            for name, inner in _inner(each):
                # A file may name one container again and again.
                if isinstance(inner, dict | list | tuple) and len(todo) < MAX_TENSORS:
                    todo.append((f"{place}.{name}"[:1000] if place else name, inner, depth + 1))
    return tuple(found)


def _own(place: str, each: Any) -> list[Layer]:
    """Return the layer that an object is, or the functions that a module keeps as attributes."""
    state = attributes(each.state) if isinstance(each, Inert) else None
    if not isinstance(state, dict) or each.name.startswith(f"{_LAYERS}loss."):
        return []
    if each.name.startswith(_LAYERS):
        return [Layer(place, each.name.rpartition(".")[2], state)]
    if "_modules" not in state:
        return []
    functions = {
        f"{place}.{name}" if place else str(name): value.name.rpartition(".")[2]
        for name, value in state.items()
        if isinstance(name, str)
        and isinstance(value, type)
        and issubclass(value, Inert)
        and _FUNCTION.match(value.name)
    }
    return [Layer(each, f"{_CALLED}{name}", {}) for each, name in functions.items()]


def _inner(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a container under the names that `hwgen.checkpoint.tree` gives them."""
    items: Any = ()
    if isinstance(value, Inert):
        state = attributes(value.state)
        state = state if isinstance(state, dict) else {}
        modules = state.get("_modules")
        parts = dict(value) | state | {"items": value.listed}
        items = (modules if isinstance(modules, dict) else parts).items()
    elif isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    for name, inner in items:
        yield key_text(name), inner


def under(found: Sequence[Layer], place: str) -> list[Layer]:
    """Return the layers of the network at a place."""
    return [
        each for each in found if not place or each.place == place or _within(each.place, place)
    ]


def _within(inner: str, outer: str) -> bool:
    return inner.startswith(f"{outer}.")


def geometry(network: Sequence[Layer], taps: int) -> Geometry:
    """Return the stride, padding and pool that the layers of one network state.

    Parameters
    ----------
    network
        Its layers.
    taps
        Of its convolution.

    Raises
    ------
    InputError
        If a layer does what hwgen's network does not.
    """
    for layer in network:
        if layer.kind not in _READ and not layer.kind.startswith(_CALLED):
            raise InputError(f"hwgen's network has no layer such as {layer}; {_FIX}")
    stated = Geometry()
    for layer in (each for each in network if each.kind == "Conv1d"):
        _require(layer, dilation=1, groups=1, padding_mode="zeros")
        stride = _number(layer, "stride", 1)
        stated = Geometry(stride, _padding(layer, taps), stated.pool)
    if _pools_nowhere(network):
        stated = Geometry(stated.stride, stated.padding, 1)
    pools = [each for each in network if each.kind == "MaxPool1d"]
    if len(pools) > 1:
        raise InputError(f"hwgen's network has one max-pool, not {pools[0]} and {pools[1]}; {_FIX}")
    for layer in pools:
        size = _number(layer, "kernel_size", 1)
        _require(layer, padding=0, dilation=1, ceil_mode=False, stride=size)
        stated = Geometry(stated.stride, stated.padding, size)
    return stated


def _padding(layer: Layer, taps: int) -> int:
    """Return a convolution's padding, which may be a word."""
    padding = layer.state.get("padding")
    if padding == "valid":
        return 0
    if padding == "same":
        if taps % 2 == 0:
            raise InputError(f"{layer} pads {taps} taps unevenly (padding 'same'); {_FIX}")
        return taps // 2
    return _number(layer, "padding", 0)


def _pools_nowhere(network: Sequence[Layer]) -> bool:
    """Whether a network is torch's own layers one after the other, without a pool among them."""
    if not network or network[0].kind != "Sequential":
        return False
    parts = network[0].state.get("_modules")
    if not isinstance(parts, dict):
        return False
    kinds = {each.name if isinstance(each, Inert) else "" for each in parts.values()}
    return all(
        kind.startswith(_LAYERS) and kind.rpartition(".")[2] in _READ - {"MaxPool1d", "Sequential"}
        for kind in kinds
    )


def doubts(network: Sequence[Layer]) -> tuple[str, ...]:
    """Return which functions a module keeps that hwgen's network does not have."""
    odd = [
        f"{layer.place} is torch's {name}"
        for layer in network
        if (name := layer.kind.removeprefix(_CALLED)) != layer.kind
        and name not in _EXPECTED
        and not _LOSS.fullmatch(name)
    ]
    if not odd:
        return ()
    return (f"in the module {printable(', '.join(odd), 200)}; what it does with it is not read",)


def _number(layer: Layer, name: str, low: int) -> int:
    value = _alone(layer.state.get(name))
    if type(value) is not int or not low <= value <= MAX_WINDOW:
        raise InputError(
            f"{layer} has {name} {_shown(value)}, which hwgen's network cannot have; {_FIX}"
        )
    return value


def _shown(value: Any) -> str:
    """Return a value as text; stand-ins may hold one another without end."""
    several = value if isinstance(value, tuple) else (value,)
    if len(several) > 3 or not all(isinstance(v, int | float | str | None) for v in several):
        return "of another kind"
    return ", ".join(printable(each) for each in several)


def _alone(value: Any) -> Any:
    """Return the one number of a tuple of one."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def _require(layer: Layer, **wanted: Any) -> None:
    """Refuse a layer with another value; old files lack some."""
    for name, value in wanted.items():
        have = _alone(layer.state.get(name, value))
        if type(have) is not type(value) or have != value:
            raise InputError(
                f"{layer} has {name} {_shown(have)}, but hwgen's network has {value}; {_FIX}"
            )
