"""The order of the passes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from hwgen.network import Network, rules
from hwgen.passes import drop_identities, fold_batchnorm, fuse_relu, fuse_residual
from hwgen.passes.rewrite import Nodes

PASSES: tuple[Callable[[Nodes], Nodes], ...] = (
    drop_identities.run,
    fold_batchnorm.run,
    # Batch normalisation stands before a ReLU, and a ReLU behind an add.
    fuse_relu.run,
    fuse_residual.run,
)
"""In their order; the rules of a network hold after each."""


def canonical(network: Network) -> Network:
    """Return the network of ops that have an integer form; the same one where it is.

    Raises
    ------
    InputError
        If an op is left that has none.
    """
    for run in PASSES:
        graph = run(network.graph)
        if graph is not network.graph:
            network = dataclasses.replace(network, graph=graph)
    rules.check(network, rules.CANONICAL)
    return network
