"""Block RAM against a list."""

from __future__ import annotations

import re

import numpy as np
import pytest
from amaranth.back import rtlil
from amaranth.hdl import Fragment, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import (
    BlockRam,
    TwoPortRom,
    delayed,
    larger,
    pulse_delayed,
)
from hwgen.targets.ecp5 import primitives


def test_a_rom_of_one_word_has_an_address_that_verilog_has():
    """Of no bits it would be [-1:0], of which Verilator warns."""
    text = rtlil.convert(BlockRam(5, 1, [19]))
    assert re.findall(r"memory width 5 size (\d+)", text) == ["2"]


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 16, 37])
def test_ram_is_a_list(play, depth):
    rng = np.random.default_rng(depth)
    cycles = 300
    read, write = rng.integers(0, depth, (2, cycles)).tolist()
    enable = rng.integers(0, 2, cycles).tolist()
    words = rng.integers(0, 1 << 12, cycles).tolist()
    got = play(
        BlockRam(12, depth),
        {
            "read_address": read,
            "write_address": write,
            "write_enable": enable,
            "write_data": words,
        },
        ["read_data"],
    )["read_data"]
    content: list[int | None] = [None] * depth
    compared = 0
    for cycle in range(cycles - BlockRam.latency):
        value = content[read[cycle]]
        busy = enable[cycle] and write[cycle] == read[cycle]
        if value is not None and not busy:
            assert got[cycle + BlockRam.latency] == value
            compared += 1
        if enable[cycle]:
            content[write[cycle]] = words[cycle]
    assert compared > 50


@pytest.mark.parametrize("depth", [1, 4, 33])
def test_rom(play, depth):
    words = [(index * 77 + 5) % 512 for index in range(depth)]
    order = np.random.default_rng(1).integers(0, depth, 80).tolist()
    got = play(BlockRam(9, depth, words), {"read_address": order}, ["read_data"])["read_data"]
    assert got[BlockRam.latency :] == [words[address] for address in order[: -BlockRam.latency]]


def test_rom_with_two_readers(play):
    words = [(index * 77 + 5) % 512 for index in range(33)]
    rng = np.random.default_rng(1)
    orders = rng.integers(0, len(words), (2, 80)).tolist()
    enable = (rng.integers(0, 3, 80) > 0).astype(int).tolist()
    inputs = {"enable": enable, "a_address": orders[0], "b_address": orders[1]}
    got = play(TwoPortRom(9, words), inputs, ["a_data", "b_data"])
    for port, order in zip(("a_data", "b_data"), orders, strict=True):
        named = [words[address] for address, on in zip(order, enable, strict=True) if on]
        read = np.cumsum(enable) - enable  # addresses that were taken before each cycle
        for cycle, count in enumerate(read):
            if count >= TwoPortRom.latency:
                assert got[port][cycle] == named[count - TwoPortRom.latency]


def test_reset_clears_no_memory(play):
    for depth in (4, 16):
        got = play(
            BlockRam(8, depth),
            {
                "write_enable": [1, 0],
                "write_address": [3],
                "write_data": [99],
                "read_address": [3],
            },
            ["read_data"],
            cycles=12,
            reset=[5],
        )["read_data"]
        assert got[-1] == 99


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (("8", 4), TypeError, "width must be an integer, not '8'"),
        ((0, 4), ValueError, "width must be at least 1, not 0"),
        ((8, 4.0), TypeError, "depth must be an integer, not 4.0"),
        ((8, 0), ValueError, "depth must be at least 1, not 0"),
        ((8, 2, [1, 2, 3]), ValueError, "init must have at most 2 words, not 3"),
    ],
)
def test_what_is_refused(arguments, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        BlockRam(*arguments)


def test_a_rom_has_words():
    with pytest.raises(ValueError, match=r"^words of init must be at least 1, not 0$"):
        TwoPortRom(8, [])
    with pytest.raises(TypeError, match=r"^width must be an integer, not None$"):
        TwoPortRom(None, [1])


class Helpers(wiring.Component):
    def __init__(self):
        ports = {"a": In(8), "b": In(8), "late": Out(8), "pulse": Out(8), "most": Out(8)}
        super().__init__(ports)

    def elaborate(self, platform):
        m = Module()
        local = Signal(8)
        m.d.comb += local.eq(self.a)
        m.d.comb += [
            self.late.eq(delayed(m, local, 3, "a")),
            self.pulse.eq(pulse_delayed(m, local, 3, "p")),
            self.most.eq(larger(self.a, self.b)),
        ]
        return m


def test_delays_and_the_larger_of_two(play):
    a = list(range(1, 21))
    got = play(Helpers(), {"a": a, "b": a[::-1]}, ["late", "pulse", "most"], reset=[10])
    assert got["most"] == [max(pair) for pair in zip(a, a[::-1], strict=True)]
    assert got["late"][3:] == a[:-3]
    # Reset takes what is on its way.
    assert got["pulse"][3:] == [0 if cycle in (11, 12, 13) else cycle - 2 for cycle in range(3, 20)]


class Chip:
    family = "ecp5"


@pytest.mark.parametrize(("depth", "init"), [(200, ()), (40, tuple(range(40)))])
def test_what_the_chip_s_own_memory_is_given(monkeypatch, depth, init):
    seen = []
    monkeypatch.setattr(primitives, "memory", lambda m, *given: seen.append(given))
    dut = BlockRam(12, depth, init)
    Fragment.get(dut, Chip())
    ((ports, words, found),) = seen
    assert (words, tuple(found)) == (depth, init)
    for name in ("write_address", "write_data", "read_address", "read_data"):
        assert getattr(ports, name) is getattr(dut, name)
    assert (ports.write_enable is dut.write_enable) == (not init)


def test_what_the_chip_s_own_rom_is_given(monkeypatch):
    seen = []
    monkeypatch.setattr(primitives, "two_port_rom", lambda m, *given: seen.append(given))
    dut = TwoPortRom(9, range(50))
    Fragment.get(dut, Chip())
    ((enable, ports, init),) = seen
    assert enable is dut.enable
    assert [address is data for address, data in ports] == [False, False]
    assert ports[0][0] is dut.a_address
    assert ports[0][1] is dut.a_data
    assert ports[1][0] is dut.b_address
    assert ports[1][1] is dut.b_data
    assert init == list(range(50))


def test_what_a_memory_is_made_of():
    """Flip-flops for few words, unless they have values from the start."""
    seen = []
    for depth in (4, 5):
        fragment = Fragment.get(BlockRam(12, depth), None)
        seen.append(any(name == "memory" for _, name, *_ in fragment.subfragments))
    assert seen == [False, True]
