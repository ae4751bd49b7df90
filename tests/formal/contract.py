"""The contract of a stream as claims and assumptions: what stands, and what comes in order."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Mux, Signal, Value

from tests.formal.prover import Bench


def transfer(stream: Any) -> Value:
    """Return whether the stream passes something on in this cycle."""
    return Value.cast(stream.valid) & Value.cast(stream.ready)


def steady(b: Bench, stream: Any) -> list[tuple[str, Value]]:
    """Return what makes a stream stand: valid and payload hold until the transfer."""
    waits = b.run & b.before(Value.cast(stream.valid) & ~Value.cast(stream.ready))
    payload = Value.cast(stream.payload)
    return [
        ("valid holds until ready", ~waits | stream.valid),
        ("payload holds until ready", ~waits | (payload == b.before(payload))),
    ]


def claim_steady(b: Bench, stream: Any, name: str = "") -> None:
    """Claim that an output stands."""
    for text, holds in steady(b, stream):
        b.claim(f"{name}{text}", holds)


def offer(b: Bench, stream: Any, name: str, *, steadily: bool = True) -> None:
    """Feed an input with anything, which stands until it is taken."""
    b.drive(stream.valid, f"{name}_valid")
    b.drive(stream.payload, f"{name}_payload")
    if steadily:
        for _, holds in steady(b, stream):
            b.assume(holds)


def take(b: Bench, stream: Any, name: str) -> None:
    """Take an output whenever it pleases."""
    b.drive(stream.ready, f"{name}_ready")


def counted(b: Bench, event: Any, most: int, name: str) -> Signal:
    """Return how often something happened before this cycle, up to `most`."""
    count = Signal(range(most + 1), name=name)
    with b.m.If(Value.cast(event) & (count != most)):
        b.m.d.sync += count.eq(count + 1)
    return count


def counted_in_a_row(b: Bench, condition: Any, most: int) -> Signal:
    """Return for how many cycles before this one something has been so, up to `most`."""
    count = Signal(range(most + 1), name="in_a_row")
    with b.m.If(~Value.cast(condition).any()):
        b.m.d.sync += count.eq(0)
    with b.m.Elif(count != most):
        b.m.d.sync += count.eq(count + 1)
    return count


def claim_passes(
    b: Bench, given: Any, value: Any, gets: Any, got: Any, most: int, *, room: int
) -> None:
    """Claim that values come out as they went in: none lost, none twice, in their order.

    Looks at any one of the first `most` values.

    Parameters
    ----------
    given, value
        A value goes in, and which.
    gets, got
        One comes out, and which.
    room
        So many may be inside at a time.
    """
    which = b.constant(range(most), "which")
    sent, came = counted(b, given, most, "sent"), counted(b, gets, most, "came")
    value, got = Value.cast(value), Value.cast(got)
    kept = Signal(len(value), name="kept")
    with b.m.If(Value.cast(given) & (sent == which)):
        b.m.d.sync += kept.eq(value)
    b.claim("nothing comes that was not given", ~Value.cast(gets) | (came < sent) | (sent == most))
    b.claim("what comes is what was given", ~Value.cast(gets) | (came != which) | (got == kept))
    b.claim("nothing more is inside than there is room for", sent - came <= room)


def modulo_next(value: Value, size: int) -> Value:
    """Return the number after `value`, 0 after the last of `size`."""
    return Mux(value == size - 1, Const(0, len(value)), value + 1)
