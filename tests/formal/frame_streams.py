"""Proofs of the streams behind the serial line: frames in, frames out, replays and decisions."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Cat, Mux, Signal

from hwgen import protocol
from hwgen.gateware.decision import NONE, Decision, Vote
from hwgen.gateware.link.kept_values import KeptValues
from hwgen.gateware.link.receiver import FrameReceiver
from hwgen.gateware.link.replay import Replay
from hwgen.gateware.link.transmitter import FrameTransmitter
from hwgen.gateware.sensors.part import Receiver
from hwgen.plans.facts import Answer
from hwgen.protocol import DiagnosisFlag, Type
from tests.formal.contract import claim_steady, modulo_next, offer, steady, take, transfer
from tests.formal.proof import Proof
from tests.formal.prover import Bench

_SPACING = 8
"""Cycles between bytes of a line, at least."""


class Seen(FrameReceiver):
    """A receiver whose state can be looked at; see `_invariants`."""

    STATES = ("PAYLOAD", "SAMPLE", "CRC", "VERIFY")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        for name in ("held", "held_last", "verified", "dirty", "gone", "good", "fault", "window",
                     "asks_window"):  # fmt: skip
            setattr(self, f"seen_{name}", Signal(name=f"seen_{name}"))
        self.seen_state = Signal(len(self.STATES))

    def elaborate(self, platform: Any) -> Any:
        m = super().elaborate(platform)
        m.d.comb += [
            self.seen_held.eq(self._held),
            self.seen_held_last.eq(self._held_last),
            self.seen_verified.eq(self._verified),
            self.seen_dirty.eq(self._dirty),
            self.seen_gone.eq(self._gone),
            self.seen_good.eq(self._frame_good),
            self.seen_fault.eq(self._fault),
            self.seen_window.eq(self._is[Type.WINDOW]),
            self.seen_asks_window.eq(self._header.type == Type.WINDOW),
            self.seen_state.eq(Cat(*(self._parser.ongoing(name) for name in self.STATES))),
        ]
        return m


def _invariants(b: Bench, dut: Seen) -> None:
    """Claim what is true of the state that it can reach, without which no induction closes."""
    payload, sample, crc, verify = dut.seen_state
    offered, held, last = dut.samples.valid, dut.seen_held, dut.seen_held_last
    new = ~dut.seen_verified & last & held & ~offered
    b.claim("what is offered is held", ~offered | held)
    b.claim(
        "a window's last sample waits for its check sum",
        ~(held & last & offered) | dut.seen_verified,
    )
    b.claim(
        "what is verified is whole and held, or has just gone",
        ~dut.seen_verified | (held & last) | dut.seen_gone,
    )
    b.claim("what has gone is no longer held", ~dut.seen_gone | ~held)
    b.claim(
        "the type is known behind the header",
        ~(payload | sample | crc | verify) | (dut.seen_window == dut.seen_asks_window),
    )
    b.claim("samples are a window's", ~sample | dut.seen_window)
    b.claim("behind its samples a window's last is held", ~((crc | verify) & dut.seen_window) | new)
    b.claim("a good window's last is held", ~(dut.seen_good & dut.seen_window) | new)
    b.claim("no fault with what is good", ~dut.seen_fault | ~dut.seen_good)
    b.claim(
        "what is held, no last and not offered has just come",
        ~(held & ~last & ~offered) | ~dut.seen_fault,
    )
    b.claim(
        "what is verified is not to be given up",
        ~(held & last & dut.seen_verified) | ~dut.seen_dirty,
    )


def frame_receiver(make: Any = Seen) -> Bench:
    """What is offered stands, and a void sample is void until it is taken."""
    b = Bench(resets=True)
    b.m.submodules.dut = dut = make(2, 4, 40)
    offer(b, dut.i, "i", steadily=False)
    for name in ("broken", "low", "done", "engaged"):
        b.drive(getattr(dut, name), name)
    spacing = Signal(range(_SPACING))
    with b.m.If(dut.i.valid | dut.broken):
        b.m.d.sync += spacing.eq(_SPACING - 1)
    with b.m.Elif(spacing != 0):
        b.m.d.sync += spacing.eq(spacing - 1)
    b.assume((spacing == 0) | ~(dut.i.valid | dut.broken))
    b.assume(~(dut.i.valid & dut.broken))
    for name in ("samples", "answer", "refusal"):
        take(b, getattr(dut, name), name)
    claim_steady(b, dut.answer, "answer: ")
    claim_steady(b, dut.refusal, "refusal: ")
    claim_steady(b, dut.samples, "sample: ")
    waits = dut.samples.valid & ~dut.samples.ready
    given_up = b.run & b.before(waits & dut.abandon)
    b.claim("a void sample stays void until it is taken", ~given_up | dut.abandon)
    _invariants(b, dut)
    return b


class SeenSender(FrameTransmitter):
    """A transmitter whose state can be looked at; see `_sender_invariants`."""

    STATES = ("IDLE", "SYNC", "FETCH", "ASK", "READ", "PICK", "BODY", "CRC", "SUM")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.seen_state = Signal(len(self.STATES))
        self.seen_index = Signal(8)
        self.seen_word, self.seen_byte, self.seen_last = Signal(32), Signal(8), Signal()
        self.seen_kind, self.seen_code, self.seen_sequence = Signal(8), Signal(8), Signal(16)
        self.seen_length, self.seen_with_result = Signal(16), Signal()

    def elaborate(self, platform: Any) -> Any:
        m = super().elaborate(platform)
        m.d.comb += [
            self.seen_state.eq(Cat(*(self._sender.ongoing(name) for name in self.STATES))),
            self.seen_index.eq(self._index),
            Cat(self.seen_word, self.seen_byte, self.seen_last).eq(Cat(*self._fetched)),
            self.seen_kind.eq(self._kind),
            self.seen_code.eq(self._code),
            self.seen_sequence.eq(self._sequence),
            self.seen_length.eq(self._length),
            self.seen_with_result.eq(self._with_result),
        ]
        return m


def _sender_invariants(
    b: Bench, dut: SeenSender, sending: Any, place: Any, code: Any, sequence: Any, head: list[Any]
) -> None:
    """Claim where the sender is in a refusal's frame, without which no induction closes."""
    idle, sync, fetch, ask, read, pick, body, crc, summed = dut.seen_state
    index, sums = dut.seen_index, crc | summed
    within = fetch | ask | read | pick | body
    b.claim("it is sending", ~sending | ~idle)
    b.claim(
        "a refusal",
        ~sending
        | (
            (dut.seen_kind == Type.ERROR)
            & (dut.seen_code == code)
            & (dut.seen_length == 1)
            & (dut.seen_sequence == sequence)
            & ~dut.seen_with_result
        ),
    )
    b.claim("the sync's bytes", ~(sending & sync) | ((place == index) & (index < 2)))
    b.claim("the body's bytes", ~(sending & within) | ((place == index + 2) & (index < 9)))
    b.claim("the check sum's bytes", ~(sending & sums) | ((place == index + 11) & (index < 4)))
    b.claim(
        "its words",
        ~(sending & pick) | (dut.seen_word.word_select(index[:2], 8) == Array(head)[place]),
    )
    b.claim("its end", ~(sending & body) | (dut.seen_last == (index == 8)))
    b.claim("its byte", ~(sending & body) | (dut.seen_byte == Array(head)[place]))


def frame_transmitter(make: Any = SeenSender) -> Bench:
    """Every byte stands until it is taken; what is asked first leaves as one whole frame."""
    b = Bench()
    hello = protocol.Hello(
        digest=bytes(range(protocol.DIGEST_BYTES)), input_samples=2, clock_khz=3, classes=2,
        adc_bits=4, timeout_us=5, features=protocol.Feature.NONE,
    )  # fmt: skip
    b.m.submodules.dut = dut = make(hello, Answer(2, 4, 0, 0))
    for name in ("refusal", "answer", "result"):
        offer(b, getattr(dut, name), name)
    b.assume((dut.answer.p.type == Type.HELLO_REPLY) | (dut.answer.p.type == Type.STATUS_REPLY))
    for name in ("state", "count"):
        b.drive(getattr(dut, name), name)
    take(b, dut.o, "o")
    claim_steady(b, dut.o)
    asked = Cat(*(transfer(getattr(dut, name)) for name in ("refusal", "answer", "result")))
    b.claim("one request at a time", (asked == 0) | (asked & (asked - 1) == 0))
    b.claim("a refusal first", ~transfer(dut.answer) | ~dut.refusal.valid)
    # The refusal's frame, byte by byte, from the one that was taken last.
    code, sequence = Signal(8), Signal(16)
    sending, place = Signal(), Signal(range(64))
    with b.m.If(transfer(dut.o)):
        b.m.d.sync += place.eq(place + 1)
    with b.m.If(transfer(dut.refusal)):
        b.m.d.sync += [
            code.eq(dut.refusal.p.code), sequence.eq(dut.refusal.p.sequence),
            sending.eq(1), place.eq(0),
        ]  # fmt: skip
    size = 2 + protocol.HEADER_BYTES + 1 + 4
    head = [
        *protocol.SYNC, protocol.PROTOCOL_VERSION, Type.ERROR.value, sequence[:8], sequence[8:],
        1, 0, 0, 0, code,
    ]  # fmt: skip
    with b.m.If(transfer(dut.o) & (place == size - 1)):
        b.m.d.sync += sending.eq(0)
    _sender_invariants(b, dut, sending, place, code, sequence, head)
    mine = sending & dut.o.valid & (place < len(head))
    b.claim("its bytes are the refusal's", ~mine | (dut.o.payload == Array(head)[place]))
    b.claim("nothing is taken until it has gone", ~sending | (asked == 0))
    return b


def replay(make: Any = Replay, window: int = 3, most: int = 3) -> Bench:
    """The stored window comes out as often as was asked for, each sample once, in order."""
    b = Bench()
    b.m.submodules.dut = dut = make(window, 2, 1)
    for name in ("start", "count", "result", "mark", "done"):
        b.drive(getattr(dut, name), name)
    for name in ("enable", "address", "value"):
        b.drive(getattr(dut.store, name), f"store_{name}")
    take(b, dut.samples, "samples")
    claim_steady(b, dut.samples)
    kept = [Signal(2, name=f"kept_{n}") for n in range(window)]
    written = b.age(3)  # a write takes its time to be seen
    with b.m.If(dut.store.enable):
        b.m.d.sync += Array(kept)[dut.store.address].eq(dut.store.value)
        b.m.d.sync += written.eq(0)
    total, came = Signal(range(most * window + 1)), Signal(range(most * window + 2))
    place = Signal(range(window))
    with b.m.If(transfer(dut.samples)):
        b.m.d.sync += [came.eq(came + 1), place.eq(modulo_next(place, window))]
    with b.m.If(dut.start):
        b.m.d.sync += [total.eq(dut.count * window), came.eq(0), place.eq(0)]
    b.assume((dut.count >= 1) & (dut.count <= most) & (dut.store.address < window))
    b.assume(~dut.start | (~dut.active & (written == 3)))
    b.assume(~(dut.store.enable & (dut.active | dut.start)))
    b.assume(~dut.done | (dut.active & (came == total)))
    offered = dut.samples.valid & dut.active
    b.claim("as often as was asked for", ~offered | (came < total))
    b.claim(
        "the window's samples", ~offered | (dut.samples.p.value.as_unsigned() == Array(kept)[place])
    )
    b.claim("first marks its first", ~offered | (dut.samples.p.first == (place == 0)))
    b.claim("none is left behind it", ~dut.samples.valid | dut.active)
    idle = Signal(range(16))
    with b.m.If(offered | ~dut.active | (came == total)):
        b.m.d.sync += idle.eq(0)
    with b.m.Elif(idle != 15):
        b.m.d.sync += idle.eq(idle + 1)
    b.claim("the next comes within 8 cycles", idle < 8)
    return b


def decision(make: Any = Decision, margin: int = 2) -> Bench:
    """Each result is taken once, and what is said of it is what the last windows were."""
    b = Bench()
    classes, width = 2, 3
    vote = Vote(2, 3)
    core = Answer(classes, width, 0, 0)
    b.m.submodules.dut = dut = make(core, faulty=(1,), vote=vote, margin=margin)
    offer(b, dut.result, "result")
    b.drive(dut.faults, "faults")
    b.drive(dut.restart, "restart")
    b.assume(~(b.run & b.before(dut.result.valid & ~dut.result.ready)) | ~dut.restart)
    b.assume(~dut.restart | ~dut.result.valid)
    b.assume(~b.run | (dut.faults == b.before(dut.faults)) | ~dut.result.valid)
    b.claim("taken when it is there", ~dut.result.ready | dut.result.valid)
    waited = Signal(range(16))
    with b.m.If(~dut.result.valid | dut.result.ready):
        b.m.d.sync += waited.eq(0)
    with b.m.Elif(waited != 15):
        b.m.d.sync += waited.eq(waited + 1)
    b.claim(
        "after so many cycles", ~dut.result.valid | (dut.result.ready == (waited == dut.cycles))
    )
    low, high = dut.result.p.logits
    gap = Mux(low > high, low - high, high - low)
    known = (gap >= margin) & (dut.faults == 0)
    history = [Signal(2, name=f"window_{n}") for n in range(vote.last - 1)]  # known, class
    entry = Cat(known, dut.result.p.class_)
    with b.m.If(dut.restart):
        b.m.d.sync += [one.eq(0) for one in history]
    with b.m.Elif(dut.result.ready):
        b.m.d.sync += [history[0].eq(entry), history[1].eq(history[0])]
    last = [entry, *history]
    counts = [sum((one[0] & (one[1] == n) for one in last), start=0) for n in range(classes)]
    confirmed = Mux(counts[0] >= vote.needed, 0, Mux(counts[1] >= vote.needed, 1, NONE))
    alarm = counts[1] >= vote.needed
    told = ~dut.result.ready
    b.claim("the class that won the vote", told | (dut.class_ == confirmed))
    b.claim("the alarm of the faulty", told | (dut.alarm == alarm))
    flags = Mux(known, 0, DiagnosisFlag.UNKNOWN.value) | Mux(alarm, DiagnosisFlag.ALARM.value, 0)
    b.claim("its flags", told | (dut.flags == flags))
    return b


class _Given(Receiver):
    """A part that is nothing but what all of them share."""

    def __init__(self, settle: int) -> None:
        super().__init__(3, "i2s", ())
        self.when, self.value, self.again = Signal(), Signal(3), Signal()
        self.settle = settle

    def elaborate(self, platform: Any) -> Any:
        from amaranth.hdl import Module

        m = Module()
        anew = self.give(m, self.when, self.value, settle=self.settle)
        m.d.comb += anew.eq(self.again)
        return m


def receiver(settle: int = 2) -> Bench:
    """A sample each time, after the ones in which the part settles; the first is marked."""
    b = Bench(resets=True)
    b.m.submodules.dut = dut = _Given(settle)
    for name in ("when", "value", "again"):
        b.drive(getattr(dut, name), name)
    seen = Signal(range(settle + 2))
    fresh = Signal(init=1)
    with b.m.If(dut.again):
        b.m.d.sync += [seen.eq(0), fresh.eq(1)]
    with b.m.Elif(dut.when & (seen != settle)):
        b.m.d.sync += seen.eq(seen + 1)
    with b.m.Elif(dut.when):
        b.m.d.sync += fresh.eq(0)
    given = dut.when & (seen == settle) & ~dut.again
    b.claim("a sample each time", ~b.run | b.before(dut.again) | (dut.o.valid == b.before(given)))
    came = b.run & b.before(given)
    b.claim("with its value", ~came | (dut.o.p.value.as_unsigned() == b.before(dut.value)))
    b.claim("first marks the first", ~came | (dut.o.p.first == b.before(fresh)))
    return b


def kept_values(make: Any = KeptValues, count: int = 5) -> Bench:
    """A window's values once each, in order; none of one that is not wanted any more."""
    b = Bench(resets=True)
    b.m.submodules.dut = dut = make(count, 2)
    for name in ("restart", "write", "value"):
        b.drive(getattr(dut, name), name)
    take(b, dut.o, "o")
    written, read = Signal(range(count + 1)), Signal(range(count + 1))
    moved = transfer(dut.o)
    b.assume(~dut.write | (~dut.restart & (written != count)))
    with b.m.If(dut.write):
        b.m.d.sync += written.eq(written + 1)
    with b.m.If(moved):
        b.m.d.sync += read.eq(read + 1)
    with b.m.If(dut.restart):
        b.m.d.sync += [written.eq(0), read.eq(0)]
    which, kept = b.constant(range(count), "which"), Signal(2)
    with b.m.If(dut.write & (written == which)):
        b.m.d.sync += kept.eq(dut.value)
    for text, holds in steady(b, dut.o):
        b.claim(text, holds | b.before(dut.restart))
    b.claim("nothing comes that was not written", ~dut.o.valid | (read < written))
    its = dut.o.valid & (read == which)
    b.claim("what comes is what was written", ~its | (dut.o.payload == kept.as_signed()))
    return b


PROOFS = (
    Proof("kept values: contract", ("KeptValues",), "the values of a window once each, in order; "
          "what is offered stands, unless it is not wanted any more",
          "2 bits, 5 values a window", kept_values, 24),
    Proof("frames in: contract", ("FrameReceiver",), "answers, refusals and samples stand until "
          "taken; a sample that is given up while it is offered is void until then",
          "2 samples of 4 bits", frame_receiver, 24, 8),
    Proof("frames out: contract", ("FrameTransmitter",), "each byte stands until taken; refusals "
          "first; a refusal leaves as its whole frame before anything else is taken",
          "2 classes of 4 bits", frame_transmitter, 20, 10),
    Proof("replay: contract", ("Replay",), "samples stand; the stored window comes as often as "
          "asked, each sample once, in order, `first` at its head, without a long wait",
          "window 3 of 2 bits, up to 3 times", replay, 22),
    Proof("decision: contract", ("Decision",), "each result is taken once, after `cycles`; class, "
          "flags and alarm are what an independent history of windows says",
          "2 classes of 3 bits, vote 2/3, margin 2", decision, 38, slow=True),
    Proof("parts: what they share", ("Receiver",), "one sample each time after settling, with its "
          "value; `first` marks the first", "3 bits, settling 2", receiver, 14),
)  # fmt: skip
