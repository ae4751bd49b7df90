"""What is explained of a network: one number of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hwgen.errors import UsageError
from hwgen.network import Floats, Network
from hwgen.network.anomaly import score_of
from hwgen.network.network import SAMPLES


@dataclass(frozen=True)
class Target:
    """One number of an answer.

    Parameters
    ----------
    source
        Name of the output.
    index
        Of the number in the output, flattened; None: the squared distance of all of it from the
        samples, of values that are as many.
    name
        In words: a class, or which number.
    """

    source: str
    index: int | None
    name: str


def class_names(network: Network) -> tuple[str, ...]:
    """Return the names of the classes; numbers where the network has no names."""
    return network.classes or tuple(f"class {number}" for number in range(network.logits))


def target_of(network: Network, values: Mapping[str, Floats], asked: str | None) -> Target:
    """Return what is explained of a window.

    Parameters
    ----------
    values
        Of the outputs at least, a window each.
    asked
        Name of a class; None: what the network says. Of a network with a score it is the score,
        whatever it says. Of one without a class it is the
        number of the first output with the largest magnitude; of as many numbers as there are
        samples, an autoencoder's, their squared distance from these.

    Raises
    ------
    UsageError
        If there is no such class, or no class at all.
    """
    names, source = class_names(network), network.class_output
    if source is None:
        return _value(network, values, asked)
    if score_of(network) is not None and asked in (None, *names):
        # The other logit is the threshold, which nothing in a window changes.
        return Target(source, 1, "anomaly score")
    if asked is None:
        index = int(values[source][0].argmax())
        return Target(source, index, names[index])
    if asked not in names:
        raise UsageError(f"--class must be one of {', '.join(names)}, not {asked!r}")
    return Target(source, names.index(asked), asked)


def _value(network: Network, values: Mapping[str, Floats], asked: str | None) -> Target:
    if asked is not None:
        raise UsageError(f"{network.name} has no output that is a class; leave --class out")
    output = network.graph.outputs[0]
    value = values[output.source][0]
    if value.size == values[SAMPLES][0].size:
        return Target(output.source, None, f"squared distance of {output.source} from the samples")
    index = int(np.abs(value).argmax())
    return Target(output.source, index, f"number {index} of {output.source}")


def seeds(target: Target, values: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the derivative of what is explained by the values that it is made of.

    Parameters
    ----------
    values
        Of all nodes and of the samples, ``(n, *shape)``.
    """
    value = values[target.source]
    if target.index is not None:
        seed = np.zeros((len(value), value[0].size))
        seed[:, target.index] = 1.0
        return {target.source: seed.reshape(value.shape)}
    samples = values[SAMPLES]
    apart = 2.0 * (value.reshape(samples.shape) - samples)
    return {target.source: apart.reshape(value.shape), SAMPLES: -apart}
