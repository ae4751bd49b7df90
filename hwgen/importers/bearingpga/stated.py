"""What the layers of a whole pickled module state of the published network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hwgen.checkpoint.inert import Inert
from hwgen.checkpoint.layers import CALLED, TORCHS, Layer
from hwgen.checkpoint.tensors import printable
from hwgen.errors import InputError
from hwgen.importers.bearingpga.geometry import Geometry
from hwgen.network.ops.spectrum import MAX_WINDOW

_READ = {
    *("Conv1d", "Linear", "ReLU", "MaxPool1d"),
    *("Sequential", "ModuleList", "ModuleDict", "Container", "Module"),
    *("Identity", "Flatten", "Unflatten", "Softmax", "LogSoftmax"),
    *("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"),
}
"""Of torch's layers: the network's own, and those that change no class."""

_EXPECTED = {"relu", "relu_", "flatten", "dropout", "softmax", "log_softmax", "max_pool1d"}
_LOSS = re.compile(r".*(loss|entropy)\w*")

_FIX = (
    "train without it; if it is known to mean nothing, save the state_dict alone: "
    "torch.save(model.state_dict(), ...)"
)


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
        if layer.kind not in _READ and not layer.kind.startswith(CALLED):
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
        kind.startswith(TORCHS) and kind.rpartition(".")[2] in _READ - {"MaxPool1d", "Sequential"}
        for kind in kinds
    )


def doubts(network: Sequence[Layer]) -> tuple[str, ...]:
    """Return which functions a module keeps that hwgen's network does not have."""
    odd = [
        f"{layer.place} is torch's {name}"
        for layer in network
        if (name := layer.kind.removeprefix(CALLED)) != layer.kind
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
