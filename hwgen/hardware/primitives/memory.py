"""Block RAM and ROM behind one component, with the output register that makes them fast."""

from __future__ import annotations

from collections.abc import Iterable

from amaranth.hdl import Array, Const, Module, Mux, Signal, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen import targets
from hwgen.checks import positive
from hwgen.plans import depths
from hwgen.targets import Ports, Turns, in_registers


class BlockRam(wiring.Component):
    """One write and one read port; a read gives its data two cycles after its address.

    Parameters
    ----------
    width, depth
        Bits of a word, and words.
    init
        Words at configuration (a ROM when nothing is ever written).
    turns
        What is promised of reads and writes in the same cycle (`hwgen.targets.Turns`); None:
        nothing.

    Members
    -------
    read_address, read_data
        ``read_data`` in cycle t + 2 is the word that ``read_address`` of cycle t names.
    write_enable, write_address, write_data
        Written at the end of the cycle; reading that word in the same cycle gives either value.

    Latency
    -------
    2 cycles from address to data.

    Raises
    ------
    TypeError, ValueError
        If width or depth is not a positive integer.
    """

    latency = depths.MEMORY

    def __init__(
        self, width: int, depth: int, init: Iterable[int] = (), *, turns: Turns | None = None
    ):
        self._turns = turns
        self._width = positive("width", width)
        self._depth = positive("depth", depth)
        self._init = list(init)
        if len(self._init) > depth:
            raise ValueError(f"init must have at most {depth} words, not {len(self._init)}")
        address = unsigned(max(1, (depth - 1).bit_length()))
        super().__init__(
            {
                "read_address": In(address),
                "read_data": Out(width),
                "write_enable": In(1),
                "write_address": In(address),
                "write_data": In(width),
            }
        )

    def elaborate(self, platform):
        """Return registers for a shallow memory, block RAM otherwise."""
        m = Module()
        if in_registers(self._depth, rom=bool(self._init)):
            self._registers(m)
        else:
            ports = Ports(
                Const(0) if self._init else self.write_enable,
                self.write_address,
                self.write_data,
                self.read_address,
                self.read_data,
                self._turns,
            )
            # The address of a single word would have no bits: Verilog has none such.
            depth = max(2, self._depth)
            targets.of(platform).primitives.memory(m, ports, depth, self._init)
        return m

    def _registers(self, m: Module) -> None:
        words = Array(
            Signal(self._width, name=f"word_{i}", reset_less=True) for i in range(self._depth)
        )
        with m.If(self.write_enable):
            m.d.sync += words[self.write_address].eq(self.write_data)
        registered(m, self.read_data, words[delayed(m, self.read_address, 1, "row")])


class TwoPortRom(wiring.Component):
    """A ROM that two readers share, which move on together.

    Parameters
    ----------
    width
        Bits of a word.
    init
        The words.

    Members
    -------
    enable
        Without it everything stands still.
    a_address, a_data, b_address, b_data
        Data are the word that the address named two cycles with ``enable`` before.

    Latency
    -------
    2 enabled cycles from address to data.

    Raises
    ------
    TypeError, ValueError
        If the width is not a positive integer, or there are no words.
    """

    latency = depths.MEMORY

    def __init__(self, width: int, init: Iterable[int]):
        self._width = positive("width", width)
        self._init = list(init)
        depth = positive("words of init", len(self._init))
        address = unsigned(max(1, (depth - 1).bit_length()))
        super().__init__(
            {"enable": In(1)}
            | {f"{port}_address": In(address) for port in "ab"}
            | {f"{port}_data": Out(width) for port in "ab"}
        )

    def elaborate(self, platform):
        """Return block RAM of which both ports read."""
        m = Module()
        ports = [(self.a_address, self.a_data), (self.b_address, self.b_data)]
        targets.of(platform).primitives.two_port_rom(m, self.enable, ports, self._init)
        return m


def delayed(m: Module, signal, cycles: int, name: str):
    """Return `signal` as it was `cycles` cycles ago (a chain of registers without reset)."""
    for step in range(cycles):
        later = Signal.like(signal, name=f"{name}_{step + 1}", reset_less=True)
        m.d.sync += later.eq(signal)
        signal = later
    return signal


def pulse_delayed(m: Module, signal, cycles: int, name: str):
    """Return a control bit as it was `cycles` cycles ago; reset clears what is on its way."""
    for step in range(cycles):
        later = Signal.like(signal, name=f"{name}_{step + 1}")
        m.d.sync += later.eq(signal)
        signal = later
    return signal


def registered(m: Module, target, value) -> None:
    """Drive a port of data with `value` of the cycle before, without reset."""
    held = Signal.like(target, reset_less=True)
    m.d.sync += held.eq(value)
    m.d.comb += target.eq(held)


def exceeds(a, b):
    """Return whether ``a > b``: the sign of one subtraction, which is one carry chain.

    Synthesis makes more of a signed comparison.
    """
    return (b - a)[-1]


def larger(a, b):
    """Return the larger of two values of one shape."""
    return Mux(exceeds(a, b), a, b)
