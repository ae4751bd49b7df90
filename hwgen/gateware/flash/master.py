"""An SPI master for a flash: one command at a time, in mode 0."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import cdc, wiring
from amaranth.lib.wiring import In, Out

from hwgen.gateware.flash.plan import ADDRESS_BITS, LEAST_HALF

COMMAND_BITS = 8
PLACE_BITS = 8
"""Of a data bit's number: a command has at most 255 of them."""

FLASH_PINS = wiring.Signature({"cs": Out(1), "sck": Out(1), "copi": Out(1), "cipo": In(1)})
"""``cs`` is high while the flash is selected; the board's buffer makes the pin's level of it."""


class FlashMaster(wiring.Component):
    """Send a command, its address and data bits, highest first, and take the flash's data bits.

    Parameters
    ----------
    half
        Cycles for which ``sck`` is high, and low; at least `LEAST_HALF`.

    Members
    -------
    start : In(1)
        Held high with all that follows until `done`.
    command : In(8)
    address, addressed : In(24), In(1)
        What follows the command, if anything does.
    count : In(8)
        Data bits behind that.
    silent : In(1)
        The clock alone runs: the flash is not selected.
    place, bit : Out(8), In(1)
        The number of the data bit that is under way, and what is sent: there 2 cycles after `place`
        has changed.
    step, got : Out(1)
        High for a cycle when a data bit has come, which is `got`.
    done : Out(1)
        High for a cycle at the end; then the flash has not been selected for `half` cycles.
    pins : Out(FLASH_PINS)
    """

    def __init__(self, half: int) -> None:
        if half < LEAST_HALF:
            raise ValueError(f"half must be at least {LEAST_HALF}, not {half}")
        self._half = half
        super().__init__(
            {
                "start": In(1),
                "command": In(COMMAND_BITS),
                "address": In(ADDRESS_BITS),
                "addressed": In(1),
                "count": In(PLACE_BITS),
                "silent": In(1),
                "place": Out(PLACE_BITS),
                "bit": In(1),
                "step": Out(1),
                "got": Out(1),
                "done": Out(1),
                "pins": Out(FLASH_PINS),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Count cycles to bits, and bits to the end."""
        m = Module()
        pins = self.pins
        m.submodules.sampled = cdc.FFSynchronizer(pins.cipo, self.got)
        head = Signal(COMMAND_BITS + ADDRESS_BITS)
        left = Signal(range(len(head)))
        of_data = Signal()
        timer = Signal(range(self._half))
        due = Signal()
        m.d.comb += due.eq(timer == 0)
        m.d.sync += [
            timer.eq(Mux(due, self._half - 1, timer - 1)),
            pins.copi.eq(Mux(of_data, self.bit, head[-1])),
        ]
        with m.FSM():
            with m.State("IDLE"):
                m.d.sync += [
                    timer.eq(self._half - 1),
                    head.eq(Cat(self.address, self.command)),
                    left.eq(Mux(self.addressed, len(head) - 1, COMMAND_BITS - 1)),
                    of_data.eq(0),
                    self.place.eq(0),
                ]
                with m.If(self.start):
                    m.d.sync += pins.cs.eq(~self.silent)
                    m.next = "LOW"
            with m.State("LOW"), m.If(due):
                m.d.sync += pins.sck.eq(1)
                m.next = "HIGH"
            with m.State("HIGH"), m.If(due):
                # The flash's bit is looked at when the next one is called for: it has had a period.
                m.d.sync += [pins.sck.eq(0), left.eq(left - 1), head.eq(Cat(Const(0, 1), head))]
                m.next = "LOW"
                with m.If(of_data):
                    m.d.comb += self.step.eq(1)
                    m.d.sync += self.place.eq(self.place + 1)
                    with m.If(self.place + 1 == self.count):
                        m.next = "HOLD"
                with m.Elif(left == 0):
                    m.d.sync += of_data.eq(1)
                    with m.If(self.count == 0):
                        m.next = "HOLD"
            with m.State("HOLD"), m.If(due):
                m.d.sync += pins.cs.eq(0)
                m.next = "GAP"
            with m.State("GAP"), m.If(due):
                m.d.comb += self.done.eq(1)
                m.next = "IDLE"
        return m
