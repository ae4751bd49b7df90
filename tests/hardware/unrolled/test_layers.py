"""Convolution, pooling and dense layer in a row: what is joined."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.hdl import Fragment, Value

from hwgen.hardware.contract import layers_members
from hwgen.hardware.unrolled import layers
from hwgen.hardware.unrolled.layers import UnrolledLayers
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.quantized import Precision
from tests.stubs import driven, play, read, stub_of

CYCLES = 40


@pytest.fixture
def core(make_example):
    """Return the plan of a network whose layers are unrolled."""
    shape = {"window": 64, "convs": ((2, 8, 2, 3, 2),), "classes": 3}
    model = make_example(2, bits=Precision(transform="dft"), **shape).model
    return plan(model, Design(None, 5, lanes=8, values=2))


def test_every_port_is_joined(core, monkeypatch):
    """Every port of convolution and dense layer, and what they are made with."""
    made = {}
    for name in ("UnrolledConv", "UnrolledDense"):
        make = stub_of(getattr(layers, name))

        def keep(*given, _name=name, _make=make):
            made[_name] = _make(*given)
            return made[_name]

        monkeypatch.setattr(layers, name, keep)
    dut = UnrolledLayers(core.layers, core.front)
    conv, dense = made["UnrolledConv"], made["UnrolledDense"]
    assert (conv.given, dense.given) == ((core.layers.conv,), (core.layers.dense,))
    assert dict(dut.signature.members.items()) == layers_members(core.front, core.layers)
    fragment = Fragment.get(dut, None)
    ports = driven(conv=conv, dense=dense)
    ports |= {"enable": dut.write.enable, "data": Value.cast(dut.write.data)}
    ports |= {name: getattr(dut, name) for name in ("first", "done")}
    rng = np.random.default_rng(5)
    columns = {
        name: [int.from_bytes(rng.bytes(40), "little") & ((1 << len(port)) - 1)
               for _ in range(CYCLES)]
        for name, port in ports.items()
    }  # fmt: skip
    watch = read(conv=conv, dense=dense) | {
        name: Value.cast(getattr(dut, name)) for name in ("room", "known", "class_", "logits")
    }

    def drive(cycle):
        return {name: (port, columns[name][cycle]) for name, port in ports.items()}

    for cycle, found in enumerate(play(fragment, CYCLES, drive, watch)):
        now = {name: column[cycle] for name, column in columns.items()}
        got = {name: value & ((1 << len(watch[name])) - 1) for name, value in found.items()}
        assert got == {
            "conv.valid": now["enable"], "conv.first": now["first"], "conv.last": now["done"],
            "conv.values": now["data"], "dense.soon": now["conv.o_soon"],
            "dense.soon_first": now["conv.o_soon_first"],
            "dense.values": now["conv.o_values"], "room": 1, "known": now["dense.o_valid"],
            "class_": now["dense.class_"], "logits": now["dense.logits"],
        }  # fmt: skip
