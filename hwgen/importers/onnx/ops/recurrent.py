"""Long short-term memories and gated recurrent units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network import Layer, Shape
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.gru import Gru
from hwgen.network.ops.lstm import Lstm
from hwgen.network.ops.slice import Slice

_FUNCTIONS = {"LSTM": ["sigmoid", "tanh", "tanh"], "GRU": ["sigmoid", "tanh"]}
"""Of the gates, unless a node says others."""

_STATES = {"LSTM": (5, 6), "GRU": (5,)}
"""Inputs that say what is there before the first position."""

_PEEPHOLES, _LENGTHS = 7, 4
_WAYS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}


def recurrent(call: Call, build: Builder) -> tuple[View | Unsupported, ...]:
    """Return all positions' outputs, and that of the last; the state of an LSTM is not given out.

    ONNX has ``Y`` as (positions, ways, windows, units) and ``Y_h`` as (ways, windows, units).
    """
    view, ways = build.ready(call.view()), _WAYS[call.attributes.get("direction", "forward")]
    if call.attributes.get("layout", 0):
        raise Unsupported("must have positions first (layout=0)")
    length = _over_positions(view)
    _check(call, len(ways), length)
    units = call.attributes["hidden_size"]
    parts = [
        build.put(_layer(call, build, way, backwards), view)
        for way, backwards in enumerate(ways)
    ]  # fmt: skip
    ends = [
        build.put(Slice(build.name(call, "_last"), "positions", 0 if back else length - 1, 1), part)
        for part, back in zip(parts, ways, strict=True)
    ]
    whole = _beside(call, build, parts)
    y = _apart(whole, (length, len(ways), 1, units), (2, 0, 1))
    last = _beside(call, build, ends)
    state = Unsupported("must read what an LSTM gives (Y or Y_h), not its state (Y_c)")
    return y, _apart(last, (len(ways), 1, units), (0, 1, 2)), state


def _apart(view: View, shape: Shape, order: tuple[int, ...]) -> View:
    """Return a view of ways, units and positions; of one way as of any other layer."""
    *_, units = shape
    channels, positions = view.logical
    if channels == units:
        order = tuple(axis - 1 for axis in order if axis)
        return replace(view, shape=shape, order=order)
    logical = channels // units, units, positions
    return replace(view, logical=logical, shape=shape, order=order)


def _beside(call: Call, build: Builder, parts: Sequence[View]) -> View:
    return parts[0] if len(parts) == 1 else build.put(Concat(build.name(call, "_both")), *parts)


def _over_positions(view: View) -> int:
    """Return the positions of a tensor (positions, 1, channels)."""
    channels, length = view.logical if len(view.logical) == 2 else (view.logical[0], 1)
    if view.shape != (length, 1, channels) or (length > 1 and view.axes[0] != (1,)):
        raise Unsupported(
            f"must read (positions, windows, channels), not a value of {view.logical} in the shape "
            f"{view.shape}"
        )
    if len(view.logical) != 2:
        raise Unsupported("must not read the numbers of a dense layer as one position")
    return length


def _check(call: Call, ways: int, length: int) -> None:
    """Refuse what the layers do not have."""
    units = call.attributes["hidden_size"]
    for number in _STATES[call.op]:
        state = np.shape(call.constant(number, np.zeros((ways, 1, units))))
        if state != (ways, 1, units):
            raise Unsupported(
                f"must have a state of as many numbers as its output has ({units}), not of the "
                f"shape {state}: no projection of the output (proj_size)"
            )
    for number in (*_STATES[call.op], _PEEPHOLES):
        if np.any(call.constant(number, 0)):
            raise Unsupported("must begin with a state of zeros, and have no peepholes")
    if np.any(call.constant(_LENGTHS, length) != length):
        raise Unsupported(f"must go over all {length} positions of every window")
    functions = [each.lower() for each in call.attributes.get("activations", [])]
    if functions and functions != _FUNCTIONS[call.op] * ways:
        raise Unsupported(f"must have the functions {_FUNCTIONS[call.op]}, not {functions}")
    if call.attributes.get("clip") or call.attributes.get("input_forget"):
        raise Unsupported("must not clip its sums, nor couple input and forget gate")
    if call.op == "GRU" and not call.attributes.get("linear_before_reset", 0):
        raise Unsupported(
            "must reset behind the product (linear_before_reset=1, as torch exports it; "
            "reset_after=True in Keras)"
        )


def _layer(call: Call, build: Builder, way: int, backwards: bool) -> Layer:
    """Return the layer of one way, its rows in the order that torch has."""
    if call.unit(1) is not None or call.unit(2) is not None:
        build.notes.append(
            f"weights of {call.name or call.op} are quantised in the file and are not kept so: "
            f"hwgen chooses the integers of a recurrent layer"
        )
    weight, hidden = (np.asarray(call.constant(n)[way], dtype=np.float64) for n in (1, 2))
    bias = call.constant(3)
    both = np.zeros(2 * len(weight)) if bias is None else np.asarray(bias[way], dtype=np.float64)
    given, kept = np.split(both, 2)
    name = build.name(call, "_back" if backwards else "")
    if call.op == "LSTM":
        rows = _rows(len(weight), (0, 2, 3, 1))  # of i, o, f, g
        sums = (given + kept)[rows]
        return Lstm(name, weight[rows], hidden[rows], sums, backwards=backwards)
    rows = _rows(len(weight), (1, 0, 2))  # of z, r, n
    biases = given[rows], kept[rows]
    return Gru(name, weight[rows], hidden[rows], *biases, backwards=backwards)


def _rows(count: int, order: tuple[int, ...]) -> Any:
    parts = np.split(np.arange(count), len(order))
    return np.concatenate([parts[each] for each in order])


OPS = {"LSTM": recurrent, "GRU": recurrent}
