"""Tries other meanings of a network on labelled windows: which would answer right."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from hwgen import metrics
from hwgen.flow import preparations
from hwgen.flow.preparations import Preparation
from hwgen.flow.windows import Windows
from hwgen.importers import (
    ASCENDING,
    FROM_ZERO,
    Checkpoint,
    FullGeometry,
    Taken,
    network_from_state,
)
from hwgen.importers.bearingpga.geometry import others, paddings, positions
from hwgen.network import Floats, Graph, Layer, Network, front
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.signals import spread

_WINDOWS = 240
"""Windows of the test part that a reading is tried on, at most."""

GOOD = 0.9
"""F1 of one change with which changes in pairs are not looked for."""

_MOST_RAW = 12
"""Strides and pools that are tried for raw samples."""


@dataclass(frozen=True)
class Reading:
    """Another meaning of a network.

    Parameters
    ----------
    what
        In words.
    how
        Options that make it so; None where there are none.
    f1
        Macro-F1 on the windows tried.
    kind
        What of the network is changed, in a word or two.
    """

    what: str
    how: str | None
    f1: float
    kind: str


@dataclass(frozen=True, eq=False)
class _Shape:
    """A graph of layers, and what of a window goes into it."""

    kind: str
    what: str
    how: str | None
    graph: Graph[Layer]
    features: Callable[[Floats], Floats]


def read_otherwise(checkpoint: Checkpoint, windows: Windows, logits: Floats) -> list[Reading]:
    """Return other readings of a network, best first.

    One change is tried at a time: the order of its outputs, its input's scale, the order of the
    bins, raw samples, stride, padding, pool and window. Where none answers well, the scale is
    tried with each of the others.

    Parameters
    ----------
    checkpoint
        With its network; only a bare state_dict can mean another one.
    windows
        Those of the test part are used.
    logits
        ``(n, classes)`` that it gives for them as it is taken now.
    """
    chosen = _chosen(windows.labels)
    x, labels = windows.test[chosen], windows.labels[chosen]
    network = checkpoint.network
    possible = front.reads_samples(network.graph)
    inputs = list(preparations.every(windows.input_scale, x.shape[-1], possible=possible))
    shapes = list(_shapes(checkpoint))
    now = _Shape("", "", None, _as_recorded(network), lambda x: x)

    def tried(shape: _Shape, given: Preparation) -> Reading:
        what = " and ".join(part for part in (shape.what, given.what) if part)
        known = all(each.how is not None for each in (shape, given) if each.what)
        how = " ".join(each.how for each in (shape, given) if each.what and each.how)
        f1 = _f1(shape, given, x, labels, network.logits)
        kind = " and ".join(each.kind for each in (shape, given) if each.what)
        return Reading(what, how if known else None, f1, kind)

    found = [_other_order(windows, logits, bare=checkpoint.taken is not None)]
    found += [tried(now, given) for given in inputs[1:]]
    found += [tried(shape, inputs[0]) for shape in shapes]
    if max(each.f1 for each in found) < GOOD:
        found += [tried(shape, given) for shape in shapes for given in inputs[1:]]
    return best_first(found)  # plain changes come first


def _chosen(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return indices of windows, of every class as many as of the others as far as they go."""
    groups = [np.flatnonzero(labels == number) for number in np.unique(labels)]
    each = max(1, _WINDOWS // len(groups))
    return np.concatenate([group[spread(len(group), each)] for group in groups])


def prepared(
    network: Network, windows: Windows, ways: Collection[Preparation] | None = None
) -> list[Reading]:
    """Return how windows may have been prepared for a network, best first; None: the usual ways."""
    chosen = _chosen(windows.labels)
    x, labels = windows.test[chosen], windows.labels[chosen]
    possible = front.reads_samples(network.graph)
    now = _Shape("", "", None, _as_recorded(network), lambda x: x)
    found = [
        Reading(each.what, each.how, _f1(now, each, x, labels, network.logits), each.kind)
        for each in ways or preparations.usual(windows.input_scale, possible=possible)
    ]
    return best_first(found)


def _as_recorded(network: Network) -> Graph[Layer]:
    """Return the graph with windows as they are, where it reads samples: ways are tried on it."""
    graph = network.graph
    return front.with_windows(graph, None) if front.reads_samples(graph) else graph


def best_first(found: Collection[Reading]) -> list[Reading]:
    """Return readings by their F1; of equals the one that can be built, and then the first."""
    return sorted(found, key=lambda each: (-round(each.f1, 3), each.how is None))


def _f1(
    shape: _Shape, given: Preparation, x: Floats, labels: npt.NDArray[np.int64], classes: int
) -> float:
    graph, features = shape.graph, shape.features(given.apply(x))
    logits = graph.logits_name()
    known = {graph.inputs[0]: features}
    values = graph.walk(lambda node, xs: node.op.value(*xs), known, keep=(logits,))
    return metrics.macro_f1(labels, values[logits].argmax(axis=1), classes)


def _chain(layers: Collection[Layer]) -> Graph[Layer]:
    return Graph.chain("features", layers)


def _other_order(windows: Windows, logits: Floats, *, bare: bool) -> Reading:
    """Return the order of outputs in which most windows are answered right."""
    classes = len(windows.classes)
    answers = logits.argmax(axis=1)
    counts = metrics.confusion(windows.labels, answers, classes)
    outputs = linear_sum_assignment(-counts)[1]
    meaning = np.argsort(outputs)  # of each output
    order = ",".join(map(str, outputs))
    return Reading(
        f"outputs in the order {order}",
        f"--outputs {order}" if bare else None,
        metrics.macro_f1(windows.labels, meaning[answers], classes),
        "order of outputs",
    )


def _shapes(checkpoint: Checkpoint) -> Iterator[_Shape]:
    """Yield other meanings of a bare state_dict's layers; those that can be built come first."""
    taken, state = checkpoint.taken, checkpoint.state
    if taken is None or state is None:
        return
    full = taken.geometry

    def built(geometry: FullGeometry, bins: str | None) -> tuple[Layer, ...]:
        asked = dataclasses.replace(geometry.given(), bins=bins)
        return _with_outputs(network_from_state(state, asked), taken).layers

    if taken.asked.bins is None:
        for bins, words in (
            (ASCENDING, "bins in ascending order"),
            (FROM_ZERO, f"bins 0 up to {full.window // 2 - 1}"),
        ):
            spectrum, *layers = built(full, bins)
            yield _Shape("order of bins", words, f"--bins {bins}", _chain(layers), spectrum.apply)
    for each in _fitting(taken, state["conv1.weight"].shape[2], full):
        spectrum, *layers = built(each, taken.asked.bins)
        words = f"stride {each.stride}, padding {each.padding} and pool {each.pool}"
        if each.window != full.window:
            words += f", windows of {each.window}"
        part = _first(each.window, spectrum.apply)
        yield _Shape("stride and pool", words, each.options(), _chain(layers), part)
    yield from _raw(taken, built(full, None))


def _with_outputs(network: Network, taken: Taken) -> Network:
    """Return the network with the outputs in the order that the user gives."""
    last: Any = network.layers[-1]
    if not taken.outputs or not last.linear:
        return network
    order = list(taken.outputs)
    turned = dataclasses.replace(last, weight=last.weight[order], bias=last.bias[order])
    return network.with_layers([turned])


def _fitting(taken: Taken, kernel: int, full: FullGeometry) -> list[FullGeometry]:
    """Return the other geometries whose windows are no longer than those at hand."""
    wanted = positions(full.window // 2, kernel, full.stride, full.padding, full.pool)
    same = [
        dataclasses.replace(full, padding=padding)
        for padding in paddings(taken.asked, kernel, full.stride)
        if padding != full.padding
        and positions(full.window // 2, kernel, full.stride, padding, full.pool) == wanted
    ]
    return [*(each for each in taken.others if each.window <= full.window), *same]


def _first(window: int, features: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    return lambda x: features(x[:, :window])


def _raw(taken: Taken, layers: tuple) -> Iterator[_Shape]:
    """Yield the network on raw samples, where a stride and a pool fit."""
    full, conv = taken.geometry, layers[1]
    kernel = conv.weight.shape[2]
    wanted = positions(full.window // 2, kernel, full.stride, full.padding, full.pool)
    # The samples are what the bins are to a window of twice the length.
    open_ones = dataclasses.replace(taken.asked, window=None)
    fits = [
        each
        for each in others(open_ones, kernel, wanted)
        if each.window // 2 <= full.window and each.stride * each.pool > 1
    ]
    if taken.asked.stride is None and taken.asked.pool is None:
        usual = [each for each in fits if each.stride & (each.stride - 1) == 0]
        fits = sorted(usual, key=lambda each: (-each.window, abs(each.pool - full.pool)))
    for each in fits[:_MOST_RAW]:
        chain = (
            Conv1d("conv1", conv.weight, conv.bias, each.stride, each.padding),
            MaxPool1d("pool1", each.pool),
            *layers[3:],
        )
        length = each.window // 2
        words = f"{length} raw samples and no spectrum (stride {each.stride}, pool {each.pool})"
        yield _Shape(
            "raw samples", words, None, _chain(chain), _first(length, lambda x: x[:, np.newaxis, :])
        )
