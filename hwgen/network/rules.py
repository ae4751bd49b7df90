"""What a float network must be: one rule a function, all of them checked whenever one is made."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from hwgen.errors import InputError

if TYPE_CHECKING:
    from hwgen.network.network import Network

Rule = Callable[["Network"], None]
"""Raises `InputError` if the network breaks it."""


def shapes_fit(network: Network) -> None:
    """Check that every layer takes what it reads."""
    network.shapes()


def classes_are_logits(network: Network) -> None:
    """Check that an output of kind ``class`` is two or more logits, of either sign."""
    shapes = network.shapes()
    for output in network.graph.outputs:
        if output.kind != "class":
            continue
        shape = shapes[output.source]
        if len(shape) != 1 or shape[0] < 2:
            raise InputError(f"a network must end in 2 or more logits, not in shape {shape}")
        if output.source not in network.graph.inputs:
            layer = network.graph[output.source].op
            if layer.rectified:
                raise InputError(f"{layer.name} gives the logits and must have no ReLU")


def one_class_output(network: Network) -> None:
    """Check that at most one output is a class, and that its names are one per logit."""
    kinds = [output.kind for output in network.graph.outputs]
    if kinds.count("class") > 1:
        raise InputError(f"at most one output must be a class, not {kinds.count('class')}")
    if network.classes and len(network.classes) != network.logits:
        raise InputError(
            f"class names must be one per logit ({network.logits}), not {len(network.classes)}"
        )


def numbers_are_positive(network: Network) -> None:
    """Check that scale and rate are positive where they are known, and channels are a count."""
    for field in ("input_scale", "sample_rate"):
        value = getattr(network, field)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError(f"{field} must be a positive number, not {value!r}")
    if network.channels < 1:
        raise InputError(f"channels must be at least 1, not {network.channels}")


FLOAT: tuple[Rule, ...] = (
    shapes_fit,
    classes_are_logits,
    one_class_output,
    numbers_are_positive,
)
"""Of any float network."""


def nothing_is_left_over(network: Network) -> None:
    """Check that every op has an integer form."""
    for layer in network.layers:
        if layer.leftover:
            raise InputError(f"{layer.name} ({layer.op}) {layer.leftover}; {layer.way_out}")


CANONICAL: tuple[Rule, ...] = (*FLOAT, nothing_is_left_over)
"""Of a network that becomes integers."""


def check(network: Network, rules: tuple[Rule, ...]) -> None:
    """Check each rule; `InputError` is of the first that is broken."""
    for rule in rules:
        rule(network)
