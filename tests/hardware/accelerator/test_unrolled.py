"""The accelerator for latency, with nothing in its parts: what is joined, and the account."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from amaranth.hdl import Fragment, Value, signed
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out, Signature

from hwgen.hardware.accelerator import unrolled
from hwgen.hardware.accelerator.unrolled import UnrolledAccelerator, UnrolledLayers
from hwgen.hardware.contract import sample_layout
from hwgen.plans.design import Design
from hwgen.plans.facts import KnownCore
from hwgen.plans.timing import Timing
from hwgen.plans.unrolled.layers import UnrolledLayersPlan
from tests.stubs import Stub, driven, play, read, stub_of

WINDOW, ADC_BITS, CLASSES, LOGIT_BITS = 8, 12, 3, 20
CYCLES = 1200


@pytest.fixture
def ops(make_chain):
    """Return convolution, pooling and last layer."""
    return tuple(make_chain(1, 16).conv(2, 4, 2, 1).pool(2).dense(3, last=True).ops)


def test_layers(ops, monkeypatch):
    """Every port of convolution and dense layer, and what they are made with."""
    made = {}
    for name in ("UnrolledConv", "UnrolledDense"):
        make = stub_of(getattr(unrolled, name))

        def keep(*given, _name=name, _make=make):
            made[_name] = _make(*given)
            return made[_name]

        monkeypatch.setattr(unrolled, name, keep)
    plan = UnrolledLayersPlan.of(ops, Design(None, 5, lanes=8, values=2))
    dut = UnrolledLayers(plan)
    conv, dense = made["UnrolledConv"], made["UnrolledDense"]
    assert (conv.given, dense.given) == ((plan.conv,), (plan.dense,))
    assert [len(port) for port in (dut.valid, dut.first, dut.last, dut.o_valid)] == [1] * 4
    fragment = Fragment.get(dut, None)
    ports = driven(conv=conv, dense=dense)
    ports |= {name: getattr(dut, name) for name in ("valid", "first", "last")}
    ports["values"] = Value.cast(dut.values)
    columns = columns_of(ports, 40)
    watch = read(conv=conv, dense=dense) | {
        name: Value.cast(getattr(dut, name)) for name in ("o_valid", "class_", "logits")
    }
    seen = play(fragment, 40, lambda cycle: at(ports, columns, cycle), watch)
    for cycle, found in enumerate(seen):
        now = {name: column[cycle] for name, column in columns.items()}
        assert plain(found, watch) == {
            "conv.valid": now["valid"], "conv.first": now["first"], "conv.last": now["last"],
            "conv.values": now["values"], "dense.soon": now["conv.o_soon"],
            "dense.soon_first": now["conv.o_soon_first"],
            "dense.values": now["conv.o_values"], "o_valid": now["dense.o_valid"],
            "class_": now["dense.class_"], "logits": now["dense.logits"],
        }  # fmt: skip


def columns_of(ports, cycles, rare=()):
    """Return a random number for each port and cycle; a 1 is rare for those named."""
    rng = np.random.default_rng(5)
    columns = {}
    for name, port in sorted(ports.items()):
        if len(port) == 1:
            columns[name] = (rng.random(cycles) < (0.12 if name in rare else 0.5)).astype(int)
            columns[name] = columns[name].tolist()
        else:
            words = rng.integers(0, 256, (cycles, -(-len(port) // 8))).astype(np.uint8)
            mask = (1 << len(port)) - 1
            columns[name] = [int.from_bytes(word.tobytes(), "little") & mask for word in words]
    return columns


def at(ports, columns, cycle):
    return {name: (port, columns[name][cycle]) for name, port in ports.items()}


def plain(found, watch):
    """Return numbers without their signs."""
    return {name: value & ((1 << len(watch[name])) - 1) for name, value in found.items()}


def a_front():
    """Return a front-end without an inside."""
    return Stub(
        {
            "samples": In(stream.Signature(sample_layout(ADC_BITS))),
            "abandon": In(1), "room": In(1), "permit": In(1), "complete": Out(1),
            "first": Out(1), "done": Out(1),
            "write": Out(Signature({"enable": Out(1), "data": Out(24)})),
        }
    )  # fmt: skip


def the_layers():
    return Stub(
        {
            "valid": In(1), "first": In(1), "last": In(1), "values": In(24), "o_valid": Out(1),
            "class_": Out(2), "logits": Out(data.ArrayLayout(signed(LOGIT_BITS), CLASSES)),
        }
    )  # fmt: skip


def a_plan(hop):
    return KnownCore(WINDOW, ADC_BITS, hop, CLASSES, LOGIT_BITS, Timing(32, 40, 5))


@pytest.mark.parametrize("hop", [3, WINDOW])
def test_the_account_of_windows(hop):
    """Random events: a window is behind its last sample until its result is taken or dropped."""
    front, layers = a_front(), the_layers()
    dut = UnrolledAccelerator(a_plan(hop), front, layers)
    fragment = Fragment.get(dut, None)
    ports = driven(front=front, layers=layers) | {
        "samples.valid": dut.samples.valid,
        "samples.payload": Value.cast(dut.samples.payload),
        "result.ready": dut.result.ready,
        "abandon": dut.abandon,
    }
    columns = columns_of(ports, CYCLES, rare=("abandon", "front.complete", "layers.o_valid"))
    columns["abandon"][CYCLES // 2 :] = [0] * (CYCLES - CYCLES // 2)
    legal(columns)
    watch = read(front=front, layers=layers) | {
        "samples.ready": dut.samples.ready,
        "result.valid": dut.result.valid,
        "class_": dut.result.p.class_,
        "logits": Value.cast(dut.result.p.logits),
        "cycles": dut.result.p.cycles,
    }
    seen = play(fragment, CYCLES, lambda cycle: at(ports, columns, cycle), watch)
    model = Account(overlap=hop < WINDOW)
    for cycle, found in enumerate(seen):
        now = {name: column[cycle] for name, column in columns.items()}
        got = plain(found, watch)
        cycles = got.pop("cycles")
        expected = model.step(cycle, now)
        assert got == {
            "front.samples.valid": now["samples.valid"],
            "front.samples.payload": now["samples.payload"],
            "samples.ready": now["front.samples.ready"],
            "front.abandon": now["abandon"], "front.room": 1,
            "front.permit": int(not expected.flying),
            "layers.valid": now["front.write.enable"], "layers.first": now["front.first"],
            "layers.last": now["front.done"], "layers.values": now["front.write.data"],
            "result.valid": int(expected.valid),
            "class_": now["layers.class_"], "logits": now["layers.logits"],
        }, cycle  # fmt: skip
        if expected.valid:
            assert cycles == expected.cycles
    assert model.presented > 3
    assert model.dropped_count > 3


def legal(columns):
    """Let a window be complete only when none is, and its class known but once and later."""
    flying, since, until = False, 0, 0
    for cycle in range(CYCLES):
        complete = columns["front.complete"][cycle] and not flying
        known = columns["layers.o_valid"][cycle] and flying is True and since + 3 < cycle
        columns["front.complete"][cycle] = int(complete)
        columns["layers.o_valid"][cycle] = int(known)
        if complete:
            flying, since = True, cycle
        if known:
            flying, until = "answered", cycle + 12
        if flying == "answered":
            columns["result.ready"][cycle] |= int(cycle == until)
            if cycle == until:
                flying = False


class Account:
    """What the account is said to be."""

    def __init__(self, *, overlap):
        self.overlap = overlap
        self.flying = self.dropped = self.partial = False
        self.valid, self.cycles, self.ended = False, 0, 0
        self.presented = self.dropped_count = 0

    def step(self, cycle, now):
        shown = SimpleNamespace(flying=self.flying, valid=self.valid, cycles=self.cycles)
        taken = now["samples.valid"] and now["front.samples.ready"]
        given_up = self.dropped or (now["abandon"] and not self.partial)
        known = now["layers.o_valid"]
        self.presented += bool(known and self.flying and not given_up)
        leave = (self.valid and now["result.ready"]) or (known and self.flying and given_up)
        self.dropped_count += bool(known and self.flying and given_up)
        if known:
            # From the edge that took the last sample to the edge that presents the result.
            self.cycles = cycle - self.ended + 1
        if known and self.flying and not given_up:
            self.valid = True
        elif now["result.ready"]:
            self.valid = False
        if now["front.complete"]:
            self.flying, self.dropped, self.ended = True, False, cycle
        else:
            self.dropped = given_up
            self.flying = self.flying and not leave
        first = now["samples.payload"] >> ADC_BITS & 1
        if not self.overlap:
            if now["front.complete"]:
                self.partial = False
            elif taken and first:
                self.partial = True
        return shown
