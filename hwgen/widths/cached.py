"""Integer networks of many bit widths on the same windows, doing again only what differs.

Calibration goes layer by layer, so that two networks whose first layers have the same widths have
the same first layers, and the same values behind them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import numpy as np

from hwgen import golden
from hwgen.calibration.fit import Method, Reached, fit, fit_shift
from hwgen.fixedpoint import Integers
from hwgen.network import SAMPLES, Floats, Layer, Network, Node, rules
from hwgen.quantized import Activations, Precision, QuantizedModel, QuantizedOp
from hwgen.quantized.align import Alignment
from hwgen.quantized.make import assembled, integer_op
from hwgen.quantized.op import Chosen, depends, room
from hwgen.quantized.samples import SAMPLES_DEPEND, digitise, sampled
from hwgen.signals.task import Task

T = TypeVar("T")

_Pair = tuple[Integers, Integers]
"""On calibration windows, and on held-out windows."""

_BATCH = 64
"""Windows at a time: what fits a cache."""


@dataclass(frozen=True, eq=False)
class _Stage:
    """A value, and its integers on calibration windows and held-out windows.

    Parameters
    ----------
    key
        What decides them.
    op
        The op that gives them; None for the samples.
    """

    key: Hashable
    op: QuantizedOp | None
    value: Activations
    outputs: _Pair


class Staged:
    """Calibrates and runs networks of different bits.

    Parameters
    ----------
    network
        Float network.
    calibration, held
        ``(n, samples)`` and ``(m, samples)`` sensor values in g.
    method
        How formats and integers are chosen.
    task
        What the network is for.
    kept
        Stages that are remembered, and sums before their rounding.
    """

    def __init__(
        self,
        network: Network,
        calibration: Floats,
        held: Floats,
        method: Method,
        task: Task,
        *,
        kept: tuple[int, int] = (32, 12),
    ):
        rules.check(network, rules.CANONICAL)
        self._network = network
        self._windows = calibration, held
        self._method = method
        # What the float network has where the integer one is fitted to it.
        floats = calibration * task.input_scale
        self._floats = network.activations(floats) | {SAMPLES: floats}
        self._task = task
        self._stages: _Recent[_Stage] = _Recent(kept[0])
        self._sums: _Recent[_Pair] = _Recent(kept[1])
        self._steps: _Recent[_Stage] = _Recent(2)

    def run(self, bits: Precision) -> tuple[QuantizedModel, Integers]:
        """Return the network of `bits`, and its logits of the held-out windows ``(m, classes)``."""
        network = self._network
        alignment = Alignment(network, bits, self._task.input_scale)

        def step(node: Node[Layer], before: tuple[_Stage, ...]) -> _Stage:
            exact = Chosen(exact=node.name == network.class_output)
            due = _Due(node, before, bits, alignment.told(node.name, exact))
            stage = self._stages.get(due.key, lambda: self._made(due))
            if stage.op is not None:
                alignment.made(stage.op)
            return stage

        stages = network.graph.walk(step, {SAMPLES: self._samples(bits)})
        model = assembled(
            network,
            {name: stage.op for name, stage in stages.items() if stage.op is not None},
            bits,
            self._task,
        )
        assert network.class_output is not None
        return model, stages[network.class_output].outputs[1]

    def _samples(self, bits: Precision) -> _Stage:
        """Return the ADC's steps."""
        key = _key(bits, SAMPLES_DEPEND)

        def made() -> _Stage:
            value = sampled(self._network.input_shape, bits, self._task.input_scale)
            calibration, held = (_small(digitise(windows, bits)) for windows in self._windows)
            return _Stage(key, None, value, (calibration, held))

        return self._steps.get(key, made)

    def _made(self, due: _Due) -> _Stage:
        """Return the stage of a node, fitted to the calibration windows."""
        node, before = due.node, due.before
        sums_depend = room("hwgen.quantized.ops", node.op.op).OP.sums_depend
        if sums_depend is not None:
            return self._rounded(due, sums_depend)
        reached = Reached(
            due.values,
            tuple(each.outputs[0] for each in before),
            tuple(self._floats[name] for name in node.inputs),
        )
        op = fit(node.op, reached, due.bits, self._method, due.chosen).op
        return _Stage(due.key, op, op.output, _batched(partial(golden.run_op, op), before))

    def _rounded(self, due: _Due, sums_depend: tuple[str, ...]) -> _Stage:
        """Return the stage of a node whose sums are dear, and decided by few widths."""
        op = integer_op(due.node.op, due.values, due.bits, Chosen())
        sums = self._sums.get(
            due.key_of(sums_depend), lambda: _batched(partial(golden.accumulate, op), due.before)
        )
        op, _ = fit_shift(op, sums[0], self._method)
        calibration, held = (_small(golden.rounded(op, part)) for part in sums)
        return _Stage(due.key, op, op.output, (calibration, held))


@dataclass(frozen=True, eq=False)
class _Due:
    """A node that is to be made.

    Parameters
    ----------
    node
        The node.
    before
        What it reads.
    bits
        Widths.
    chosen
        What its rule is told but for shift and rounding.
    """

    node: Node[Layer]
    before: tuple[_Stage, ...]
    bits: Precision
    chosen: Chosen

    @property
    def values(self) -> tuple[Activations, ...]:
        """What the values are that it reads."""
        return tuple(each.value for each in self.before)

    @property
    def key(self) -> Hashable:
        """All that decides its op and values."""
        units, even = self.chosen.units, self.chosen.even
        steps = None if units is None else (units.tobytes(), even)
        return (self.key_of(depends(self.node.op.op)), steps)

    def key_of(self, fields: tuple[str, ...]) -> Hashable:
        """Return all that decides what hangs on some fields of the widths only."""
        return (self.node.name, _key(self.bits, fields), *(each.key for each in self.before))


def _key(bits: Precision, fields: tuple[str, ...]) -> tuple[Hashable, ...]:
    return tuple(getattr(bits, field) for field in fields)


def _batched(run: Callable[..., Integers], before: tuple[_Stage, ...]) -> _Pair:
    """Return ``run`` of both, a few windows at a time."""

    def all_of(xs: tuple[Integers, ...]) -> Integers:
        starts = range(0, len(xs[0]), _BATCH)
        return np.concatenate([_small(run(*(x[i : i + _BATCH] for x in xs))) for i in starts])

    return (
        all_of(tuple(each.outputs[0] for each in before)),
        all_of(tuple(each.outputs[1] for each in before)),
    )


def _small(values: Integers) -> Integers:
    """Return integers in half the memory where they fit."""
    if values.size and max(-int(values.min()), int(values.max())) >> 31:
        return values
    return values.astype(np.int32)


class _Recent(Generic[T]):
    """Remembers the results that were asked for last."""

    def __init__(self, most: int):
        self._most = most
        self._known: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned for the key, or returns now."""
        if key not in self._known:
            self._known[key] = make()
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]
