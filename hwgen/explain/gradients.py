"""Derivatives of a number of the answer by every value of the network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hwgen.errors import InputError
from hwgen.network import Floats, Layer, Network
from hwgen.quantized.op import room


def gradients(
    network: Network, values: Mapping[str, Floats], seeds: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Return the derivatives by the samples and by all nodes that have a say, by name.

    They go back through the nodes, each with its vector-Jacobian product. Rounding to a grid has
    the gradient of no rounding, and none beyond its ends.

    Parameters
    ----------
    values
        Of all nodes and of the samples, ``(n, *shape)`` (`Network.activations`).
    seeds
        Derivatives that are known, by name.

    Raises
    ------
    InputError
        If an op on the way has no derivative; it is named.
    """
    found = dict(seeds)
    for node in reversed(network.graph.nodes):
        behind = found.get(node.name)
        if behind is None:
            continue
        xs = tuple(values[name] for name in node.inputs)
        try:
            back = room("hwgen.explain.ops", node.op.op).back
        except InputError as error:
            raise InputError(f"no derivative goes through {node.name}: {error}") from error
        inside = _through_end(node.op, xs, values[node.name], behind)
        parts = back(node.op, xs, values[node.name], inside)
        for name, part in zip(node.inputs, parts, strict=True):
            found[name] = found[name] + part if name in found else part
    return found


def _through_end(op: Layer, xs: tuple[Floats, ...], y: Floats, behind: Floats) -> Floats:
    """Return the derivative by an op's value before its ReLU and its grid."""
    if op.grid is None:
        return behind * (y > 0) if op.rectified else behind
    before = op.apply(*xs)
    step = np.asarray(op.grid.step).reshape((-1,) + (1,) * (before.ndim - 2))
    inside = (before >= op.grid.low * step) & (before <= op.grid.high * step)
    return behind * (inside & (before > 0) if op.rectified else inside)
