"""Proofs of the streams of the front-ends and of whole accelerators."""

from __future__ import annotations

import itertools
from typing import Any

from amaranth.hdl import Array as Choice
from amaranth.hdl import Mux, Signal

from hwgen.hardware.heads.value_stream import ValueStream
from hwgen.hardware.sources.dft.intake import DftIntake
from hwgen.hardware.sources.fft.intake import Intake
from hwgen.plans.value_stream import ValueStreamPlan
from tests.formal.contract import claim_steady, counted, modulo_next, offer, take, transfer
from tests.formal.proof import Proof
from tests.formal.prover import Bench


def intake(make: Any = Intake, window: int = 4) -> Bench:
    """Pairs of a window's samples, each once, in order; none of one that is given up."""
    b = Bench(resets=True)
    b.m.submodules.dut = dut = make(window, 3)
    offer(b, dut.i, "i")
    for name in ("abandon", "permit"):
        b.drive(getattr(dut, name), name)
    went = transfer(dut.i) & ~dut.abandon
    left = Signal(range(window + 1))  # samples missing to the window in progress; 0: none is
    even = Signal(3)
    with b.m.If(went & dut.i.p.first):
        b.m.d.sync += left.eq(window - 1)
    with b.m.Elif(went & (left != 0)):
        b.m.d.sync += left.eq(left - 1)
    with b.m.If(dut.abandon):
        b.m.d.sync += left.eq(0)
    with b.m.If(went):
        b.m.d.sync += even.eq(dut.i.p.value)
    within = went & ~dut.i.p.first & (left != 0)
    pair = within & (((window - left) & 1) == 1)
    came = b.run & b.before(pair)
    b.claim("ready only falls between windows", dut.i.ready == ((left != 0) | dut.permit))
    b.claim("a pair for two samples of a window", ~b.run | (dut.o.valid == b.before(pair)))
    b.claim("its real part came first", ~came | (dut.o.re == b.before(even).as_signed()))
    b.claim("then its imaginary part", ~came | (dut.o.im == b.before(dut.i.p.value).as_signed()))
    b.claim("first marks a window's first", ~came | (dut.o.first == b.before(left == window - 1)))
    b.claim("complete with the last", dut.complete == (within & (left == 1)))
    return b


def dft_intake(make: Any = DftIntake, window: int = 4, hop: int = 2, words: int = 3) -> Bench:
    """A sweep for each sample of a stream, with its value and what leaves the window."""
    b = Bench()
    pause = 5
    b.m.submodules.dut = dut = make(window, 3, hop, words, pause)
    offer(b, dut.i, "i")
    for name in ("abandon", "permit"):
        b.drive(getattr(dut, name), name)
    moved = transfer(dut.i)
    inside = Signal()  # a stream goes on
    seen = Signal(range(window + 1))  # samples of it, up to a window
    due = Signal(range(window + 1))  # samples until a window is complete
    taken = moved & ~dut.abandon & (inside | dut.i.p.first)
    missing = Mux(dut.i.p.first, window, due)
    complete = taken & (missing == 1)
    last = [Signal(3, name=f"last_{n}") for n in range(window)]
    with b.m.If(taken):
        b.m.d.sync += [
            due.eq(Mux(missing == 1, hop, missing - 1)),
            inside.eq(1 if hop < window else missing != 1),
            seen.eq(Mux(dut.i.p.first, 1, Mux(seen == window, window, seen + 1))),
            last[0].eq(dut.i.p.value),
            *(older.eq(newer) for newer, older in itertools.pairwise(last)),
        ]
    with b.m.If(dut.abandon | dut.rewind):
        b.m.d.sync += inside.eq(0)
    rest = Signal(range(pause + 1))
    with b.m.If(taken):
        b.m.d.sync += rest.eq(pause - 1)
    with b.m.Elif(rest != 0):
        b.m.d.sync += rest.eq(rest - 1)
    b.claim("complete with a window's last", dut.complete == complete)
    b.claim("no window is completed unasked", ~dut.complete | dut.permit)
    b.claim("samples of a stream are a pause apart", (rest == 0) | ~taken)
    b.claim("a sweep for each sample", ~b.run | (dut.start == b.before(taken)))
    swept = b.run & b.before(taken)
    old = Signal(3)
    full = ~dut.i.p.first & (seen == window)
    b.m.d.comb += old.eq(last[window - 1])
    leaves = Mux(full, old.as_signed(), 0) if hop < window else 0
    wanted = dut.i.p.value - leaves
    b.claim("of the value less what leaves", ~swept | (dut.operand == b.before(wanted).as_signed()))
    b.claim("final with a window's last", ~swept | (dut.final == b.before(complete)))
    word = Signal(range(words + 1), init=words)
    with b.m.If(taken):
        b.m.d.sync += word.eq(0)
    with b.m.Elif(word != words):
        b.m.d.sync += word.eq(word + 1)
    b.claim("every word once, in order", dut.valid == (word != words))
    b.claim("each by its number", ~dut.valid | (dut.word == word))
    b.claim("last with the last", dut.last == (word == words - 1))
    return b


def value_stream(make: Any = ValueStream, numbers: int = 2, most: int = 2) -> Bench:
    """Each window's values once, in order, whole, but of none that is given up."""
    b = Bench(resets=True)
    b.m.submodules.dut = dut = make(ValueStreamPlan((numbers,), 2))
    for name in ("begin", "write", "values", "known", "drop", "abort"):
        b.drive(getattr(dut, name), name)
    take(b, dut.o, "o")
    write, value = dut.write[0], dut.values[0]
    # Who writes: a window at a time, all of its values, then whether they are to leave.
    begun, written = Signal(), Signal(range(numbers + 1))
    b.assume(~dut.begin | (dut.room & ~begun))
    b.assume(~write | (begun & (written != numbers)))
    b.assume(~dut.known | (begun & (written == numbers) & ~dut.abort))
    b.assume(~dut.abort | begun)
    with b.m.If(dut.begin):
        b.m.d.sync += [begun.eq(1), written.eq(0)]
    with b.m.Elif(dut.known | dut.abort):
        b.m.d.sync += begun.eq(0)
    with b.m.Elif(write):
        b.m.d.sync += written.eq(written + 1)
    row = [Signal(2, name=f"row_{n}") for n in range(numbers)]
    for number, held in enumerate(row):
        with b.m.If(write & (written == number)):
            b.m.d.sync += held.eq(value)
    given, moved, at = dut.known & ~dut.drop, transfer(dut.o), Signal(range(numbers))
    with b.m.If(moved):
        b.m.d.sync += at.eq(modulo_next(at, numbers))
    which = b.constant(range(most), "which")
    sent = counted(b, given, most, "sent")
    came = counted(b, moved & (at == numbers - 1), most, "came")
    kept = [Signal.like(held, name=f"kept_{n}") for n, held in enumerate(row)]
    with b.m.If(given & (sent == which)):
        b.m.d.sync += [mine.eq(held) for mine, held in zip(kept, row, strict=True)]
    claim_steady(b, dut.o)
    b.claim("nothing comes that was not given", ~dut.o.valid | (came < sent) | (sent == most))
    wanted = Choice(kept)[at].as_signed()
    b.claim("what comes is what was given", ~moved | (came != which) | (dut.o.p.value == wanted))
    b.claim("first marks a window's first", ~moved | (dut.o.p.first == (at == 0)))
    b.claim("last marks a window's last", ~moved | (dut.o.p.last == (at == numbers - 1)))
    return b


PROOFS = (
    Proof("value stream: contract", ("ValueStream",), "the values of each window once, whole, in "
          "order, marked first and last, whenever they are taken; none of a window that is given "
          "up, before it is known or then; what is offered stands",
          "2 bits, 2 values a window", value_stream, 18),
    Proof("intake: contract", ("Intake",), "each pair of a window's samples once, in order, with "
          "its values; ready falls between windows only; given up by `abandon`, `first` or reset",
          "3 bits, window 4", intake, 16),
    Proof("intake by accumulation: contract", ("DftIntake",), "one sweep of all words for each "
          "sample, of its value less the one that leaves the window; a pause between samples; no "
          "window is completed without `permit`; given up by `abandon` or `first`",
          "3 bits, window 4, hop 2, 3 words, pause 5", dft_intake, 40, slow=True),
    Proof("intake by accumulation: side by side", ("DftIntake",),
          "the same of windows side by side",
          "3 bits, window 4, hop 4, 3 words, pause 5", lambda: dft_intake(hop=4), 40),
)  # fmt: skip
