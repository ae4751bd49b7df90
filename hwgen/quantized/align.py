"""Steps of values that meet: an add needs them powers of two apart, whoever made the values.

Channels whose steps follow from each other form a class, across max-pooling, concatenations and
adds. The op that is made first has the choice of the class's steps; those made later are told, and
lose part of a bit of a row's weights. No other order is possible in one walk: the weights of later
ops are in units of what earlier ones give.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from hwgen.errors import InputError
from hwgen.network import SAMPLES, Floats, Layer, Network, Node, Shape
from hwgen.quantized.op import Chosen, QuantizedOp, declared, room
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Steps

_SAME = 1e-6
"""Steps as near as this, in octaves, are the same."""


class Alignment:
    """What the ops of one integer network are told of their steps, while they are made.

    Parameters
    ----------
    network
        Float network.
    bits, input_scale
        As in `hwgen.quantized.QuantizedModel`.

    Raises
    ------
    InputError
        If steps that are as they are must fit each other and do not.
    """

    def __init__(self, network: Network, bits: Precision, input_scale: float) -> None:
        self._classes: _Classes | None = None
        self._free: set[str] = set()
        self._equal: set[str] = set()
        shapes = network.shapes()
        steps = {node.name: _steps(node, shapes, bits) for node in network.graph.nodes}
        if any(each.demanding for each in steps.values()):
            self._classes = _Classes(_channels(network, shapes))
            self._classes.know(SAMPLES, input_scale * bits.lsb)
            self._free = {name for name, each in steps.items() if each.free}
            equal = [node for node in network.graph.nodes if steps[node.name].equal]
            self._equal = {name for node in equal for name in node.inputs}
            for node in network.graph.nodes:
                _join(self._classes, node, steps[node.name])
            for node in network.graph.nodes:
                # Behind all others: which factor has a step that is known, these say.
                if steps[node.name].product:
                    _multiplied(self._classes, node)
            if network.class_output in self._free and self._classes.meets(network.class_output):
                # Logits are compared with each other.
                self._classes.even(network.class_output, network.class_output)

    def told(self, name: str, chosen: Chosen, own: Floats | None = None) -> Chosen:
        """Return `chosen` with what the op of a name, which is made next, must know of steps.

        `own` are the steps that its weights have, where these are not chosen.
        """
        if name in self._equal:
            chosen = dataclasses.replace(chosen, even=True)
        if self._classes is None or name not in self._free or not self._classes.meets(name):
            return chosen
        even = chosen.even or self._classes.is_even(name)
        return dataclasses.replace(chosen, units=self._classes.units(name, own), even=even)

    def made(self, op: QuantizedOp) -> None:
        """Take note of the steps of an op that has been made."""
        if self._classes is not None and op.name in self._free:
            self._classes.made(op.name, op.output.scale)


def _steps(node: Node[Layer], shapes: Mapping[str, Shape], bits: Precision) -> Steps:
    kind: type[QuantizedOp] = room("hwgen.quantized.ops", node.op.op).OP
    read = tuple(shapes[name] for name in node.inputs)
    return kind.steps(node.op, read, declared(bits, node.op.op))


def _channels(network: Network, shapes: Mapping[str, Shape]) -> dict[str, int]:
    """Return the number of channels of each value; the numbers of a flat one."""
    return {name: shape[0] for name, shape in shapes.items()} | {SAMPLES: network.channels}


def _join(classes: _Classes, node: Node[Layer], steps: Steps) -> None:
    for link in steps.links:
        source = node.inputs[link.source]
        # What the op leaves out has no channel of its output.
        first = max(0, -link.first)
        for channel in range(first, min(classes.channels(source),
                                        classes.channels(node.name) - link.first)):  # fmt: skip
            classes.join(
                (node.name, link.first + channel), (source, channel), link.factor, node.name
            )
    if steps.known is not None:
        classes.know(node.name, steps.known)
    if steps.even:
        for name in node.inputs:
            classes.even(name, node.name)


def _multiplied(classes: _Classes, node: Node[Layer]) -> None:
    """Let the steps of a product be those of one factor; the other's are powers of two.

    Which one: the one whose steps are powers of two anyway, else the second, if they are not known
    to be something else.
    """
    first, second = node.inputs
    if classes.all_known(first) and classes.all_known(second):
        classes.know_product(node.name, first, second)
        return
    plain = next((name for name in (second, first) if classes.powers(name)), None)
    if plain is None:
        plain = first if classes.all_known(second) else second
        classes.know(plain, 1.0)
    classes.follow(node.name, first if plain == second else second)


_Channel = tuple[str, int]
"""Name of a value, and number of a channel."""


class _Classes:
    """Channels whose steps are known from each other, but for powers of two: a union-find.

    Each channel has a parent, and how many octaves its step is above the parent's.
    """

    def __init__(self, channels: Mapping[str, int]) -> None:
        self._channels = channels
        every = [(name, c) for name, count in channels.items() for c in range(count)]
        self._parent: dict[_Channel, _Channel] = {channel: channel for channel in every}
        self._above = dict.fromkeys(every, 0.0)
        self._size = dict.fromkeys(every, 1)
        # Of a class's first: octaves of its step, and the value that it is of.
        self._known: dict[_Channel, tuple[float, str]] = {}

    def channels(self, name: str) -> int:
        """Return the number of a value's channels."""
        return self._channels[name]

    def _root(self, channel: _Channel) -> tuple[_Channel, float]:
        """Return the first of a channel's class, and the octaves that the channel is above it."""
        path, above = [], 0.0
        while self._parent[channel] != channel:
            path.append(channel)
            channel = self._parent[channel]
        for each in reversed(path):
            above += self._above[each]
            self._parent[each], self._above[each] = channel, above
        return channel, above

    def join(self, one: _Channel, other: _Channel, factor: float, where: str) -> None:
        """Let the step of `one` be that of `other` times `factor`, as the op `where` has it."""
        (root, up), (other_root, other_up) = self._root(one), self._root(other)
        apart = other_up + math.log2(factor) - up
        if root == other_root:
            if not _whole(apart):
                raise _unequal(where, one[0], other[0])
            return
        # The larger class stays as it is.
        if self._size[root] > self._size[other_root]:
            root, other_root, apart = other_root, root, -apart
        self._parent[root], self._above[root] = other_root, apart
        self._size[other_root] += self._size[root]
        if root in self._known:
            octave, name = self._known.pop(root)
            self._settle(other_root, octave - apart, name, where)

    def _settle(self, root: _Channel, octave: float, name: str, where: str) -> None:
        known, other = self._known.setdefault(root, (octave, name))
        if not _whole(known - octave):
            raise _unequal(where, other, name)

    def know(self, name: str, step: float) -> None:
        """Let a value's channels have a step that is as it is."""
        for channel in range(self._channels[name]):
            root, up = self._root((name, channel))
            self._settle(root, math.log2(step) - up, name, name)

    def _octave(self, channel: _Channel) -> float | None:
        """Return the octaves of a channel's step; None where it is not known."""
        root, up = self._root(channel)
        return self._known[root][0] + up if root in self._known else None

    def _octaves(self, name: str) -> list[float | None]:
        return [self._octave((name, channel)) for channel in range(self._channels[name])]

    def all_known(self, name: str) -> bool:
        """Return whether the steps of all of a value's channels are known."""
        return None not in self._octaves(name)

    def powers(self, name: str) -> bool:
        """Return whether the steps of all of a value's channels are known as powers of two."""
        return all(each is not None and _whole(each) for each in self._octaves(name))

    def know_product(self, name: str, one: str, other: str) -> None:
        """Let a value's steps be products of steps that are known."""
        factors = [self._octaves(each) for each in (one, other)]
        for channel in range(self._channels[name]):
            octave = sum(each[channel % len(each)] or 0.0 for each in factors)
            root, up = self._root((name, channel))
            self._settle(root, octave - up, name, name)

    def follow(self, name: str, source: str) -> None:
        """Let a value's channels have the steps of another's, whose one channel may be for all."""
        for channel in range(self._channels[name]):
            self.join((name, channel), (source, channel % self._channels[source]), 1.0, name)

    def even(self, name: str, where: str) -> None:
        """Let a value's channels have the same step, as the op `where` wants it."""
        for channel in range(1, self._channels[name]):
            self.join((name, channel), (name, 0), 1.0, where)

    def _roots(self, name: str) -> list[tuple[_Channel, float]]:
        return [self._root((name, channel)) for channel in range(self._channels[name])]

    def meets(self, name: str) -> bool:
        """Return whether steps of a value follow from those of others, or from each other.

        Or are known: those of a factor, whose product meets others.
        """
        roots = [root for root, _ in self._roots(name)]
        return any(self._size[root] > 1 or root in self._known for root in roots)

    def is_even(self, name: str) -> bool:
        """Return whether steps of a value's channels follow from each other."""
        roots = [root for root, _ in self._roots(name)]
        return len(set(roots)) < len(roots)

    def units(self, name: str, own: Floats | None = None) -> Floats:
        """Return a value's steps, NaN where they may be chosen; `own` are those that it has."""
        if self.is_even(name):
            # One choice for several rows: none suits all of them.
            for channel, (root, up) in enumerate(self._roots(name)):
                octave = 0.0 if own is None else math.log2(own[channel]) - up
                self._known.setdefault(root, (octave, name))
        return np.array(
            [
                2.0 ** ((self._known[root][0] + up) % 1.0) if root in self._known else np.nan
                for root, up in self._roots(name)
            ]
        )

    def made(self, name: str, scale: Floats) -> None:
        """Let the steps of a value that has been made be known."""
        for (root, up), step in zip(self._roots(name), scale.tolist(), strict=True):
            self._known.setdefault(root, (math.log2(step) - up, name))


def _whole(octaves: float) -> bool:
    return abs(octaves - round(octaves)) < _SAME


def _unequal(where: str, one: str, other: str) -> InputError:
    names = one if one == other else f"{one} and {other}"
    return InputError(
        f"{where} needs channels of {names} whose steps are powers of two apart, and they are "
        f"given; put a convolution of kernel 1 behind one of them"
    )
