"""What a sensor plays over and over, and whether a diagnosis is one of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwgen import protocol
from hwgen.fixedpoint import Integers
from hwgen.link.benchmark import Expected
from hwgen.quantized import QuantizedModel

_NUMBERS = 1 << 16
"""Diagnoses after which their number begins anew."""


@dataclass(frozen=True)
class Heard:
    """What comes of each place of a recording that is played over and over.

    Parameters
    ----------
    places
        First samples of the windows of which come a class and these logits.
    samples
        Of the recording.
    hop
        Samples from one window to the next.
    """

    places: dict[tuple[int, ...], frozenset[int]]
    samples: int
    hop: int

    @classmethod
    def of(cls, model: QuantizedModel, samples: Integers, hop: int) -> Heard:
        """Return it, by the golden model of every window that there is.

        Parameters
        ----------
        samples
            ``(n,)`` as the core gets them; n is at least a window.
        """
        window = model.elements
        around = np.concatenate([samples, samples[: window - 1]])
        windows = np.lib.stride_tricks.sliding_window_view(around, window)
        found: dict[tuple[int, ...], set[int]] = {}
        for place, each in enumerate(Expected.of(model, windows)):
            found.setdefault((each.class_, *each.logits, *each.numbers), set()).add(place)
        return cls({key: frozenset(value) for key, value in found.items()}, len(samples), hop)


class Watch:
    """Follows diagnoses through the recording.

    Attributes
    ----------
    wrong
        Diagnoses that no window of the recording leads to, or of a sensor at fault.
    restarts
        How often one was not where the one before leads.
    """

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._last: tuple[int, frozenset[int]] | None = None
        self.wrong = 0
        self.restarts = 0

    def see(self, number: int, diagnosis: protocol.Diagnosis) -> None:
        """Judge one."""
        heard, result = self._heard, diagnosis.result
        told = (result.class_, *result.logits, *result.numbers)
        places = heard.places.get(told, frozenset())
        if not places or diagnosis.faults or diagnosis.overruns:
            self.wrong += 1
            self._last = None
            return
        if self._last is not None:
            before, known = self._last
            on = (number - before) % _NUMBERS * heard.hop
            follows = places & {(place + on) % heard.samples for place in known}
            self.restarts += not follows
            places = follows or places
        self._last = number, places
