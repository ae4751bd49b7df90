"""Whose turn it is to feed the core: the board's own sensor's or the host's."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Turns(wiring.Component):
    """Give the core to the sensor or to the host, with nothing of either left in it.

    After a reset it is the sensor's. The host loses it when it has been silent for too long: a
    machine is watched though somebody pulled the plug of a measurement.

    Parameters
    ----------
    drain_cycles
        For how long results may still come out of the core after its last sample.
    silence_cycles
        After which the sensor has its turn again.

    Members
    -------
    set, on : In(1)
        With `set`: the sensor is to have the core if `on`, else the host.
    heard : In(1)
        A byte came from the host.
    offered : In(1)
        The sensor's sample stands at the core and is not being taken.
    idle : In(1)
        The host has nothing in the core.
    run : Out(1)
        The sensor may make samples.
    engaged : Out(1)
        The host cannot have the core, or not for long.
    live : Out(1)
        The core is the sensor's.
    switching : Out(1)
        It is nobody's: no sample passes, the last window is abandoned, results are thrown away.

    Raises
    ------
    ValueError
        If a parameter is wrong.
    """

    def __init__(self, drain_cycles: int, silence_cycles: int) -> None:
        for name, value in (("drain_cycles", drain_cycles), ("silence_cycles", silence_cycles)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        self._drain_cycles = drain_cycles
        self._silence_cycles = silence_cycles
        super().__init__(
            {
                "set": In(1),
                "on": In(1),
                "heard": In(1),
                "offered": In(1),
                "idle": In(1),
                "run": Out(1),
                "engaged": Out(1),
                "live": Out(1),
                "switching": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Return the wish, the silence and the turns."""
        m = Module()
        wanted = Signal(init=1)
        silence = Signal(range(self._silence_cycles + 1))
        over = Signal()
        m.d.sync += [silence.eq(silence + 1), over.eq(silence == self._silence_cycles)]
        with m.If(self.heard | over):
            m.d.sync += silence.eq(0)
        with m.If(self.set):
            m.d.sync += wanted.eq(self.on)
        with m.Elif(over):
            m.d.sync += wanted.eq(1)

        left = Signal(range(self._drain_cycles + 1))
        m.d.sync += left.eq(left - 1)
        m.d.comb += self.engaged.eq(wanted | self.live | self.switching)
        with m.FSM():
            with m.State("SENSOR"):
                m.d.comb += [self.live.eq(1), self.run.eq(wanted)]
                with m.If(~wanted & ~self.offered):
                    m.d.sync += left.eq(self._drain_cycles - 1)
                    m.next = "SWITCH"
            with m.State("SWITCH"):
                m.d.comb += self.switching.eq(1)
                with m.If((left == 0) & wanted):
                    m.next = "SENSOR"
                with m.Elif(left == 0):
                    m.next = "HOST"
            with m.State("HOST"), m.If(wanted & self.idle):
                m.d.sync += left.eq(self._drain_cycles - 1)
                m.next = "SWITCH"
        return m
