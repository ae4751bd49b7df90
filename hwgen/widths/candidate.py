"""An assignment of bits, and how good it is on the held-out windows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen import golden, metrics
from hwgen.analysis.margins import expected_changes
from hwgen.fixedpoint import Integers
from hwgen.network import Floats
from hwgen.quantized import Precision, QuantizedModel
from hwgen.targets import Cells
from hwgen.widths.cached import Staged

_MARGIN_LEFT = 0.7
"""Of a held-out window's margin on a later one: on records that were cut in three, margins of the
last third were that much narrower than those of windows next to what was trained on."""


@dataclass(frozen=True)
class Candidate:
    """An assignment of bits, measured on the held-out windows.

    Parameters
    ----------
    bits
        The assignment.
    cost, weight
        Estimate of its hardware, and that as one number.
    drop
        Macro-F1 of the float network minus the integer network's, in percentage points.
    sure_drop
        The same where the integer network gets no credit for windows that it alone gets right:
        they count as the float network's mistakes. At a decision's edge gains are as likely as
        losses, and a search prefers the assignment whose gains happen to be many; this figure
        takes that luck away.
    expected
        Windows that are to be expected to change class, in percent
        (`hwgen.analysis.margins.expected_changes`): losses may happen to be few, too.
    f1
        Macro-F1 of the integer network.
    agreement
        Share of windows with the float network's class.
    """

    bits: Precision
    cost: Cells
    weight: float
    drop: float
    sure_drop: float
    expected: float
    f1: float
    agreement: float

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dataclasses.asdict(self) | {"cost": self.cost.to_json()}


class Judge:
    """Measures assignments, each once."""

    def __init__(
        self,
        staged: Staged,
        labels: Integers,
        exact: Floats,
        classes: int,
        cost_of: Callable[[QuantizedModel], Cells],
        weigh: Callable[[Cells], float],
    ):
        self._staged = staged
        self._labels = labels
        self._logits = exact
        self._exact = exact.argmax(axis=1).astype(np.int64)
        self._classes = classes
        self._cost_of = cost_of
        self._weigh = weigh
        self.float_f1 = metrics.macro_f1(labels, self._exact, classes)
        self.known: dict[Precision, Candidate] = {}

    def __call__(self, bits: Precision) -> Candidate:
        """Return the measured assignment."""
        if bits not in self.known:
            model, logits = self._staged.run(bits)
            found = golden.classify(logits)
            # Where only the integer network is right it keeps the float network's mistake.
            lucky = (found == self._labels) & (self._exact != self._labels)
            sure = np.where(lucky, self._exact, found)
            f1 = metrics.macro_f1(self._labels, found, self._classes)
            sure_f1 = metrics.macro_f1(self._labels, sure, self._classes)
            cost = self._cost_of(model)
            self.known[bits] = Candidate(
                bits=bits,
                cost=cost,
                weight=self._weigh(cost),
                drop=100 * (self.float_f1 - f1),
                sure_drop=100 * (self.float_f1 - sure_f1),
                expected=100
                * expected_changes(self._logits, logits * model.logits.scale, _MARGIN_LEFT),
                f1=f1,
                agreement=metrics.agreement(self._exact, found),
            )
        return self.known[bits]
