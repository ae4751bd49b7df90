"""Channels of zeros around those of a value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense


def widened(call: Call, build: Builder, view: View, axis: int, around: tuple[int, int]) -> View:
    """Return a value with zeros before and behind its channels, which are an axis of the tensor.

    It is a convolution of one tap: the rows of the zeros have no weights.
    """
    view = build.ready(view)
    channels, *rest = view.logical
    place = view.axis_of(1) if rest and rest[0] > 1 else None
    fits = axis == view.axis_of(0) if channels > 1 else axis not in (0, place)
    if not fits or view.places is not None:
        raise Unsupported("must put zeros around positions or channels, and nowhere else")
    outputs = channels + sum(around)
    taps, bias = np.eye(outputs, channels, -around[0]), np.zeros(outputs)
    name = build.name(call)
    made = build.put(
        Conv1d(name, taps[:, :, np.newaxis], bias, 1, 0, relu=False)
        if rest
        else Dense(name, taps, bias),
        view,
    )
    shape = tuple(outputs if n == axis else size for n, size in enumerate(view.shape))
    # Of one channel the order says nothing of where its axis is.
    first = place is None or axis < place
    return replace(made, shape=shape, order=((0, 1) if first else (1, 0)) if rest else (0,))
