"""The spectrum's three widths as one choice: how fine, at the least cost.

ADC, transform data and twiddle width enter the layers behind only through the noise they add to the
spectrum. So of all their combinations the only ones of interest are those that no cheaper one
matches in noise, and a search over them is a walk along one line. Noise needs no labels and is
smooth: a few windows tell it.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen import golden, signals
from hwgen.metrics import sqnr_db
from hwgen.network import SAMPLES, Floats, Layer, Network, Node
from hwgen.quantized import Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen, depends
from hwgen.quantized.samples import SAMPLES_DEPEND, digitise, sampled

LEAST = {"adc": 8, "data": 12, "twiddle": 8}
"""Narrowest widths of interest."""

WINDOWS = 16
"""Windows that tell the noise: some ten thousand bins."""

STEPS = 12
"""Most steps of the line; each saves at least this part of what all of them do."""


@dataclass(frozen=True)
class FrontEnd:
    """One combination of widths.

    Parameters
    ----------
    bits
        With its adc, data and twiddle; the other fields are those of the bits it came from.
    cost
        Of a design with it.
    sqnr_db
        Of the spectrum, against the finest front-end's.
    """

    bits: Precision
    cost: float
    sqnr_db: float


def line(
    network: Network,
    windows: npt.ArrayLike,
    start: Precision,
    cost_of: Callable[[Precision], float],
) -> tuple[FrontEnd, ...]:
    """Return the front-ends worth having, from `start` to the cheapest.

    Parameters
    ----------
    network
        Its layers that read samples are the front-end.
    windows
        ``(n, *input_shape)`` sensor values in g; `WINDOWS` of them are looked at.
    start
        Upper bound of each width.
    cost_of
        Of a design with the given bits.
    """
    every = np.asarray(windows, dtype=np.float64)
    # Windows come class by class: some of each.
    few = every[signals.spread(len(every), WINDOWS)]
    reference = _features(network, few, start)
    known = {start: FrontEnd(start, cost_of(start), float("inf"))}
    for bits in _combinations(network, start):
        if bits not in known:
            ratio = sqnr_db(reference, _features(network, few, bits))
            known[bits] = FrontEnd(bits, cost_of(bits), ratio)
    return _thinned(known[start], list(known.values()))


def _combinations(network: Network, start: Precision) -> Iterator[Precision]:
    """Yield the combinations of the widths that the front-end has, no narrower than `LEAST`."""
    read = set(SAMPLES_DEPEND).union(*(depends(node.op.op) for node in _sources(network)))
    ranges = [
        range(min(least, getattr(start, name)), getattr(start, name) + 1)
        if name in read
        else (getattr(start, name),)
        for name, least in LEAST.items()
    ]
    for widths in itertools.product(*ranges):
        chosen = dict(zip(LEAST, widths, strict=True))
        if chosen["data"] >= chosen["adc"]:
            yield dataclasses.replace(start, **chosen)


def _sources(network: Network) -> tuple[Node[Layer], ...]:
    return network.graph.readers(SAMPLES)


def _features(network: Network, windows: Floats, bits: Precision) -> Floats:
    """Return what the front-end gives in real units, before its rounding, ``(n, values)``."""
    samples, parts = digitise(windows, bits), []
    for node in _sources(network):
        source = sampled(network.input_shape, bits, 1.0)
        op = integer_op(node.op, (source,), bits, Chosen())
        if op.rounds:
            op = op.shifted(-op.guard)
        scale = op.output.scale.reshape(-1, *[1] * (len(op.output.shape) - 1))
        sums = golden.accumulate(op, samples) * scale
        parts.append(sums.reshape(len(samples), -1))
    return np.concatenate(parts, axis=1)


def _thinned(start: FrontEnd, all_: list[FrontEnd]) -> tuple[FrontEnd, ...]:
    """Return `start` and what no cheaper front-end matches, in steps that are worth taking."""
    kept: list[FrontEnd] = []
    for each in sorted(all_, key=lambda e: (e.cost, -e.sqnr_db, e.bits.adc, e.bits.data)):
        if each.cost < start.cost and (not kept or each.sqnr_db > kept[-1].sqnr_db):
            kept.append(each)
    if not kept:
        return (start,)
    result = [start]
    least = (start.cost - kept[0].cost) / STEPS
    for each in reversed(kept):
        if result[-1].cost - each.cost >= least:
            result.append(each)
    return tuple(result)
