"""Weights as points on a trajectory, decoded by adders and a shift."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from amaranth.hdl import Array, Cat, Module, Signal

from hwgen.hardware.weights.coded import CodedStore, Decoder
from hwgen.plans.weights.trajectory import TrajectoryPlan


class TrajectoryDecoder(Decoder):
    """Adders, their registers, and a choice of shifts.

    Parameters
    ----------
    plan
        What the words are.

    Members
    -------
    word, weights
        As of `hwgen.hardware.weights.coded.Decoder`.

    Latency
    -------
    2 cycles.
    """

    plan: TrajectoryPlan

    def decoded(self, m: Module) -> Sequence[Any]:
        """Return what each weight is before its last register."""
        coded = self.plan.coded
        theta = self.word[: coded.theta_bits]
        kind = Signal(max(coded.class_bits, 1), reset_less=True)
        m.d.sync += kind.eq(self.word[coded.theta_bits :])
        return [
            self._shifted(self._centred(m, theta, number), kind)
            for number in range(len(coded.directions))
        ]

    def _centred(self, m: Module, theta: Any, number: int) -> Any:
        """Return theta times a direction, with its top bit inverted, in a register."""
        size = self.plan.coded.theta_bits
        total: Any = 0
        for place, sign in self.plan.terms(self.plan.coded.directions[number]):
            total = total + (theta << place) if sign > 0 else total - (theta << place)
        point = Signal(size, name=f"point_{number}", reset_less=True)
        m.d.sync += point.eq(total)
        return Cat(point[:-1], ~point[-1]).as_signed()

    def _shifted(self, centred: Any, kind: Any) -> Any:
        coded = self.plan.coded
        most = (1 << coded.class_bits) - 1
        least = coded.theta_bits - self.plan.bits
        shifts = [centred >> (least + most - each) for each in range(most + 1)]
        return Array(Cat(each).as_signed() for each in shifts)[kind] if most else shifts[0]


STORE = partial(CodedStore, decoder=TrajectoryDecoder)
