"""Samples of an AXI4-Stream, counted into windows."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.gateware.axi.names import sample_bits
from hwgen.hardware.contract import sample_layout


class SampleFrames(wiring.Component):
    """Mark the first sample of every window.

    A window is as many samples as the core's. TLAST ends the window in progress wherever it comes:
    with a window's last sample it changes nothing, before it the window is given up, and without
    any the samples are one endless row of windows.

    Parameters
    ----------
    adc_bits
        Of a sample, signed; higher bits of TDATA are not looked at.
    window
        Samples of one.
    overlapping
        Whether windows of the core overlap: only the first sample of all is then marked.

    Members
    -------
    s_axis_...
        The input stream.
    samples
        The core's, through a register.
    abandon : In(1)
        High for a cycle: the window whose samples came last is given up, unless its result is
        there already, and the next sample begins another.
    give_up : Out(1)
        The core's ``abandon``.
    busy : Out(1)
        A window has begun, and not all of its samples have been taken.
    taken : Out(1)
        High when a sample is.
    broken : Out(1)
        High for a cycle when a window is given up by a TLAST, or by `abandon`.
    """

    def __init__(self, adc_bits: int, window: int, *, overlapping: bool) -> None:
        self._window, self._overlapping = window, overlapping
        super().__init__(
            {
                "s_axis_tdata": In(sample_bits(adc_bits)),
                "s_axis_tlast": In(1),
                "s_axis_tvalid": In(1),
                "s_axis_tready": Out(1),
                "samples": Out(stream.Signature(sample_layout(adc_bits))),
                "abandon": In(1),
                "give_up": Out(1),
                "busy": Out(1),
                "taken": Out(1),
                "broken": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Count samples; hold one in a register, so that TREADY depends on nothing far away."""
        m = Module()
        place = Signal(range(self._window))
        fresh = Signal(init=1)
        whole = place == self._window - 1
        m.d.comb += [
            self.s_axis_tready.eq((~self.samples.valid | self.samples.ready) & ~self.abandon),
            self.taken.eq(self.s_axis_tvalid & self.s_axis_tready),
            self.busy.eq(place != 0),
            # One that has not left the register is of no window that the core knows.
            self.give_up.eq(self.abandon & ~(self.samples.valid & self.samples.p.first)),
        ]
        with m.If(self.samples.ready):
            m.d.sync += self.samples.valid.eq(0)
        with m.If(self.abandon):
            m.d.sync += [place.eq(0), fresh.eq(1), self.samples.valid.eq(0)]
            m.d.comb += self.broken.eq(self.busy)
        with m.Elif(self.taken):
            m.d.comb += self.broken.eq(self.s_axis_tlast & ~whole)
            m.d.sync += [
                self.samples.valid.eq(1),
                self.samples.p.value.eq(self.s_axis_tdata.as_signed()),
                self.samples.p.first.eq(fresh),
                fresh.eq(self.s_axis_tlast | (0 if self._overlapping else whole)),
            ]
            with m.If(self.s_axis_tlast):
                m.d.sync += place.eq(0)
            with m.Elif(~whole):
                m.d.sync += place.eq(place + 1)
            if not self._overlapping:
                with m.Elif(whole):
                    m.d.sync += place.eq(0)
        return m
