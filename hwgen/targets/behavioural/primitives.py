"""Memory, multiplier and adder as behaviour, of which any tool infers what it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Signal, unsigned
from amaranth.lib.memory import Memory

from hwgen.targets.target import Ports


def memory(m: Module, ports: Ports, depth: int, init: Sequence[int]) -> None:
    """Add a memory; data come two cycles after the address.

    A read of a word that is written in the same cycle gives either value.
    """
    m.submodules.memory = mem = _block(len(ports.read_data), depth, init)
    read = mem.read_port()
    m.d.comb += read.addr.eq(ports.read_address)
    m.d.sync += ports.read_data.eq(read.data)
    if not init:
        write = mem.write_port()
        m.d.comb += [
            write.addr.eq(ports.write_address),
            write.data.eq(ports.write_data),
            write.en.eq(ports.write_enable),
        ]


def two_port_rom(
    m: Module, enable: Any, ports: Sequence[tuple[Any, Any]], init: Sequence[int]
) -> None:
    """Add a ROM; data come two cycles with `enable` after the address."""
    m.submodules.memory = mem = _block(len(ports[0][1]), len(init), init)
    for address, words in ports:
        read = mem.read_port()
        m.d.comb += [read.addr.eq(address), read.en.eq(enable)]
        with m.If(enable):
            m.d.sync += words.eq(read.data)


def _block(width: int, depth: int, init: Sequence[int]) -> Memory:
    """Return a memory of which tools are told that it is to be block RAM."""
    return Memory(shape=unsigned(width), depth=depth, init=init, attrs={"ram_style": "block"})


def multiplier(m: Module, a: Any, b: Any, p: Any) -> None:
    """Add a product behind registers of its operands, with two more behind it."""
    held_a = Signal.like(a, name="a", reset_less=True)
    held_b = Signal.like(b, name="b", reset_less=True)
    m.d.sync += [held_a.eq(a), held_b.eq(b)]
    product = Signal.like(p, reset_less=True)
    m.d.sync += product.eq(held_a * held_b)
    held = Signal.like(p, reset_less=True)
    m.d.sync += held.eq(product)
    m.d.comb += p.eq(held)


def add_subtract(m: Module, a: Any, b: Any, subtract: Any, total: Any) -> None:
    """Add one carry chain: a - b is a + ~b + 1, and the 1 is carried into its lowest bit."""
    other = b ^ subtract.replicate(len(b))
    both = Cat(subtract, a) + Cat(subtract, other)
    m.d.comb += total.eq(both[1 : 1 + len(total)])
