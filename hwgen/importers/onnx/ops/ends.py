"""What says that the largest number is the class: nothing is computed for it."""

from __future__ import annotations

from dataclasses import replace

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.view import Unsupported, View


def largest(call: Call, build: Builder) -> View:
    """Return a view of logits; a softmax keeps their order, and an arg-max is the class."""
    view = call.view()
    view = build.ready(view) if not view.classified else view
    usual = 0 if call.op == "ArgMax" else (-1 if call.opset >= 13 else 1)
    axis = call.attributes.get("axis", usual) % len(view.shape)
    if [n for n, axes in enumerate(view.axes) if axes] != [axis]:
        raise Unsupported(
            f"must go over all numbers of a window, not over axis {axis} of {view.shape}"
        )
    return replace(view, classified=True)


OPS = {"Softmax": largest, "LogSoftmax": largest, "ArgMax": largest}
