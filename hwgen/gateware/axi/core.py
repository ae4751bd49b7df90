"""An accelerator with AXI4-Stream for samples and results, and AXI4-Lite for its registers."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, ClockDomain, ClockSignal, Module, ResetSignal, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from hwgen.gateware.axi import registers
from hwgen.gateware.axi.names import lite_members, stream_members
from hwgen.gateware.axi.port import LitePort
from hwgen.gateware.axi.registers import CONTROL, COUNTERS, STATUS, Access, Register, register_map
from hwgen.gateware.axi.results import ResultPackets, result_words
from hwgen.gateware.axi.samples import SampleFrames
from hwgen.hardware.contract import Core


class AxiCore(wiring.Component):
    """A core as a subordinate on a bus.

    Parameters
    ----------
    core
        The accelerator.
    digest
        Of its network, hexadecimal.

    Members
    -------
    aclk, aresetn : In(1)
        Clock of everything, and its reset: synchronous, active low.
    s_axis_..., m_axis_..., s_axi_...
        `hwgen.gateware.axi.names`. Samples: `hwgen.gateware.axi.samples`; results:
        `hwgen.gateware.axi.results`; registers: `registers` of this component.

    Attributes
    ----------
    registers
        The map.

    Latency
    -------
    The core's, a cycle before it and one behind it.
    """

    def __init__(self, core: Core, digest: str) -> None:
        plan = core.plan
        self._core = core
        self.registers = register_map(plan, digest, result_words(plan))
        ports = {"aclk": In(1), "aresetn": In(1)}
        super().__init__(ports | stream_members(plan.adc_bits) | lite_members())

    def elaborate(self, platform: Any) -> Module:
        """Wire both streams and the registers to the core."""
        m = Module()
        plan = self._core.plan
        m.domains.sync = ClockDomain("sync", local=True)
        m.d.comb += [ClockSignal("sync").eq(self.aclk), ResetSignal("sync").eq(~self.aresetn)]
        m.submodules.core = core = self._core
        m.submodules.frames = frames = SampleFrames(
            plan.adc_bits, plan.input_samples, overlapping=plan.hop < plan.input_samples
        )
        m.submodules.packets = packets = ResultPackets(plan)
        m.submodules.port = port = LitePort()
        for part in (frames, packets, port):
            _expose(m, self, part)
        wiring.connect(m, frames.samples, core.samples)
        wiring.connect(m, core.result, packets.result)
        if plan.numbers:
            wiring.connect(m, core.values, packets.values)
        m.d.comb += core.abandon.eq(frames.give_up)
        self._registers(m, frames, packets, port)
        return m

    def _registers(
        self, m: Module, frames: SampleFrames, packets: ResultPackets, port: LitePort
    ) -> None:
        """Read and write what the map has."""
        orders = _named(m, port, self._of("CONTROL"), CONTROL)
        m.d.comb += frames.abandon.eq(orders["ABANDON"])
        live = _counters(m, frames, packets, orders["CLEAR"])
        state = {"BUSY": frames.busy, "RESULT": self.m_axis_tvalid}
        live["STATUS"] = Cat(state[bit.name] for bit in STATUS)
        live |= self._threshold(m, port)
        with m.Switch(port.read_word):
            for register in self.registers:
                with m.Case(register.offset // 4):
                    value = live.get(register.name, register.value)
                    m.d.comb += [port.value.eq(value), port.readable.eq(1)]
        with m.Switch(port.write_word):
            for register in self.registers:
                if register.access in {Access.PULSE, Access.HELD}:
                    with m.Case(register.offset // 4):
                        m.d.comb += port.writable.eq(1)

    def _threshold(self, m: Module, port: LitePort) -> dict[str, Value]:
        """Keep a threshold's words, and have them count with the write of the last."""
        held = [each for each in self.registers if each.access is Access.HELD]
        if not held:
            return {}
        widths = [min(32, self._core.plan.logit_bits - 1 - 32 * n) for n in range(len(held))]
        words = {  # the core's own outlives a reset as well
            each.name: Signal(bits, name=each.name.lower(), init=each.value, reset_less=True)
            for each, bits in zip(held, widths, strict=True)
        }
        written = Signal()
        for register in held:
            word = words[register.name]
            with m.If(port.write & (port.write_word == register.offset // 4)):
                m.d.sync += word.eq(_merged(word, port))
        last = held[-1].offset // 4
        threshold = self._core.threshold
        m.d.sync += written.eq(port.write & (port.write_word == last))
        m.d.comb += [threshold.set.eq(written), threshold.value.eq(Cat(words.values()))]
        return dict(words)

    def _of(self, name: str) -> Register:
        return next(each for each in self.registers if each.name == name)


def _expose(m: Module, outer: wiring.Component, part: wiring.Component) -> None:
    """Connect the AXI signals of a part to those of the same name outside."""
    for name, member in part.signature.members.items():
        if name.startswith(("s_axi", "m_axi")):
            inner, outside = getattr(part, name), getattr(outer, name)
            sink, driver = (inner, outside) if member.flow is wiring.In else (outside, inner)
            m.d.comb += sink.eq(driver)


def _named(
    m: Module, port: LitePort, register: Register, bits: tuple[registers.Bit, ...]
) -> dict[str, Value]:
    """Return what is high for a cycle with each bit of a register that is written as 1."""
    found = {bit.name: Signal(name=bit.name.lower()) for bit in bits}
    here = port.write & (port.write_word == register.offset // 4)
    for bit in bits:
        m.d.comb += found[bit.name].eq(here & port.data[bit.low] & port.lanes[bit.low // 8])
    return dict(found)


def _counters(
    m: Module, frames: SampleFrames, packets: ResultPackets, clear: Value
) -> dict[str, Value]:
    """Count what happens, and keep the last result's cycles."""
    counts = {name: Signal(32, name=name.lower()) for name in COUNTERS}
    events = {"SAMPLES": frames.taken, "RESULTS": packets.sent, "GIVEN_UP": frames.broken}
    for name, event in events.items():
        m.d.sync += counts[name].eq(counts[name] + event)
    with m.If(packets.sent):
        m.d.sync += counts["CYCLES"].eq(packets.result.p.cycles)
    with m.If(clear):
        m.d.sync += [count.eq(0) for count in counts.values()]
    return dict(counts)


def _merged(word: Value, port: LitePort) -> Value:
    """Return a word with the bytes that are written."""
    lanes = Cat(port.lanes[n // 8] for n in range(len(word)))
    return (word & ~lanes) | (port.data & lanes)
