"""The order of the passes."""

from __future__ import annotations

import dataclasses

from hwgen.network import Network, rules
from hwgen.passes import (
    batchnorm_as_conv,
    batchnorm_before_reshape,
    drop_identities,
    drop_zero_products,
    exact_values,
    fold_batchnorm,
    fold_batchnorm_ahead,
    fold_batchnorm_into_sum,
    fuse_quantizer,
    fuse_relu,
    fuse_residual,
    into_parts,
    power_as_product,
    product_of_convs,
    quantized_mean_as_conv,
    quantizer_ahead,
    quantizer_as_table,
    rectify_quantizer,
    relu_as_table,
    relu_before_maxpool,
    slice_into_conv,
    sum_of_convs,
    sum_of_sums,
    whole_grids,
)
from hwgen.passes.rewrite import Pass

PASSES: tuple[Pass, ...] = (
    drop_identities.run,
    batchnorm_before_reshape.run,
    # Batch normalisation goes where it costs nothing, if there is such a place.
    fold_batchnorm.run,
    sum_of_sums.run,
    product_of_convs.run,
    drop_zero_products.run,
    power_as_product.run,
    sum_of_convs.run,
    fold_batchnorm_into_sum.run,
    into_parts.run,
    fold_batchnorm_ahead.run,
    quantized_mean_as_conv.run,
    batchnorm_as_conv.run,
    # It may stand before a ReLU, and a ReLU behind an add.
    slice_into_conv.run,
    relu_before_maxpool.run,
    quantizer_ahead.run,
    rectify_quantizer.run,
    fuse_relu.run,
    fuse_residual.run,
    relu_as_table.run,
    # Where a file says how values are rounded.
    fuse_quantizer.run,
    quantizer_as_table.run,
    exact_values.run,
    whole_grids.run,
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
        graph = run(network)
        if graph is not network.graph:
            network = dataclasses.replace(network, graph=graph)
    rules.check(network, rules.CANONICAL)
    return network
