"""Quantisers whose scales fit no shift: a multiplication by a gain reaches them, as a layer.

A value that comes in steps which are no power of two of the quantiser's is taken finely, in 16
bits, and a depthwise convolution of one tap multiplies it by a gain: two roundings instead of one,
the first far below a step of the second. The same takes samples to a quantiser of the input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.network import SAMPLES, Floats, Layer, Network, Node, Shape
from hwgen.network.grid import Grid
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.slice import Slice
from hwgen.passes.rewrite import free_name, inserted
from hwgen.quantized.kept import WIDEST, bases, rescaled, trained
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import octaves

FINE = 1 / 64
"""Steps by which values may be off before a gain of their own is worth its time."""

_TOP = (1 << 15) - 1
"""Of the integers that a gain multiplies."""

Known = dict[str, Floats | None]
"""Steps of values, one a channel; None for those that calibration chooses."""


@dataclass(frozen=True, eq=False)
class Rescaled:
    """A network whose quantisers can all be reached.

    Parameters
    ----------
    network
        With the layers that do so.
    gains
        Names of those that were added.
    drift
        Steps of its quantiser by which each value may be off before it is rounded, by layer; those
        that are exact are left out.
    """

    network: Network
    gains: tuple[str, ...]
    drift: Mapping[str, float]


def reachable(network: Network, bits: Precision, input_scale: float) -> Rescaled:
    """Return the network with gains where quantisers need them.

    Parameters
    ----------
    network
        Canonical.
    bits
        Of the converter.
    input_scale
        The float network takes the sensor's value times this.

    Raises
    ------
    InputError
        If a quantiser cannot be reached.
    """
    gains: list[str] = []
    drift: dict[str, float] = {}
    step = input_scale * bits.lsb
    for name in [node.name for node in network.graph.nodes]:
        node = network.graph[name]
        known = _steps(network, step)
        made = _reached(network, node, known, bits, drift)
        if made is not None:
            before = {each.name for each in network.graph.nodes}
            network = made
            new = [each for each in made.graph.nodes if each.name not in before]
            gains += [each.name for each in new]
            known = _steps(network, step)
            _reached(network, new[0], known, bits, drift)
            if not isinstance(made.graph[name].op, Direct):
                drift[new[0].name] = drift.get(new[0].name, 0.0) + _half(new[0], known)
    return Rescaled(network, tuple(gains), drift)


def _steps(network: Network, samples: float) -> Known:
    """Return the steps of all values, as far as they are known beforehand."""
    shapes = network.shapes()

    def step(node: Node[Layer], before: tuple[Floats | None, ...]) -> Floats | None:
        channels = shapes[node.name][0]
        if node.op.grid is not None:
            return node.op.grid.steps(channels)
        if isinstance(node.op, MaxPool1d):
            return before[0]
        if isinstance(node.op, Concat):
            known = [each for each in before if each is not None]
            return np.concatenate(known) if len(known) == len(before) else None
        if isinstance(node.op, Slice) and before[0] is not None:
            first = node.op.begin if node.op.axis == "channels" else 0
            return before[0][first : first + channels]
        return None

    given: Known = {SAMPLES: np.full(network.channels, samples)}
    return network.graph.walk(step, given)


def _reached(
    network: Network, node: Node[Layer], known: Known, bits: Precision, drift: dict[str, float]
) -> Network | None:
    """Return the network with a gain behind a node; None where it needs none."""
    op: Any = node.op
    steps = known[node.inputs[0]]
    if op.grid is None or steps is None:
        return None
    if isinstance(op, Direct):
        return _behind_samples(network, op, steps, bits)
    if not isinstance(op, Conv1d | Dense) or op.unit is None:
        return None
    try:
        off = _drift(op, steps)
    except InputError:
        off = np.inf
    if off > FINE and (made := _in_two(network, node, steps)) is not None:
        return made
    if np.isfinite(off) and off > 0:
        drift[node.name] = off
    return None


def _half(gain: Node[Layer], known: Known) -> float:
    """Return by how much of a step the rounding before a gain may be off."""
    steps = known[gain.inputs[0]]
    assert steps is not None
    assert gain.op.grid is not None
    return float((steps / gain.op.grid.steps(len(steps))).max()) / 2


def _sums(op: Any, steps: Floats) -> tuple[Any, Floats]:
    """Return the integers of a layer's weights, and what one in its sums is worth."""
    columns = op.columns(steps)
    effective = op.weight * columns
    base = bases(effective, columns, op.unit)
    return trained(op.name, effective, base), base


def _drift(op: Any, steps: Floats) -> float:
    rows, base = _sums(op, steps)
    return rescaled(op.name, rows, base, op.bias, op.grid).drift


def _behind_samples(network: Network, op: Direct, steps: Floats, bits: Precision) -> Network | None:
    """Return the network that takes samples as they come, and multiplies them by a gain."""
    grid = op.grid
    assert grid is not None
    down = octaves(grid.steps(len(steps)) / steps)
    nearest = grid.rounding in ("even", "up")
    if (down == down[0]).all() and float(down[0]).is_integer() and down[0] >= 0 and nearest:
        return None
    top = 1 << (bits.adc - 1)
    taken = replace(op, grid=Grid((float(steps[0]),), -top, top - 1))
    return _with_gain(network, network.graph[op.name], taken, grid)


def _in_two(network: Network, node: Node[Layer], steps: Floats) -> Network | None:
    """Return the network with a layer's sums taken finely and a gain behind; None if it cannot."""
    shape = network.shapes()[node.inputs[0]]
    op: Any = _as_conv(node.op, shape)
    if op is None or op.residual:
        return None
    grid = op.grid
    try:
        rows, base = _sums(op, steps)
    except InputError:
        return None
    target = grid.steps(len(base))
    ends = (max(grid.high, -grid.low) + 1.0) * target
    most = np.abs(rows.reshape(len(rows), -1)).max(axis=1)
    # Rows are brought near the finest by factors that are powers of two, as far as weights go.
    room = np.floor(np.log2(((1 << (WIDEST - 1)) - 1) / np.maximum(most, 1)))
    wanted = np.floor(np.log2(base / target * (target / ends)))
    up = np.clip(wanted - wanted.min(), 0, room)
    fine = base * 2.0**-up
    shift = max(0, int(np.ceil(np.log2(ends / (_TOP * fine))).max()))
    middle = Grid(tuple((fine * 2.0**shift).tolist()), 0 if grid.low == 0 else -_TOP - 1, _TOP)
    if float((middle.steps(len(base)) / target).max()) > 2 * FINE:
        return None
    return _with_gain(network, node, replace(op, grid=middle), grid)


def _as_conv(op: Any, shape: Shape) -> Any:
    """Return the convolution that a layer is; None if it is none."""
    if isinstance(op, Conv1d) or len(shape) != 2:
        return op if isinstance(op, Conv1d) else None
    weight = op.weight.reshape(len(op.weight), *shape)
    return Conv1d(op.name, weight, op.bias, 1, 0, relu=op.relu, unit=op.unit, grid=op.grid)


def _with_gain(network: Network, node: Node[Layer], first: Layer, grid: Grid) -> Network:
    """Return the network with `first` in a node's place and a gain to a grid behind it."""
    channels = network.shapes()[node.name][0]
    gain = Conv1d(
        free_name(network.graph, f"{node.name}_gain"),
        np.ones((channels, 1, 1)),
        np.zeros(channels),
        1,
        0,
        relu=False,
        groups=channels,
        unit=(1.0,) * channels,
        grid=grid,
    )
    graph = inserted(network.graph, node, gain).with_ops([first])
    return replace(network, graph=graph)
