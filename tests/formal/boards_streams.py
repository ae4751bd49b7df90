"""Proofs of the streams between line, sensor and core."""

from __future__ import annotations

from amaranth.hdl import Array, Cat, Const, Mux, Signal

from hwgen.gateware.link.turns import Turns
from hwgen.gateware.link.uart import UartReceiver, UartTransmitter
from hwgen.gateware.sensors.feed import Feed, Overlap
from hwgen.gateware.sensors.watch import Watch
from tests.formal.contract import (
    claim_passes,
    claim_steady,
    counted,
    counted_in_a_row,
    modulo_next,
    offer,
    take,
    transfer,
)
from tests.formal.proof import Proof
from tests.formal.prover import Bench


def feed_stands(make=Feed) -> Bench:
    """Every sample that is taken in stands until it is taken; what finds no room is counted."""
    b = Bench(resets=True)
    b.m.submodules.dut = dut = make(3, 4, 3)
    offer(b, dut.i, "i", steadily=False)
    b.drive(dut.run, "run")
    take(b, dut.o, "o")
    claim_steady(b, dut.o)
    waits = dut.o.valid & ~dut.o.ready
    comes = dut.i.valid & dut.run
    accepted, lost = b.before(comes & ~waits), b.before(comes & waits)
    held, value = b.before(waits), b.before(dut.i.p.value)
    b.claim("one in gives one out", ~b.run | (dut.o.valid == (accepted | held)))
    b.claim("its value is its", ~(b.run & accepted) | (dut.o.p.value == value.as_signed()))
    was = b.before(dut.overruns)
    more = Mux(was.all(), was, was + lost)
    b.claim("a loss is counted once", ~b.run | (dut.overruns == more))
    b.claim("a loss is told", ~(b.run & lost) | dut.lost)
    return b


def feed_marks(make=Feed, window: int = 3, every: int | None = 3) -> Bench:
    """First marks what does not follow on the one before, and each window's first."""
    b = Bench()
    b.m.submodules.dut = dut = make(2, window, every)
    offer(b, dut.i, "i", steadily=False)
    b.drive(dut.run, "run")
    take(b, dut.o, "o")
    comes, waits = dut.i.valid & dut.run, dut.o.valid & ~dut.o.ready
    accepted, lost = comes & ~waits, comes & waits
    follows = Signal()  # the next sample follows on the last that was accepted
    place = Signal(range(max(2, window)))
    first = Signal()
    b.m.d.comb += first.eq(~follows | dut.i.p.first | (0 if every is None else place == 0))
    with b.m.If(accepted):
        begins = ~follows | dut.i.p.first
        b.m.d.sync += place.eq(modulo_next(Mux(begins, 0, place), every or window))
    b.m.d.sync += follows.eq((follows | accepted) & ~lost & dut.run)
    b.claim(
        "first marks a break and a window's first",
        ~(b.run & b.before(accepted)) | (dut.o.p.first == b.before(first)),
    )
    since = Signal(range(window + 1), init=window)  # samples taken since a loss
    with b.m.If(lost):
        b.m.d.sync += since.eq(0)
    with b.m.Elif(transfer(dut.o) & (since != window)):
        b.m.d.sync += since.eq(since + 1)
    b.claim("a loss is told for a window", dut.lost == (since != window))
    return b


def overlap(make=Overlap, window: int = 3, hop: int = 2) -> Bench:
    """Whole windows come out, one every `hop` samples, each sample as it went in."""
    b = Bench()
    b.m.submodules.dut = dut = make(2, window, hop)
    offer(b, dut.i, "i")
    take(b, dut.o, "o")
    claim_steady(b, dut.o)
    went, came = transfer(dut.i), transfer(dut.o)
    last = [Signal(2, name=f"last_{n}") for n in range(window)]  # the newest first
    missing = Signal(range(window + 1), init=window)
    left = Mux(dut.i.p.first, window, missing)
    complete = Signal()
    b.m.d.comb += complete.eq(went & (left == 1))
    with b.m.If(went):
        b.m.d.sync += [
            Cat(*last).eq(Cat(dut.i.p.value, *last[:-1])),
            missing.eq(Mux(left == 1, hop, left - 1)),
        ]
    which = b.constant(range(4), "which")
    windows, left_whole = counted(b, complete, 4, "windows"), Signal(range(5))
    place = Signal(range(window))
    kept = [Signal(2, name=f"kept_{n}") for n in range(window)]  # the oldest first
    with b.m.If(complete & (windows == which)):
        b.m.d.sync += Cat(*kept).eq(Cat(*last[: window - 1][::-1], dut.i.p.value))
    with b.m.If(came):
        b.m.d.sync += place.eq(modulo_next(place, window))
        with b.m.If((place == window - 1) & (left_whole != 4)):
            b.m.d.sync += left_whole.eq(left_whole + 1)
    b.claim("no window comes that is not whole", ~dut.o.valid | (left_whole < windows))
    b.claim(
        "its samples come in their order",
        ~(dut.o.valid & (left_whole == which))
        | (dut.o.p.value.as_unsigned() == Array(kept)[place]),
    )
    b.claim("first marks its first", ~dut.o.valid | (dut.o.p.first == (place == 0)))
    return b


def overlap_moves() -> Bench:
    """A consumer that always takes gets every whole window, and samples are then taken."""
    b = Bench()
    b.m.submodules.dut = dut = Overlap(2, 3, 2)
    offer(b, dut.i, "i")
    b.m.d.comb += dut.o.ready.eq(1)
    idle = counted_in_a_row(b, dut.i.valid & ~dut.i.ready, 15)
    b.claim("no sample waits for ever", idle != 12)
    return b


def turns(make=Turns, drain: int = 3, silence: int = 5) -> Bench:
    """Nobody has the core in between, for as long as it needs to drain; nobody keeps it unheard."""
    b = Bench(resets=True)
    b.m.submodules.dut = dut = make(drain, silence)
    for name in ("set", "on", "heard", "offered", "idle"):
        b.drive(getattr(dut, name), name)
    host = Signal()
    wish = Signal(init=1)  # as the host last said
    between = Signal(range(drain + 1))
    quiet = Signal(range(silence + 3))
    b.m.d.comb += host.eq(~dut.live & ~dut.switching)
    with b.m.If(dut.set):
        b.m.d.sync += wish.eq(dut.on)
    with b.m.If(~dut.switching):
        b.m.d.sync += between.eq(0)
    with b.m.Elif(between != drain):
        b.m.d.sync += between.eq(between + 1)
    with b.m.If(dut.heard | dut.set):
        b.m.d.sync += quiet.eq(0)
    with b.m.Elif(quiet != silence + 2):
        b.m.d.sync += quiet.eq(quiet + 1)
    was_live, was_host = b.run & b.before(dut.live), b.run & b.before(host)
    was_between = b.run & b.before(dut.switching)
    b.claim("one has the core or none", ~(dut.live & dut.switching))
    b.claim("samples are made in the sensor's turn only", ~dut.run | dut.live)
    b.claim("turns do not change at once", ~(was_live & host) & ~(was_host & dut.live))
    b.claim(
        "the core drains in between",
        ~was_between | dut.switching | (b.before(between) >= drain - 1),
    )
    b.claim("and no longer, but for the wish", between <= drain)
    b.claim(
        "no sample is left that was offered", ~(was_live & dut.switching) | ~b.before(dut.offered)
    )
    b.claim("the host's windows end", ~(was_host & dut.switching) | b.before(dut.idle))
    b.claim("the host is told", ~(dut.live | dut.switching) | dut.engaged)
    b.claim("what the sensor is not to have it leaves", ~dut.run | dut.engaged)
    b.claim("the host's wish counts", ~(b.run & b.before(dut.set & ~dut.on)) | ~dut.run)
    b.claim("a wish for the sensor counts", ~(b.run & b.before(dut.set & dut.on)) | dut.engaged)
    b.claim("a silent host loses it", (quiet != silence + 2) | dut.engaged)
    return b


def turns_move(make=Turns) -> Bench:
    """The turn does change where the wish stands and nothing is in the way."""
    b = Bench()
    drain = 3
    b.m.submodules.dut = dut = make(drain, 1000)
    for name in ("set", "on"):
        b.drive(getattr(dut, name), name)
    b.m.d.comb += [dut.idle.eq(1), dut.heard.eq(1)]
    wish = Signal(init=1)
    stood = Signal(range(2 * drain + 8))
    with b.m.If(dut.set):
        b.m.d.sync += [wish.eq(dut.on), stood.eq(0)]
    with b.m.Elif(stood != 2 * drain + 7):
        b.m.d.sync += stood.eq(stood + 1)
    # The turn before may just have begun to change the other way.
    late = stood >= 2 * drain + 4
    b.claim("who is to have the core has it", ~late | (dut.live == wish))
    b.claim("and it is not in between", ~late | ~dut.switching)
    return b


def transmitter(make=UartTransmitter, divisor: int = 8) -> Bench:
    """Each byte is a start bit, its bits and a stop bit, `divisor` cycles each; then the next."""
    b = Bench()
    b.m.submodules.dut = dut = make(divisor)
    offer(b, dut.i, "i", steadily=False)
    frame = Signal(10)
    since = Signal(range(10 * divisor + 1), init=10 * divisor)
    with b.m.If(transfer(dut.i)):
        b.m.d.sync += [frame.eq(Cat(Const(0, 1), dut.i.payload, Const(1, 1))), since.eq(0)]
    with b.m.Elif(since != 10 * divisor):
        b.m.d.sync += since.eq(since + 1)
    shown = Mux(since == 10 * divisor, 1, Array(frame)[since // divisor])
    b.claim("the line shows the byte", dut.tx == shown)
    b.claim("a byte is taken when the one before has gone", dut.i.ready == (since == 10 * divisor))
    return b


def line(make=UartReceiver, pause: int | None = None) -> Bench:
    """What a transmitter sends its receiver gets: nothing lost, nothing twice, in order.

    Parameters
    ----------
    pause
        Most cycles without a byte, once one may be sent; None: any.
    """
    b = Bench()
    b.m.submodules.sender = sender = UartTransmitter(8)
    b.m.submodules.dut = dut = make(8)
    offer(b, sender.i, "i", steadily=False)
    b.m.d.comb += dut.rx.eq(sender.tx)
    if pause is not None:
        idle = counted_in_a_row(b, sender.i.ready & ~sender.i.valid, pause + 1)
        b.assume(idle <= pause)
    claim_passes(b, transfer(sender.i), sender.i.payload, dut.o.valid, dut.o.payload, 2, room=1)
    late = Signal(range(100))  # since a byte was taken without one having come
    with b.m.If(transfer(sender.i)):
        b.m.d.sync += late.eq(1)
    with b.m.Elif(dut.o.valid):
        b.m.d.sync += late.eq(0)
    with b.m.Elif((late != 0) & (late != 99)):
        b.m.d.sync += late.eq(late + 1)
    b.claim("a byte comes before the next", late < 82)
    b.claim("none is broken", ~dut.broken)
    return b


def watch(make=Watch, samples: int = 3, clips: int = 2) -> Bench:
    """Stuck and clipped are what the last samples were."""
    b = Bench()
    bits = 3
    b.m.submodules.dut = dut = make(bits, samples, clips)
    offer(b, dut.i, "i", steadily=False)
    last = [Signal(bits, name=f"last_{n}") for n in range(samples)]
    seen = counted(b, dut.i.valid, samples, "seen")
    end = Signal()
    value = dut.i.payload
    b.m.d.comb += end.eq((value == 3) | (value == -4))
    ends, place = Signal(range(samples + 1)), Signal(range(samples))
    clipped = Signal()
    now = ends + end
    with b.m.If(dut.i.valid):
        b.m.d.sync += [
            Cat(*last).eq(Cat(value, *last[:-1])),
            place.eq(modulo_next(place, samples)),
            ends.eq(Mux(place == samples - 1, 0, now)),
        ]
        # On from the sample that is one too many, off with a round that had fewer.
        with b.m.If(now >= clips):
            b.m.d.sync += clipped.eq(1)
        with b.m.Elif(place == samples - 1):
            b.m.d.sync += clipped.eq(0)
    equal = Cat(*(one == last[0] for one in last)).all()
    # What is before the first sample counts as zeros: registers start so.
    b.claim("stuck says that the last samples are equal", (seen != samples) | (dut.stuck == equal))
    b.claim("clipped says that many were at an end", dut.clipped == clipped)
    return b


PROOFS = (
    Proof("feed: contract", ("Feed",),
          "the output stands until taken; a sample in is a sample out with its value, or is "
          "counted as lost once and told", "3 bits, window 4, every 3", feed_stands, 12, 2),
    Proof("feed: marks", ("Feed",),
          "`first` marks each break and each window's first; `lost` stands for a window of samples",
          "2 bits, window 3, every 3", feed_marks, 20),
    Proof("feed: marks, endless", ("Feed",), "the same without windows of its own",
          "2 bits, window 4, every none", lambda: feed_marks(window=4, every=None), 20),
    Proof("overlap: contract", ("Overlap",),
          "the output stands; whole windows only, every sample of them once, in order, `first` at "
          "their head, whatever `first` comes in between", "2 bits, window 3, hop 2", overlap,
          22, slow=True),
    Proof("overlap: short", ("Overlap",), "the same", "2 bits, window 2, hop 1",
          lambda: overlap(window=2, hop=1), 13),
    Proof("overlap: every sample a window", ("Overlap",), "the same", "2 bits, window 3, hop 1",
          lambda: overlap(hop=1), 22, slow=True),
    Proof("overlap: windows side by side", ("Overlap",), "the same", "2 bits, window 3, hop 3",
          lambda: overlap(hop=3), 22, slow=True),
    Proof("overlap: moves", ("Overlap",),
          "no sample waits longer than 11 cycles for a consumer that always takes",
          "2 bits, window 3, hop 2", overlap_moves, 30),
    Proof("turns: arbiter", ("Turns",),
          "sensor, nobody or host; never from one to the other without `drain_cycles` of nobody; "
          "nothing is cut off; the host is told; a silent host loses the core",
          "drain 3, silence 5", turns, 24, 12),
    Proof("turns: moves", ("Turns",), "a wish that stands is granted within 2 drains and 4 cycles",
          "drain 3", turns_move, 30),
    Proof("uart: transmitter", ("UartTransmitter",),
          "each byte taken is its ten bits on the line, and ready is low until they have gone",
          "divisor 8", transmitter, 180, stride=16, slow=True),
    Proof("uart: line", ("UartTransmitter", "UartReceiver"),
          "bytes come out of the receiver as they went into the transmitter, each once, in order",
          "divisor 8", line, 176, stride=16, slow=True),
    Proof("uart: line without a pause", ("UartTransmitter", "UartReceiver"),
          "the same of bytes at most 2 cycles apart", "divisor 8", lambda: line(pause=2), 176,
          stride=16),
    Proof("watch: sink", ("Watch",), "every sample counts once: stuck and clipped are what an "
          "independent history says", "3 bits, 3 samples, 2 clips", watch, 14),
)  # fmt: skip
