"""Any graph as plain structure and tensors: what our own checkpoint is of version 2.

The structure is what the JSON form of a network has, but for the tensors, which are named
``NODE.FIELD``. A network of BearingPGA-Net's kind needs none (`hwgen.importers.bearingpga`).
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

from hwgen.checkpoint.tensors import State, printable
from hwgen.errors import InputError
from hwgen.network import SAMPLES, Layer, Network, layer_from_json
from hwgen.network.ops.spectrum import MAX_WINDOW
from hwgen.network.wiring import graph_from_json

_MAX_CHANNELS = 256
_MAX_NAME = 100
_MAX_NUMBER = 1 << 31
_NAME = r"[\w./-]+"


def structure(network: Network) -> dict[str, Any]:
    """Return all of a network but its tensors, classes, scale and rate, in JSON's own types."""
    return {
        "name": network.name,
        "input_samples": network.input_samples,
        "channels": network.channels,
        "nodes": [_fields(node.op) | {"inputs": list(node.inputs)} for node in network.graph.nodes],
        "outputs": [output.to_json() for output in network.graph.outputs],
    }


def _fields(layer: Layer) -> dict[str, Any]:
    tensors = layer.tensors()
    plain = {key: value for key, value in layer.to_json().items() if key not in tensors}
    return {**plain, "tensors": list(tensors)}


def tensors(network: Network) -> State:
    """Return the tensors of all nodes by ``NODE.FIELD``."""
    return {
        f"{layer.name}.{field}": value
        for layer in network.layers
        for field, value in layer.tensors().items()
    }


def network_of(value: Any, state: State, **known: Any) -> Network:
    """Return the network of a structure and its tensors.

    Parameters
    ----------
    value
        What `structure` returned, from a file: not trusted.
    state
        Checked tensors, by name.
    known
        Classes, input scale and sample rate, as `Network` has them.

    Raises
    ------
    InputError
        If a field is not what it must be, a tensor is missing or one too many, or a rule of the
        network is broken.
    KeyError, TypeError
        If the structure lacks a field.
    """
    used: set[str] = set()
    nodes = [_node(node, state, used) for node in _list(value["nodes"], "nodes")]
    if left := [printable(name) for name in state if name not in used]:
        raise InputError(f"state_dict must hold the network's tensors only, not {left[0]} too")
    outputs = _list(value["outputs"], "outputs")
    return Network(
        name=_name(value["name"], "the network's name", r"[\w ./-]+"),
        input_samples=_count(value["input_samples"], "input_samples", MAX_WINDOW),
        graph=graph_from_json(
            {"nodes": nodes, "outputs": outputs}, SAMPLES, _layer, chain="layers"
        ),
        channels=_count(value["channels"], "channels", _MAX_CHANNELS),
        **known,
    )


def _node(value: Any, state: State, used: set[str]) -> dict[str, Any]:
    """Return a node's fields with its tensors, whose names are noted."""
    if not isinstance(value, Mapping):
        raise InputError(f"a node must be a dict, not {printable(value)}")
    fields = dict(value)
    name = _name(fields.get("name"), "a node's name", _NAME)
    inputs = [_name(each, "a node's input", _NAME) for each in _list(fields.pop("inputs"), name)]
    wanted = _list(fields.pop("tensors"), f"{name} tensors")
    for key, field in fields.items():
        _CHECKS.get(key, _check_plain)(f"{name} {printable(key)}", field)
    for key in wanted:
        full = f"{name}.{_name(key, f'a tensor of {name}', r'[a-z_]+')}"
        if key in fields or full in used or full not in state:
            raise InputError(f"{full} must be in the state_dict, once")
        used.add(full)
        fields[key] = state[full]
    return fields | {"inputs": inputs}


def _layer(fields: Any) -> Layer:
    """Return the layer, whose flags are flags."""
    layer = layer_from_json(fields)
    hints = typing.get_type_hints(type(layer))
    for key, value in vars(layer).items():
        if (hints.get(key) is bool) != isinstance(value, bool):
            raise InputError(f"{layer.name} {key} must not be {printable(value)}")
    return layer


def _check_plain(what: str, value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _name(value, what, _NAME)
    elif not isinstance(value, int | float) or not abs(value) < _MAX_NUMBER:  # NaN is none
        raise InputError(f"{what} must be a plain number, flag or name, not {printable(value)}")


def _check_numbers(what: str, value: Any) -> None:
    for each in _list(value, what):
        if not isinstance(each, float):
            raise InputError(f"{what} must be numbers, not {printable(each)}")


def _check_grid(what: str, value: Any) -> None:
    """Check the types in a grid; `hwgen.network.grid` has the rest of its rules."""
    if not isinstance(value, Mapping):
        raise InputError(f"{what} must be a dict, not {printable(value)}")
    _check_numbers(f"{what} step", value.get("step"))
    for end in ("low", "high"):
        if type(value.get(end)) is not int:
            raise InputError(f"{what} {end} must be an integer, not {printable(value.get(end))}")
    _name(value.get("rounding"), f"{what} rounding", _NAME)


_CHECKS: dict[str, Callable[[str, Any], None]] = {"grid": _check_grid, "unit": _check_numbers}
"""Fields that are more than a plain value: those of networks that were trained with quantisers."""


def _count(value: Any, what: str, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise InputError(f"{what} must be from 1 to {most}, not {printable(value)}")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{what} must be a list, not {printable(value)}")
    return value


def _name(value: Any, what: str, pattern: str) -> str:
    if not isinstance(value, str) or len(value) > _MAX_NAME or not re.fullmatch(pattern, value):
        raise InputError(f"{what} must be a name, not {printable(value)}")
    return value
