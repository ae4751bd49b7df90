"""Runs integer ops on tensors that know how they depend on the float weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from hwgen.network import Node
from hwgen.quantized import Activations, QuantizedModel, QuantizedOp
from hwgen.quantized.op import room

Sources = tuple[Activations, ...]
"""What the values are that an op reads."""

Weights = Mapping[str, Tensor]
"""Float weights of one layer by field name, float64; empty where it has none."""

_EXACT_IN_FLOAT32 = 1 << 22
"""Integers up to 2^24 are; two bits are for an added half and a sum with it."""


@dataclass(frozen=True, eq=False)
class _Value:
    """Integers in floats, ``(n, *shape)``, and what they are."""

    value: Activations
    integers: Tensor


def run_op(op: Any, sources: Sources, weights: Weights, *xs: Tensor) -> Tensor:
    """Return what `hwgen.golden.run_op` does, as a function of float weights and inputs.

    Parameters
    ----------
    op
        What the quantized rule makes of the layer with `weights`.
    sources
        What the values that it reads are.
    weights
        Of the float layer.
    xs
        ``(n, *shape)`` integers in floats, of `exact_dtype`; one for each source.

    Raises
    ------
    InputError
        If the op has no file here.
    """
    result: Tensor = room("hwgen.training.fake.ops", op.op).run(op, sources, weights, *xs)
    return result


def run(
    model: QuantizedModel, weights: Mapping[str, Weights], given: Mapping[str, Tensor]
) -> Tensor:
    """Return the logits, by `run_op` of each node in turn.

    Parameters
    ----------
    weights
        Of each layer, by its name.
    given
        Values that are known, by name: no gradient goes through them.
    """

    def step(node: Node[QuantizedOp], before: tuple[_Value, ...]) -> _Value:
        sources = tuple(each.value for each in before)
        xs = (each.integers for each in before)
        integers = run_op(node.op, sources, weights.get(node.name, {}), *xs)
        return _Value(node.op.output, integers)

    known = {name: _Value(model.graph[name].op.output, x) for name, x in given.items()}
    name = model.graph.logits_name()
    return model.graph.walk(step, known, keep=(name,))[name].integers


def exact_dtype(model: QuantizedModel) -> torch.dtype:
    """Return float32 if it holds every sum of the ops exactly, or else float64.

    Ops without sums only pass on values that others gave.
    """
    most = 0
    for op in model.ops:
        ends = op.output.fmt.min, op.output.fmt.max, *getattr(op, "accumulator", ())
        align = getattr(op, "align", None)
        most = max(most, max(map(abs, ends)) << int(0 if align is None else align.max()))
    return torch.float32 if most <= _EXACT_IN_FLOAT32 else torch.float64
