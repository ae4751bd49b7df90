"""Weights in a memory of the chip."""

from __future__ import annotations

from hwgen.hardware.primitives.memory import BlockRam
from hwgen.plans.weights.rom import RomPlan


class Rom(BlockRam):
    """A block RAM that nobody writes.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    read_address, read_data
        As of every store (`hwgen.hardware.weights.store.Store`).

    Latency
    -------
    The plan's: cycles from address to data.
    """

    def __init__(self, plan: RomPlan):
        self.plan = plan
        super().__init__(plan.width, plan.depth, plan.words)


STORE = Rom
