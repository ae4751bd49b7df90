"""Quantisers whose scales fit no shift: a multiplication by a gain reaches them, as a layer.

A value that comes in steps which are no power of two of the quantiser's is taken finely, in 16
bits, and a depthwise convolution of one tap multiplies it by a gain: two roundings instead of one,
the first far below a step of the second. The same takes samples to a quantiser of the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Integers
from hwgen.network import SAMPLES, Floats, Graph, Layer, Network, Node, Shape
from hwgen.network.grid import Grid
from hwgen.network.ops.add import Add
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.slice import Slice
from hwgen.network.ops.table import Table
from hwgen.passes.grids import grid_of
from hwgen.passes.rewrite import free_name, inserted
from hwgen.quantized.kept import WIDEST, bases, is_whole, rescaled, trained
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
    step = input_scale * bits.lsb
    done: set[str] = set()
    while (node := _first(network, done)) is not None:
        known = _steps(network, step)
        made = None if node.name in gains else _reached(network, node, known, bits)
        if made is None:
            done.add(node.name)
            continue
        before = {each.name for each in network.graph.nodes}
        gains += [each.name for each in made.graph.nodes if each.name not in before]
        network = made
    return Rescaled(network, tuple(gains), _drifts(network, gains, _steps(network, step)))


def _first(network: Network, done: set[str]) -> Node[Layer] | None:
    """Return the first node that has not been looked at."""
    return next((node for node in network.graph.nodes if node.name not in done), None)


def _drifts(network: Network, gains: list[str], known: Known) -> dict[str, float]:
    """Return by how much of its step each value may be off before it is rounded."""
    found: dict[str, float] = {}
    for node in network.graph.nodes:
        op: Any = node.op
        steps = known[node.inputs[0]]
        if op.grid is None or steps is None:
            continue
        if isinstance(op, Add):
            parts = [name for name in node.inputs if name in gains and _is_fine(network, name)]
            off = sum((found.pop(name, 0.0) + 0.5) * _ratio(known, name, node) for name in parts)
        elif getattr(op, "unit", None) is None:
            continue
        else:
            off = _drift(op, steps)
            source = node.inputs[0]
            if node.name in gains and _rounded_finely(network, source, known):
                off += _ratio(known, source, node) / 2
        if off > 0:
            found[node.name] = off
    return found


def _is_fine(network: Network, name: str) -> bool:
    """Return whether a value is on a grid that was made here, not on one of the file."""
    grid = network.graph[name].op.grid
    return grid is not None and grid.high == _TOP


def _rounded_finely(network: Network, name: str, known: Known) -> bool:
    """Return whether a value is rounded to a grid that was made for a gain."""
    node = network.graph[name]
    steps = known[node.inputs[0]]
    fine = _is_fine(network, name)
    return fine and isinstance(node.op, Conv1d) and steps is not None and _rounds(node.op, steps)


def _rounds(op: Any, steps: Floats) -> bool:
    """Return whether a layer's sums lose bits, or its biases a part of a step."""
    rows, base = _sums(op, steps)
    sums = rescaled(op.name, rows, base, op.bias, op.grid)
    return sums.shift > 0 or not is_whole(op.bias / sums.step).all()


def _ratio(known: Known, name: str, node: Node[Layer]) -> float:
    """Return how large a step of a value is beside that of a node that reads it."""
    steps, own = known[name], known[node.name]
    assert steps is not None
    assert own is not None
    return float((steps / own).max())


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
        if isinstance(node.op, Reshape) and before[0] is not None:
            alike = channels % len(before[0]) == 0 or np.ptp(before[0]) == 0
            return np.resize(before[0], channels) if alike else None
        return None

    given: Known = {SAMPLES: np.full(network.channels, samples)}
    return network.graph.walk(step, given)


def _reached(network: Network, node: Node[Layer], known: Known, bits: Precision) -> Network | None:
    """Return the network with gains for a node; None where it needs none."""
    op: Any = node.op
    if isinstance(op, Add):
        return _summed(network, node, known)
    if isinstance(op, Direct):
        return _of_samples(network, node, known, bits)
    if not isinstance(op, Conv1d | Dense) or op.unit is None:
        return None
    if op.grid is None:
        return _evened(network, node)
    return _with_weights(network, node, known)


def _with_weights(network: Network, node: Node[Layer], known: Known) -> Network | None:
    """Return the network with a gain behind trained weights, before their quantiser."""
    op: Any = node.op
    steps = known[node.inputs[0]]
    if steps is None:
        return None
    if getattr(op, "residual", False):
        return _apart(network, node, known)
    return _in_two(network, node, steps) if _off(op, steps) > FINE else None


def _of_samples(
    network: Network, node: Node[Layer], known: Known, bits: Precision
) -> Network | None:
    """Return the network with what takes the samples to where they are first rounded."""
    op: Any = node.op
    steps = known[SAMPLES]
    assert steps is not None
    if op.grid is None:
        return _whole_samples(network, node, steps, bits)
    return _behind_samples(network, op, steps, bits)


def _whole_samples(
    network: Network, node: Node[Layer], steps: Floats, bits: Precision
) -> Network | None:
    """Return the network that takes all bits of the samples, where what they become is rounded.

    A file that says where values are rounded does not round these.
    """
    readers = network.graph.readers(node.name)
    if not any(each.op.grid is not None and getattr(each.op, "unit", None) for each in readers):
        return None
    top = 1 << (bits.adc - 1)
    taken = replace(node.op, grid=Grid((float(steps[0]),), -top, top - 1))
    return network.with_layers([taken])


def _evened(network: Network, node: Node[Layer]) -> Network | None:
    """Return the network with a gain behind trained weights whose values are not quantised.

    Where who reads them cannot take rows as they come, in steps of any ratio.
    """
    op: Any = node.op
    unit = np.asarray(op.unit)
    if node.name == network.class_output or network.graph.leaves(node.name):
        return None
    even = _apart_by_powers(unit, unit[:1])
    if not any(_demanding(network, node.name, even=even)):
        return None
    conv = _as_conv(op, network.shapes()[node.inputs[0]])
    if conv is None or conv.residual:
        return None
    channels = len(unit)
    gain = Conv1d(
        free_name(network.graph, f"{node.name}_gain"),
        np.ones((channels, 1, 1)),
        np.zeros(channels),
        1,
        0,
        relu=conv.relu,
        groups=channels,
    )
    return replace(network, graph=inserted(network.graph, node, gain).with_ops([conv]))


def _demanding(network: Network, name: str, *, even: bool) -> Iterator[bool]:
    """Yield for each reader whether it wants other steps than trained weights give.

    `even`: whether these are powers of two apart from each other.
    """
    for reader in network.graph.readers(name):
        op: Any = reader.op
        if isinstance(op, Add) or (getattr(op, "residual", False) and reader.inputs[1] == name):
            yield True
        elif isinstance(op, Conv1d | Dense):
            mixes = isinstance(op, Dense) or op.weight.shape[1] > 1
            yield op.unit is not None and mixes and not even
        elif isinstance(op, Table):
            yield not even
        elif isinstance(op, MaxPool1d | Concat | Slice | AvgPool1d | Reshape):
            if isinstance(op, Reshape):
                yield not even
            yield from _demanding(network, reader.name, even=even)


def _summed(network: Network, node: Node[Layer], known: Known) -> Network | None:
    """Return the network with gains before a sum of values whose steps do not fit each other."""
    steps = [known[name] for name in node.inputs]
    grids = [grid_of(network.graph, name) for name in node.inputs]
    target = steps[0] if node.op.grid is None else known[node.name]
    if target is None:
        return None
    reads, made = list(node.inputs), []
    for n, (own, grid) in enumerate(zip(steps, grids, strict=True)):
        if own is None or grid is None:
            continue  # calibration gives it steps that fit
        if _apart_by_powers(own, target) or len(set(target.tolist())) > 1:
            continue
        reads[n] = free_name(network.graph, f"{node.name}_gain_{n}")
        fine = _finest(float(target[0]), max(grid.high, -grid.low) * float(own.max()))
        gain = _gain(reads[n], len(own), Grid((fine,), 0 if grid.low == 0 else -_TOP - 1, _TOP))
        made.append(Node[Layer](gain, (node.inputs[n],)))
    if not made:
        return None
    return _instead(network, node, [*made, Node(node.op, tuple(reads))])


def _finest(step: float, reach: float) -> float:
    """Return the least of a step's powers of two at which integers of 16 bits reach so far."""
    return float(step * 2.0 ** np.ceil(np.log2(reach / (_TOP * step))))


def _instead(network: Network, node: Node[Layer], nodes: list[Node[Layer]]) -> Network:
    """Return the network with nodes in the place of one; the last has its name."""
    graph = network.graph
    place = next(n for n, one in enumerate(graph.nodes) if one.name == node.name)
    every = (*graph.nodes[:place], *nodes, *graph.nodes[place + 1 :])
    return replace(network, graph=Graph(graph.inputs, every, graph.outputs))


def _apart(network: Network, node: Node[Layer], known: Known) -> Network | None:
    """Return the network with the sum in a convolution as a layer of its own, if steps want it."""
    op: Any = node.op
    steps, added, target = (known[name] for name in (*node.inputs, node.name))
    grid = grid_of(network.graph, node.inputs[1])
    if steps is None or added is None or target is None or grid is None:
        return None
    if _apart_by_powers(added, target) and _off(op, steps) <= FINE:
        return None
    # What is beyond this is beyond the sum's own range, whatever is added.
    reach = float((max(op.grid.high, -op.grid.low) + 1) * target.max())
    reach += max(grid.high, -grid.low) * float(added.max())
    rows, base = _sums(op, steps)
    middle = _middle(rows, base, np.full(len(base), reach), signed=True)
    names = [free_name(network.graph, f"{op.name}_{what}") for what in ("sum", "gain")]
    conv = replace(op, name=names[0], residual=False, relu=False, grid=middle)
    fine = Grid((_finest(float(target.min()), reach),), -_TOP - 1, _TOP)
    parts = [
        Node[Layer](conv, node.inputs[:1]),
        Node[Layer](_gain(names[1], len(base), fine), (names[0],)),
        Node[Layer](Add(op.name, relu=op.relu, grid=op.grid), (names[1], node.inputs[1])),
    ]
    return _instead(network, node, parts)


def _apart_by_powers(one: Floats, other: Floats) -> bool:
    """Return whether steps are powers of two apart."""
    apart = octaves(one / other)
    return bool((apart == np.round(apart)).all())


def _sums(op: Any, steps: Floats) -> tuple[Any, Floats]:
    """Return the integers of a layer's weights, and what one in its sums is worth."""
    columns = op.columns(steps)
    effective = op.weight * columns
    base = bases(effective, columns, op.unit)
    return trained(op.name, effective, base), base


def _off(op: Any, steps: Floats) -> float:
    """Return a layer's drift; infinite where its quantiser cannot be reached."""
    try:
        return _drift(op, steps)
    except InputError:
        return np.inf


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
    middle = _middle(rows, base, ends, signed=grid.signed)
    first = replace(op, grid=middle)
    rounds = float((middle.steps(len(base)) / target).max()) > 4 * FINE
    return None if rounds and _rounds(first, steps) else _with_gain(network, node, first, grid)


def _middle(rows: Integers, base: Floats, ends: Floats, *, signed: bool) -> Grid:
    """Return a fine grid for sums of integers, which reaches as far as `ends`, one a row."""
    most = np.abs(rows.reshape(len(rows), -1)).max(axis=1)
    # Rows are brought near the finest by factors that are powers of two, as far as weights go.
    room = np.floor(np.log2(((1 << (WIDEST - 1)) - 1) / np.maximum(most, 1)))
    wanted = np.floor(np.log2(base / ends))
    up = np.clip(wanted - wanted.min(), 0, room)
    fine = base * 2.0**-up
    shift = max(0, int(np.ceil(np.log2(ends / (_TOP * fine))).max()))
    return Grid(tuple((fine * 2.0**shift).tolist()), -_TOP - 1 if signed else 0, _TOP)


def _as_conv(op: Any, shape: Shape) -> Any:
    """Return the convolution that a layer is; None if it is none."""
    if isinstance(op, Conv1d) or len(shape) != 2:
        return op if isinstance(op, Conv1d) else None
    weight = op.weight.reshape(len(op.weight), *shape)
    return Conv1d(op.name, weight, op.bias, 1, 0, relu=op.relu, unit=op.unit, grid=op.grid)


def _with_gain(network: Network, node: Node[Layer], first: Layer, grid: Grid) -> Network:
    """Return the network with `first` in a node's place and a gain to a grid behind it."""
    channels = network.shapes()[node.name][0]
    gain = _gain(free_name(network.graph, f"{node.name}_gain"), channels, grid)
    graph = inserted(network.graph, node, gain).with_ops([first])
    return replace(network, graph=graph)


def _gain(name: str, channels: int, grid: Grid) -> Conv1d:
    """Return the layer that takes each channel, as it is, to a grid."""
    return Conv1d(
        name,
        np.ones((channels, 1, 1)),
        np.zeros(channels),
        1,
        0,
        relu=False,
        groups=channels,
        unit=(1.0,) * channels,
        grid=grid,
    )
