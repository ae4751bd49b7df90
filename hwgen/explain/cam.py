"""Grad-CAM along one axis: which positions of a layer speak for a class.

R. R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", ICCV 2017.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hwgen.errors import UsageError
from hwgen.explain.places import Axis
from hwgen.network import Floats, Network


def cam_layer(
    network: Network, gradients: Mapping[str, Floats], known: Mapping[str, Axis], asked: str | None
) -> str:
    """Return the last node that all of the answer comes through, and whose positions lie somewhere.

    Beside the last of several branches the others would be left out. Where there is no such node
    it is the last that has a say in the answer.

    Parameters
    ----------
    gradients
        Of the answer, by name.
    known
        Of `axes`.
    asked
        Another node of this kind that is asked for.

    Raises
    ------
    UsageError
        If that is none; it tells which there are.
    """
    names = [node.name for node in network.graph.nodes]
    places = [name for name in names if name in gradients and known[name] is not Axis.NONE]
    if asked is not None and asked not in places:
        raise UsageError(f"--layer must be one of {', '.join(places)}, not {asked!r}")
    if asked is not None:
        return asked
    # What reads the samples has positions, so there is always one.
    alone = (name for name in reversed(places) if _alone(network, gradients, name))
    return next(alone, places[-1])


def _alone(network: Network, gradients: Mapping[str, Floats], name: str) -> bool:
    """Return whether no way leads from the samples to the answer beside a node."""
    reached = {*network.graph.inputs}
    behind = [node for node in network.graph.nodes if node.name in gradients]
    for node in behind:
        if node.name != name and reached.intersection(node.inputs):
            reached.add(node.name)
    return behind[-1].name not in reached


def grad_cam(values: Floats, gradients: Floats) -> Floats:
    """Return ``relu(sum over channels of mean(gradient) * value)``, ``(n, positions)``.

    Parameters
    ----------
    values, gradients
        Of a layer, ``(n, channels, positions)``; a value of one channel may lack its axis.
    """
    shape = len(values), -1, values.shape[-1]
    weight = gradients.reshape(shape).mean(axis=2, keepdims=True)
    return np.maximum((weight * values.reshape(shape)).sum(axis=1), 0.0)
