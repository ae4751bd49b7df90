"""The spectrum's three widths as one choice: how fine, at the least cost.

ADC, transform data and twiddle width enter the layers behind only through the noise they add to the
spectrum. So of all their combinations the only ones of interest are those that no cheaper one
matches in noise, and a search over them is a walk along one line. Noise needs no labels and is
smooth: a few windows tell it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen import golden, signals
from hwgen.metrics import sqnr_db
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Bits
from hwgen.quantized.magnitude import EIGHTHS
from hwgen.quantized.ops import spectrum
from hwgen.quantized.samples import digitise

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

    bits: Bits
    cost: float
    sqnr_db: float


def line(
    layer: Spectrum, windows: npt.ArrayLike, start: Bits, cost_of: Callable[[Bits], float]
) -> tuple[FrontEnd, ...]:
    """Return the front-ends worth having, from `start` to the cheapest.

    Parameters
    ----------
    layer
        The float spectrum.
    windows
        ``(n, window)`` sensor values in g; `WINDOWS` of them are looked at.
    start
        Upper bound of each width.
    cost_of
        Of a design with the given bits.
    """
    every = np.asarray(windows, dtype=np.float64)
    # Windows come class by class: some of each.
    few = every[signals.spread(len(every), WINDOWS)]
    reference = _spectrum(layer, few, start)
    known = {start: FrontEnd(start, cost_of(start), float("inf"))}
    least = {name: min(low, getattr(start, name)) for name, low in LEAST.items()}
    for adc in range(least["adc"], start.adc + 1):
        for data in range(max(least["data"], adc), start.data + 1):
            for twiddle in range(least["twiddle"], start.twiddle + 1):
                bits = dataclasses.replace(start, adc=adc, data=data, twiddle=twiddle)
                if bits not in known:
                    ratio = sqnr_db(reference, _spectrum(layer, few, bits))
                    known[bits] = FrontEnd(bits, cost_of(bits), ratio)
    return _thinned(known[start], list(known.values()))


def _spectrum(layer: Spectrum, windows: npt.NDArray[np.float64], bits: Bits) -> np.ndarray:
    """Return the magnitudes in real units, before their rounding to features."""
    op = spectrum.quantize(layer, bits, 1.0, -EIGHTHS)
    return golden.accumulate(op, digitise(windows, bits)) * op.output.scale


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
