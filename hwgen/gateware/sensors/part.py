"""What a sensor part is to a build: where its limits are, and what receives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.boards.board import BUSES
from hwgen.errors import CannotMeetError
from hwgen.gateware.sensors.sampling import RATE_TOLERANCE, Sampling
from hwgen.hardware.contract import sample_layout


@dataclass(frozen=True)
class Part:
    """A sensor part.

    Parameters
    ----------
    title
        Maker, name and what it is.
    sheet
        The data sheet that its file was written from.
    bus
        Of `BUSES`: the table of a board's ``sources`` that names its pins.
    pins
        Those of the bus that it uses.
    bits
        Of a sample, two's complement.
    rates
        Sampling rates that it takes: (lowest, highest) in Hz.
    receiver
        Makes the component that receives it: `samples_of` its bits, and the pins as members.
    pace
        Raises `CannotMeetError` if the clock cannot receive the part at the rate.
    model
        What imitates the part on a virtual board: a kind of ``sim/virtual_parts.h``, and what
        that must be told.
    settle
        Samples that the receiver drops at its start.
    full_scales
        Sensor values in g at the positive end that it can be set to; empty where the circuit
        before it decides.
    """

    title: str
    sheet: str
    bus: str
    pins: tuple[str, ...]
    bits: int
    rates: tuple[tuple[float, float], ...]
    receiver: Callable[[Sampling], Any] = field(compare=False)
    pace: Callable[[Sampling], object] = field(compare=False)
    model: tuple[str | int, ...]
    settle: int = 0
    full_scales: tuple[float, ...] = ()

    def check(self, name: str, sampling: Sampling) -> None:
        """Raise `CannotMeetError` if the part, or the clock for it, does not do what is asked."""
        rate = sampling.rate_hz
        slack = 1 + RATE_TOLERANCE
        if not any(low / slack <= rate <= high * slack for low, high in self.rates):
            ranges = " or ".join(
                f"{low:g} to {high:g}" if low < high else f"{low:g}" for low, high in self.rates
            )
            raise CannotMeetError(f"sensor rate of {name} must be {ranges} Hz, not {rate:g} Hz; "
                                  f"give --sensor-rate")  # fmt: skip
        scales = self.full_scales
        if scales and sampling.full_scale not in scales:
            known = ", ".join(f"{scale:g}" for scale in scales)
            raise CannotMeetError(f"full scale for {name} must be one of {known} g, not "
                                  f"{sampling.full_scale:g} g; give --full-scale")  # fmt: skip
        self.pace(sampling)


def source_ports(part_bits: int, pins: dict[str, Any]) -> dict[str, Any]:
    """Return the ports of a part's receiver.

    ``o`` gives samples that are taken at once; ``first`` marks one that does not follow on the
    one before: the first of all, and the first after the part was started anew. ``absent`` is
    high while the part does not answer, as far as that can be told.
    """
    return {
        "o": Out(stream.Signature(sample_layout(part_bits), always_ready=True)),
        "absent": Out(1),
        **pins,
    }


class Receiver(wiring.Component):
    """What every part's receiver is: `source_ports` with the pins that the part uses.

    Parameters
    ----------
    bits
        Of a sample.
    bus, pins
        As of `Part`.
    """

    def __init__(self, bits: int, bus: str, pins: tuple[str, ...]) -> None:
        directions = {"i": In(1), "o": Out(1)}
        super().__init__(source_ports(bits, {pin: directions[BUSES[bus][pin]] for pin in pins}))

    def give(self, m: Module, when: Any, value: Any, *, settle: int = 0) -> Signal:
        """Give `value` a cycle after `when`, except for the first `settle` times.

        Returns
        -------
        A signal; while it is high the next time counts as the first again.
        """
        anew = Signal()
        # No signal of zero bits: Verilog has none.
        left = Signal(max(1, settle.bit_length()), init=settle)
        begun = Signal()
        m.d.sync += self.o.valid.eq(when & (left == 0))
        with m.If(anew):
            m.d.sync += [left.eq(settle), begun.eq(0)]
        with m.Elif(when & (left != 0)):
            m.d.sync += left.eq(left - 1)
        with m.Elif(when):
            m.d.sync += [
                self.o.p.value.eq(value),
                self.o.p.first.eq(~begun),
                begun.eq(1),
            ]
        return anew
