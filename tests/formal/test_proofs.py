"""The quick proofs, and that a proof can fail; `make prove` runs all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest
from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import wiring

import hwgen.gateware
import hwgen.hardware
from hwgen.gateware.link.turns import Turns
from hwgen.gateware.sensors.feed import Feed
from hwgen.hardware.primitives.memory import BlockRam
from hwgen.protocol import ErrorCode
from tests.formal import boards_streams, cells, document, frame_streams, numbers
from tests.formal import prove as prove_all
from tests.formal.catalogue import PROOFS
from tests.formal.prover import Bench, prove
from tests.formal.unproven import UNPROVEN

QUICK = [proof for proof in PROOFS if not proof.slow]


@pytest.mark.slow
@pytest.mark.parametrize("proof", QUICK, ids=lambda proof: proof.name)
def test_holds(proof, tmp_path):
    outcome = proof.run(tmp_path)
    assert outcome.holds, outcome.text


PORTS = ("stream.Signature(", "source_members(", "core_members(")
"""What makes a stream's port: itself, or for all sources and all accelerators."""


def with_streams() -> set[str]:
    """Return the components of the hardware that have a stream, by what their source says."""
    found = set()
    for package in (hwgen.hardware, hwgen.gateware):
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(each.name)
            for _, value in inspect.getmembers(module, inspect.isclass):
                own = value.__module__ == module.__name__ and issubclass(value, wiring.Component)
                if own and any(
                    word in inspect.getsource(value).split("def elaborate")[0] for word in PORTS
                ):
                    found.add(value.__name__)
    # Every part's receiver is one of these, whose ports a function makes.
    return found | {"Receiver"}


def test_every_component_with_a_stream_is_proven_or_said_why_not():
    proven = {name for proof in PROOFS for name in proof.covers}
    streams = with_streams()
    assert {"Feed", "FrameReceiver", "Accelerator", "DftIntake"} <= streams
    assert streams - proven == set(UNPROVEN)


def test_names_are_unique():
    assert len({proof.name for proof in PROOFS}) == len(PROOFS)


def test_the_page_lists_what_is_proven():
    text = document.PAGE.read_text()
    assert document.updated(text) == text, "run: python -m tests.formal.document"


class Changed(wiring.Component):
    """A component with one of its outputs changed."""

    def __init__(self, inner, change):
        self.inner, self.change = inner, change
        super().__init__(inner.signature)

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = inner = self.inner
        for path, member, port in self.signature.flatten(self):
            if isinstance(port, Const):  # of a stream that is always ready
                continue
            other = inner
            for name in path:
                other = getattr(other, name)
            if member.flow == wiring.In:
                m.d.comb += other.eq(port)
            elif ".".join(path) != self.change[0]:
                m.d.comb += port.eq(other)
            else:
                m.d.comb += port.eq(self.change[1](m, other, inner))
        return m


def changed(make, port, change):
    return lambda *arguments: Changed(make(*arguments), (port, change))


def late(m, signal, _):
    """The same a cycle later."""
    held = Signal.like(signal)
    m.d.sync += held.eq(signal)
    return held


BROKEN = {
    "valid falls": lambda: boards_streams.feed_stands(
        changed(Feed, "o.valid", lambda m, valid, _: valid & ~late(m, valid, _))),
    "payload moves": lambda: boards_streams.feed_stands(
        changed(Feed, "o.payload", lambda m, payload, inner: payload.as_value() ^ inner.i.valid)),
    "a loss is not counted": lambda: boards_streams.feed_stands(
        changed(Feed, "overruns", lambda m, count, _: Const(0))),
    "a mark is missing": lambda: boards_streams.feed_marks(
        changed(Feed, "o.payload", lambda m, payload, _: payload.as_value()[:2])),
    "two have the core": lambda: boards_streams.turns(
        changed(Turns, "live", lambda m, live, inner: live | inner.set)),
    "it does not drain": lambda: boards_streams.turns(
        lambda drain, silence: Turns(drain - 1, silence)),
    "a silent host keeps it": lambda: boards_streams.turns(
        lambda drain, silence: Turns(drain, silence + 3)),
    "halves down": lambda: numbers.butterfly_rounding(plus=lambda a, b, shift: (a + b) >> shift),
    "halves up": lambda: numbers.butterfly_rounding(minus=lambda a, b, shift: (
        (a - b + ((1 << shift) >> 1)) >> shift)),
    "it wraps": lambda: numbers.requantise(lambda total, shift, out: (
        total.shift_right(shift) if shift >= 0 else total.shift_left(-shift))[: out.width]),
    "the last of equals": lambda: numbers.argmax(
        make=changed(numbers.ArgMax, "class_", lambda m, class_, inner: Mux(
            inner.logits[2] == inner.logits[0], 2, class_))),
    "a write is lost": lambda: cells.ram(3, 4, changed(
        BlockRam, "read_data", lambda m, data, _: data & 6)),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_is_found(name, tmp_path):
    outcome = prove(BROKEN[name](), tmp_path, 12)
    assert not outcome.holds
    assert outcome.text.startswith("bounded: broken: ")
    assert "cycle 0:" in outcome.text  # how to get there


@pytest.mark.slow
def test_broken_cells_are_found(tmp_path):
    proof = next(proof for proof in PROOFS if proof.name == "adder: carry cells")
    import dataclasses

    def wrong() -> Bench:
        b = numbers.adder()
        b.claim("never negative", ~b.run | (b.before(Const(0)) != 0))
        return b

    outcome = dataclasses.replace(proof, build=wrong).run(tmp_path)
    assert not outcome.holds
    assert "never negative" in outcome.text


@pytest.mark.slow
def test_what_only_breaks_late_is_found_by_induction_alone(tmp_path):
    def counter() -> Bench:
        b = Bench()
        count = Signal(8)
        b.m.d.sync += count.eq(count + 1)
        b.claim("never 200", count != 200)
        return b

    assert prove(counter(), tmp_path / "bounded", 20).holds
    outcome = prove(counter(), tmp_path / "induction", 20, induction=3)
    assert (outcome.holds, outcome.method) == (False, "induction")
    assert not prove(counter(), tmp_path / "deep", 202).holds


@pytest.mark.slow
def test_what_takes_too_long_has_failed(tmp_path, monkeypatch, capsys):
    proof = next(proof for proof in PROOFS if proof.name == "adder")
    outcome = proof.run(tmp_path, limit=0.0)
    assert (outcome.holds, outcome.answered) == (False, False)
    assert outcome.text.endswith(": no answer in 0 s")
    monkeypatch.setattr(prove_all, "PROOFS", [proof])
    assert prove_all.main(["--limit", "0.001"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("NO ANSWER")
    assert "no answer in 0.001 s" in said
    assert said.endswith("failed: adder\n")
    assert prove_all.main([]) == 0
    assert "1 of 1 proofs hold" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nonsense"], "no proof's name holds nonsense"), (["--jobs", "0"], "more than 0"),
     (["--limit", "0"], "more than 0")],
)  # fmt: skip
def test_what_cannot_be_asked_for(arguments, said, capsys):
    assert prove_all.main(arguments) == 2
    assert said in capsys.readouterr().out


@pytest.mark.slow
def test_a_frame_that_is_refused_and_obeyed_is_found(tmp_path):
    class Both(frame_streams.Seen):
        def _next_byte(self, m, crc, quiet):
            inner = super()._next_byte(m, crc, quiet)
            with m.If(quiet):
                self._refuse(m, ErrorCode.TIMEOUT, then="HUNT")
            return inner

    bench = frame_streams.frame_receiver(Both)
    outcome = prove(bench, tmp_path, 2, induction=8)
    assert (outcome.holds, outcome.method) == (False, "induction")


def test_no_claim_is_no_proof(tmp_path):
    with pytest.raises(RuntimeError, match="proves nothing"):
        prove(Bench(), tmp_path, 3)


@pytest.mark.slow
def test_assumptions_that_nothing_keeps_are_refused(tmp_path):
    b = Bench()
    x = b.free(2, "x")
    b.assume(x == 1)
    b.assume(x == 2)
    b.claim("anything", x == 3)
    with pytest.raises(RuntimeError, match="no input keeps the assumptions"):
        prove(b, tmp_path, 3)
