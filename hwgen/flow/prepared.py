"""What is done to each window by itself, in front of a network that reads samples."""

from __future__ import annotations

import dataclasses

from hwgen.errors import InputError
from hwgen.importers import Checkpoint
from hwgen.network import front
from hwgen.network.ops.normalise import IN_WORDS


def prepared(checkpoint: Checkpoint, method: str | None) -> Checkpoint:
    """Return a checkpoint whose network normalises its windows as asked for.

    Parameters
    ----------
    method
        One of `hwgen.network.ops.normalise.METHODS`; None: nobody asks.

    Raises
    ------
    InputError
        If the network does not begin with its samples, or normalises them otherwise.
    """
    if method is None:
        return checkpoint
    network = checkpoint.network
    own = front.normalised(network.graph)
    if own not in (None, method):
        raise InputError(
            f"{network.name} was made with windows normalised by {own}; "
            f"leave --prepare {method} out"
        )
    if not front.reads_samples(network.graph):
        raise InputError(
            f"{network.name} begins with a spectrum, not with samples, so windows cannot be "
            f"normalised in front of it; leave --prepare {method} out"
        )
    made = dataclasses.replace(network, graph=front.with_windows(network.graph, method))
    told = f"{IN_WORDS[method]} (given)"
    return dataclasses.replace(checkpoint, network=made, notes=(*checkpoint.notes, told))
