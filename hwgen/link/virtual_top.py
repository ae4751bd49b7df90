"""What is compiled for a virtual board: a linked core with all pins of parts in words."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.boards.board import BUSES
from hwgen.gateware.top import LinkedCore

TO_PART = max(sum(way == "o" for way in bus.values()) for bus in BUSES.values())
FROM_PART = max(sum(way == "i" for way in bus.values()) for bus in BUSES.values())


class VirtualTop(wiring.Component):
    """A `LinkedCore` whose ports are the same whatever its sensor is.

    Parameters
    ----------
    linked
        With a source that has pins, or without.
    bus
        Of `BUSES`: the source's.

    Members
    -------
    rx : In(1)
        From the host.
    tx : Out(1)
        To the host.
    busy : Out(1)
        As the linked core has it.
    to_part : Out(TO_PART)
        Outputs of the bus in its order, from bit 0; a pin that the part does not use is low.
    from_part : In(FROM_PART)
        Its inputs.
    to_flash : Out(3)
        Selected, clock, data to the flash; low without one.
    from_flash : In(1)
        Data from it.
    """

    def __init__(self, linked: LinkedCore, bus: str | None = None) -> None:
        self._linked = linked
        self._bus = {} if bus is None else BUSES[bus]
        super().__init__(
            {
                "rx": In(1, init=1),
                "tx": Out(1, init=1),
                "busy": Out(1),
                "to_part": Out(TO_PART),
                "from_part": In(FROM_PART),
                "to_flash": Out(3),
                "from_flash": In(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Connect the pins by their place."""
        m = Module()
        m.submodules.linked = linked = self._linked
        m.d.comb += [
            linked.rx.eq(self.rx),
            self.tx.eq(linked.tx),
            self.busy.eq(linked.busy),
        ]
        if "flash" in linked.signature.members:
            flash = linked.flash
            m.d.comb += [
                self.to_flash.eq(Cat(flash.cs, flash.sck, flash.copi)),
                flash.cipo.eq(self.from_flash),
            ]
        for way in "io":
            names = [name for name, direction in self._bus.items() if direction == way]
            for place, name in enumerate(names):
                pin = getattr(linked.pins, name, None)
                if pin is None:
                    continue
                if way == "i":
                    m.d.comb += pin.eq(self.from_part[place])
                else:
                    m.d.comb += self.to_part[place].eq(pin)
        return m
