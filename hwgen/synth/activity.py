"""What switches in a core's netlist, by what it costs: outputs, pins reached, accesses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from hwgen.errors import ToolError
from hwgen.synth.nets import Nets
from hwgen.verify.saif import Bit, Trace, cycles, fraction

WORKING = "working"
"""Begin of the names of what is high in a cell's model in a cycle that costs: see ``sim/``."""
_CLOCK = "clk"


@dataclass(frozen=True)
class Activity:
    """How much switches: in a run, for a window, in a cycle.

    Parameters
    ----------
    cycles
        Of the clock.
    logic
        Changes of outputs of look-up tables, carries and flip-flops.
    routing
        Changes of nets times the pins that each reaches through routing.
    accesses
        Cycles in which a memory's port or a multiplier works, by the kind of cell.
    """

    cycles: float
    logic: float
    routing: float
    accesses: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, other: Activity) -> Activity:
        kinds = [*self.accesses, *(kind for kind in other.accesses if kind not in self.accesses)]
        return Activity(
            self.cycles + other.cycles,
            self.logic + other.logic,
            self.routing + other.routing,
            {kind: self.accesses.get(kind, 0) + other.accesses.get(kind, 0) for kind in kinds},
        )

    def __mul__(self, factor: float) -> Activity:
        return Activity(
            self.cycles * factor,
            self.logic * factor,
            self.routing * factor,
            {kind: count * factor for kind, count in self.accesses.items()},
        )

    def beyond(self, other: Activity) -> Activity:
        """Return what is more than in another; nothing is less than none."""
        rest = self + other * -1
        return Activity(
            rest.cycles,
            max(0.0, rest.logic),
            max(0.0, rest.routing),
            {kind: max(0.0, count) for kind, count in rest.accesses.items()},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dict(vars(self)) | {"accesses": dict(self.accesses)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(value["cycles"], value["logic"], value["routing"], dict(value["accesses"]))


def activity(core: Trace, nets: Nets) -> Activity:
    """Return what switched in a core.

    Parameters
    ----------
    core
        Of its instance in the simulation.
    nets
        Of its netlist.

    Raises
    ------
    ToolError
        If the simulation does not know the clock or one of the cells.
    """
    try:
        clock = core.bits[_CLOCK]
        works = {name: core.at(name) for name in nets.works}
    except KeyError as error:
        raise ToolError(f"the simulation must have traced {error} of the netlist") from error
    still = Bit(0, 0)
    changes = [(core.bits.get(net.name, still).changes, net) for net in nets.nets]
    accesses = dict.fromkeys(nets.works.values(), 0.0)
    for name, kind in nets.works.items():
        for bit, how in works[name].bits.items():
            if bit.startswith(WORKING):
                accesses[kind] += fraction(how, clock)
    return Activity(
        cycles(clock),
        sum(count for count, net in changes if net.logic),
        sum(count * net.reached for count, net in changes),
        accesses,
    )
