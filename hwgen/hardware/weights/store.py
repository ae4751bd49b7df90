"""From the plan of a store of weights to its hardware."""

from __future__ import annotations

from typing import Any, Protocol

from amaranth.lib import wiring

from hwgen.plans.weights.store import StorePlan
from hwgen.quantized.op import room


class Store(Protocol):
    """A component that gives words of weights, one a cycle.

    ``read_data`` is the word that ``read_address`` named `latency` cycles of its plan before; the
    first weight of a word has its lowest bits.
    """

    plan: StorePlan
    read_address: Any
    read_data: Any
    signature: wiring.Signature

    def elaborate(self, platform: Any) -> Any:
        """Return the hardware."""
        ...


def store(plan: StorePlan, latency: int) -> Store:
    """Return the store that a plan describes; it can be elaborated only once.

    Parameters
    ----------
    plan
        What it is made of.
    latency
        Cycles from an address to its word that the one who reads counts with.

    Raises
    ------
    ValueError
        If the store's words come earlier or later.
    """
    if plan.latency != latency:
        raise ValueError(f"latency must be {plan.latency}, as the store's plan says, not {latency}")
    part: Store = room(__package__, plan.kind).STORE(plan)
    return part
