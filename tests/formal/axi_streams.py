"""Proofs of the streams between a core and AXI: samples in, packets of results out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from amaranth.hdl import Cat, Signal

from hwgen.gateware.axi.results import ResultPackets, result_words
from hwgen.gateware.axi.samples import SampleFrames
from hwgen.plans.facts import Answer
from tests.formal.contract import claim_steady, offer, steady, take, transfer
from tests.formal.proof import Proof
from tests.formal.prover import Bench

_ANSWER = Answer(classes=2, logit_bits=3, numbers=2, number_bits=3)
_WINDOW = 3


def _axis(dut: Any, side: str) -> SimpleNamespace:
    """Return an AXI4-Stream as the contract of a stream has its names."""
    ports = {name: getattr(dut, f"{side}_axis_t{name}") for name in ("valid", "ready")}
    payload = Cat(getattr(dut, f"{side}_axis_tdata"), getattr(dut, f"{side}_axis_tlast"))
    return SimpleNamespace(**ports, payload=payload)


def result_packets(make: Any = ResultPackets) -> Bench:
    """What is offered stands; a packet has its words, and its result is taken once for each."""
    b = Bench(resets=True)
    b.m.submodules.dut = dut = make(_ANSWER)
    packets = _axis(dut, "m")
    offer(b, dut.result, "result")
    offer(b, dut.values, "values")
    # The core's: as many values as there are, the last of a window marked.
    given = Signal(range(_ANSWER.numbers))
    b.assume(~dut.values.valid | (dut.values.p.last == (given == _ANSWER.numbers - 1)))
    with b.m.If(transfer(dut.values)):
        b.m.d.sync += given.eq(given + 1)
    take(b, packets, "packet")
    claim_steady(b, packets, "packet: ")
    words, place = result_words(_ANSWER), Signal(range(result_words(_ANSWER)))
    with b.m.If(transfer(packets)):
        b.m.d.sync += place.eq(place + 1)
        with b.m.If(packets.payload[-1]):
            b.m.d.sync += place.eq(0)
    last = packets.valid & (place == words - 1)
    b.claim(
        "the last word of a packet is marked, and no other",
        ~packets.valid | (packets.payload[-1] == (place == words - 1)),
    )
    owed = Signal(2)
    b.m.d.sync += owed.eq(owed + dut.sent - (transfer(packets) & packets.payload[-1]))
    b.claim("a result is taken with its packet's last word", (owed == last) | ~packets.valid)
    b.claim("values are taken while their result stands", ~transfer(dut.values) | dut.result.valid)
    return b


def sample_frames(make: Any = SampleFrames) -> Bench:
    """What is offered stands unless it is given up; a sample taken is offered in the next cycle."""
    b = Bench(resets=True)
    b.m.submodules.dut = dut = make(4, _WINDOW, overlapping=False)
    source = _axis(dut, "s")
    b.drive(dut.s_axis_tvalid, "tvalid")
    b.drive(dut.s_axis_tdata, "tdata")
    b.drive(dut.s_axis_tlast, "tlast")
    b.drive(dut.abandon, "abandon")
    for _, holds in steady(b, source):
        b.assume(holds)
    take(b, dut.samples, "samples")
    for text, holds in steady(b, dut.samples):
        b.claim(text, holds | b.before(dut.abandon))
    taken = b.run & b.before(transfer(source))
    b.claim("a sample that is taken is offered", ~taken | dut.samples.valid)
    value = dut.s_axis_tdata[:4]
    b.claim("as it was", ~taken | (dut.samples.p.value.as_unsigned() == b.before(value)))
    place = Signal(range(_WINDOW))
    with b.m.If(transfer(source)):
        b.m.d.sync += place.eq(place + 1)
        with b.m.If(dut.s_axis_tlast | (place == _WINDOW - 1)):
            b.m.d.sync += place.eq(0)
    with b.m.If(dut.abandon):
        b.m.d.sync += place.eq(0)
    marked = dut.samples.p.first == b.before(place == 0)
    b.claim("the first of a window is marked", ~taken | marked)
    return b


PROOFS = (
    Proof("AXI results: contract", ("ResultPackets",), "each word stands until taken; TLAST with a "
          "packet's last word alone; a result is taken once for each packet",
          "2 classes, 2 values of 3 bits", result_packets, 24),
    Proof("AXI samples: contract", ("SampleFrames",), "a sample stands until taken or given up; "
          "each that is taken is offered as it was; `first` marks a window's first",
          "window 3 of 4 bits", sample_frames, 16),
)  # fmt: skip
