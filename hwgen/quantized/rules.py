"""What an integer network must be: one rule a function, all checked whenever one is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hwgen.errors import InputError

if TYPE_CHECKING:
    from hwgen.quantized.model import QuantizedModel

_SAME = 1e-9
"""Steps that differ by this share are the same but for the rounding of floats."""

Rule = Callable[["QuantizedModel"], None]
"""Raises `InputError` if the model breaks it."""


def classes_are_logits(model: QuantizedModel) -> None:
    """Check that there is one name for each logit, and that logits are exact and comparable."""
    outputs = [output for output in model.graph.outputs if output.kind == "class"]
    if not outputs and not model.classes:
        return
    shape = model.logits.shape
    if len(outputs) > 1 or shape != (len(model.classes),):
        raise InputError(f"class names must be one per logit {shape}, not {len(model.classes)}")
    name, scale = outputs[0].source, model.logits.scale
    if model.graph[name].op.rounds:
        raise InputError(
            f"{name} gives the logits and must not be rounded; put a dense layer behind it"
        )
    if scale.max() - scale.min() > _SAME * scale.max():
        raise InputError(
            f"{name} gives the logits and must have one step for all of them, not steps of "
            f"{scale.min():g} to {scale.max():g}; put a dense layer behind it"
        )


def scales_fit(model: QuantizedModel) -> None:
    """Check that every value has a positive, finite scale for each of its channels."""
    for op in model.ops:
        out = op.output
        if out.scale.shape != out.shape[:1]:
            raise InputError(
                f"{op.name} must have a scale for each of {out.shape[0]} channels, "
                f"not {out.scale.shape}"
            )
        legal = (out.scale > 0) & np.isfinite(out.scale)
        if not legal.all():
            raise InputError(
                f"{op.name} must have positive, finite scales, not {out.scale[~legal][0]:g}; "
                f"quantize again"
            )


def outputs_are_made(model: QuantizedModel) -> None:
    """Check that each output is what an op gives, and leaves once."""
    seen: set[str] = set()
    for output in model.graph.outputs:
        if output.source in model.graph.inputs:
            raise InputError(f"an output must be given by a layer, not be {output.source}")
        if output.source in seen:
            raise InputError(f"{output.source} must be one output, not several")
        seen.add(output.source)


RULES: tuple[Rule, ...] = (outputs_are_made, scales_fit, classes_are_logits)


def check(model: QuantizedModel) -> None:
    """Check each rule; `InputError` is of the first that is broken."""
    for rule in RULES:
        rule(model)
