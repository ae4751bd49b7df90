"""Magnitude spectra in front of a network: which tensors they are, whatever nodes give them.

A transform, the length of its bins and their scale are many nodes, and written in many ways. They
are told by what they compute: nodes are carried out for a few windows, and compared with |FFT|.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hwgen.importers.onnx.bins import Bins, recognised, tried
from hwgen.importers.onnx.evaluate import Evaluator, Windows
from hwgen.network import Shape
from hwgen.network.ops.spectrum import MAX_WINDOW, MIN_WINDOW

TRANSFORMS = ("DFT", "STFT")
_MATRICES = ("MatMul", "Gemm", "Conv")


@dataclass(frozen=True)
class Spectra:
    """What there is of spectra in a model.

    Parameters
    ----------
    window
        Samples a window.
    found
        Tensors that the rest reads, by name; none of them reads another.
    left_out
        Numbers of nodes that only they need.
    reasons
        Why a transform is none of them, by the number of its node.
    """

    window: int = 0
    found: Mapping[str, Bins] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()
    reasons: Mapping[int, str] = field(default_factory=dict)


def find(model: Any, opset: int, shape: Shape, constants: Mapping[str, Any]) -> Spectra:
    """Return the spectra of a cleaned model.

    Parameters
    ----------
    model
        Of one input that is no constant.
    opset
        Of ONNX.
    shape
        Of the input, ``(1, ...)``.
    constants
        By name.
    """
    nodes, window = model.graph.node, max(shape)
    transforms = [n for n, node in enumerate(nodes) if node.op_type in TRANSFORMS]
    if not transforms and not any(_whole(node, constants, window) for node in nodes):
        return Spectra()
    if problem := _problem(shape):
        return Spectra(reasons=dict.fromkeys(transforms, problem))
    (samples,) = (each.name for each in model.graph.input if each.name not in constants)
    windows = tried(window)
    known: dict[str, Windows] = {samples: [each.reshape(shape) for each in windows]}
    every: dict[str, Bins] = {}
    evaluator = Evaluator(opset, constants, window)
    for node in nodes:
        for name, made in zip(node.output, evaluator.run(node, known) or (), strict=False):
            known[name] = made
            if (bins := recognised(made, windows)) is not None:
                every[name] = bins
    ready = {name: lower for name, bins in every.items() if (lower := _lower(bins, window))}
    needed, read = _needed(model, ready)
    told = _mirrored if len(every) > len(ready) else _other
    return Spectra(
        window,
        {name: ready[name] for name in ready if name in read},
        frozenset(range(len(nodes))) - needed,
        {n: told for n in transforms if n in needed},
    )


_other = (
    "must be read as the magnitudes of its bins (or their squares) alone, and transform all "
    "samples of a window as they come: no parts or phases, no windowing function, no zeros behind; "
    "gains of bins and the transform back are trained here alone (hwgen train --front gain)"
)

_mirrored = (
    "is read as magnitudes of more bins than half a window has: the upper half are the lower ones "
    "mirrored; let the network read [..., :N // 2 + 1] of them"
)


def _problem(shape: Shape) -> str | None:
    """Return why there can be no spectrum of windows; None where there can."""
    window = max(shape)
    if math.prod(shape) != window:
        return f"must read one channel of samples, not values of the shape {shape}"
    if window & (window - 1) or not MIN_WINDOW <= window <= MAX_WINDOW:
        return (
            f"must read windows of a power of two from {MIN_WINDOW} to {MAX_WINDOW:,} samples, not "
            f"{window:,}"
        )
    return None


def _whole(node: Any, constants: Mapping[str, Any], window: int) -> bool:
    """Return whether a node may be a transform by a table: its weights go over a whole window."""
    weights = [np.shape(constants[name]) for name in node.input if name in constants]
    return node.op_type in _MATRICES and any(window in shape for shape in weights)


def _lower(bins: Bins, window: int) -> Bins | None:
    """Return the bins as those of the lower half of all; None where they are of both."""
    if bins.bins.max() <= window // 2:
        return bins
    if bins.bins.min() < window // 2:
        return None
    return Bins(window - bins.bins, bins.factor, bins.power, bins.zero, bins.shape)


def _needed(model: Any, ready: Mapping[str, Bins]) -> tuple[set[int], set[str]]:
    """Return the nodes that are needed beside the spectra, and the spectra that are read."""
    makers = {name: n for n, node in enumerate(model.graph.node) for name in node.output}
    needed: set[int] = set()
    read: set[str] = set()

    def reach(names: Any) -> Iterator[Any]:
        for name in names:
            if name in ready:
                read.add(name)
            elif name in makers and makers[name] not in needed:
                needed.add(makers[name])
                yield model.graph.node[makers[name]].input

    due = [[each.name for each in model.graph.output]]
    while due:
        due.extend(reach(due.pop()))
    return needed, read
