"""The iCE40 UltraPlus's cells, with the registers that they have and flip-flops for the others.

Ports and parameters are those of Lattice's technology library, as Yosys and nextpnr know them;
`sim/ice40_cells.v` has models of the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import (
    Array,
    Cat,
    ClockSignal,
    Const,
    Instance,
    IOValue,
    Module,
    Mux,
    Signal,
    signed,
)

from hwgen.targets.hardware import ALWAYS, add_subtract, lay, sign_extended
from hwgen.targets.ice40.cells import FACTOR_BITS, SINGLE_BITS, WORD_BITS, shape, single_port_bits
from hwgen.targets.ice40.pll import PllSettings
from hwgen.targets.target import Ports, Turns

__all__ = ["add_subtract", "memory", "multiplier", "pll", "two_port_rom"]

_ROW_BITS = 8
"""Of an address of a block RAM: its row of 16 bits. The bits above tell words in a row apart."""
_INITS, _INIT_BITS = 16, 256


def multiplier(m: Module, a: Signal, b: Signal, p: Signal) -> None:
    """Add an SB_MAC16: `p` is ``a * b`` (signed) of three cycles before.

    Of operands beyond 16 bits the highest 16 go in. What the bits below add, `low`, is made in
    logic; the cell's adder takes it where its multiplier's register ends::

        (A * 2**i + a') * (B * 2**j + b')  =  2**(i+j) * A * B  +  a' * b + 2**i * A * b'
    """
    skip_a, skip_b = (max(0, len(each) - FACTOR_BITS) for each in (a, b))
    wide = skip_a + skip_b
    product = Signal(signed(2 * FACTOR_BITS))
    low = _low_products(m, a, b, skip_a, skip_b) if wide else Const(0, 1)
    added = Signal(signed(2 * FACTOR_BITS))
    m.d.comb += added.eq(low >> wide)
    m.submodules.cell = Instance(
        "SB_MAC16",
        **dict.fromkeys(("p_A_REG", "p_B_REG", "p_PIPELINE_16x16_MULT_REG2"), Const(1, 1)),
        **dict.fromkeys(("p_A_SIGNED", "p_B_SIGNED"), Const(1, 1)),
        **{f"p_{half}OUTPUT_SELECT": Const(1, 2) for half in ("TOP", "BOT")},  # registered
        **{f"p_{half}ADDSUB_LOWERINPUT": Const(2, 2) for half in ("TOP", "BOT")},  # the product
        **{f"p_{half}ADDSUB_UPPERINPUT": Const(1, 1) for half in ("TOP", "BOT")},  # C and D
        p_TOPADDSUB_CARRYSELECT=Const(2, 2),  # what the lower half carries
        i_CLK=ClockSignal(),
        i_CE=ALWAYS,
        i_A=sign_extended(a[skip_a:], FACTOR_BITS),
        i_B=sign_extended(b[skip_b:], FACTOR_BITS),
        i_C=added[FACTOR_BITS:],
        i_D=added[:FACTOR_BITS],
        **{f"i_{pin}": Const(0) for pin in (
            "AHOLD", "BHOLD", "CHOLD", "DHOLD", "IRSTTOP", "IRSTBOT", "ORSTTOP", "ORSTBOT",
            "OLOADTOP", "OLOADBOT", "ADDSUBTOP", "ADDSUBBOT", "OHOLDTOP", "OHOLDBOT", "CI",
            "ACCUMCI", "SIGNEXTIN")},
        o_O=product,
    )  # fmt: skip
    if not wide:
        m.d.comb += p.eq(product)
        return
    beside = Signal(wide, reset_less=True)
    m.d.sync += beside.eq(low[:wide])
    m.d.comb += p.eq(Cat(beside, product))


def _low_products(m: Module, a: Signal, b: Signal, skip_a: int, skip_b: int) -> Signal:
    """Return what the low bits of both operands add to the product, two cycles later."""
    held_a = Signal.like(a, name="held_a", reset_less=True)
    held_b = Signal.like(b, name="held_b", reset_less=True)
    m.d.sync += [held_a.eq(a), held_b.eq(b)]
    of_a = held_a[:skip_a] * held_b
    of_b = (held_a[skip_a:].as_signed() * held_b[:skip_b]) << skip_a
    low = Signal(signed(len(a) + len(b)), reset_less=True)
    m.d.sync += low.eq(of_a + of_b)
    return low


def memory(m: Module, ports: Ports, depth: int, init: Sequence[int]) -> None:
    """Add the memory cells of a memory; data come two cycles after the address.

    What a read gives of a word that is written in the same cycle is undefined.
    """
    width = len(ports.read_data)
    low = 0 if ports.turns is None or init else single_port_bits(width, depth, ports.turns)
    read = []
    if low:
        assert ports.turns is not None
        read.append(_single_port(m, _part(ports, slice(0, low)), ports.turns))
    if low < width:
        words = [word >> low for word in init]
        read.append(_blocks(m, _part(ports, slice(low, width)), depth, words))
    m.d.comb += ports.read_data.eq(Cat(*read))


def two_port_rom(
    m: Module, enable: Any, ports: Sequence[tuple[Any, Any]], init: Sequence[int]
) -> None:
    """Add the SB_RAM40_4K cells of a ROM for each port, an address and its data.

    Data come two cycles with `enable` after the address.
    """
    for name, (address, data) in zip("ab", ports, strict=True):
        m.submodules[name] = one = Module()
        nothing = Const(0, len(data))
        rom = Ports(Const(0), Const(0, len(address)), nothing, address, nothing)
        m.d.comb += data.eq(_blocks(one, rom, len(init), init, enable))


def pll(plan: PllSettings, source: Any, output: Any, locked: Any) -> Instance:
    """Return an SB_PLL40 that makes `output` of `source`, its own pin or any signal."""
    own = isinstance(source, IOValue)
    return Instance(
        "SB_PLL40_PAD" if own else "SB_PLL40_CORE",
        p_FEEDBACK_PATH="SIMPLE",
        p_PLLOUT_SELECT="GENCLK",
        p_DIVR=Const(plan.input_div - 1, 4),
        p_DIVF=Const(plan.feedback_div - 1, 7),
        p_DIVQ=Const(plan.output_step, 3),
        p_FILTER_RANGE=Const(plan.filter_range, 3),
        **{"i_PACKAGEPIN" if own else "i_REFERENCECLK": source},
        i_RESETB=Const(1),
        i_BYPASS=Const(0),
        o_PLLOUTGLOBAL=output,
        o_LOCK=locked,
    )


def _part(ports: Ports, bits: slice) -> Ports:
    """Return the ports of some bits of every word."""
    return Ports(
        ports.write_enable,
        ports.write_address,
        ports.write_data[bits],
        ports.read_address,
        ports.read_data[bits],
    )


def _single_port(m: Module, ports: Ports, turns: Turns) -> Signal:
    """Return what SB_SPRAM256KA read: where two addresses meet in a bank, it is written."""
    width, bit = len(ports.read_data), turns.bit
    found, reads = [], Const(0, 1) if bit is None else ports.read_address[bit]
    for bank in range(turns.banks):
        mine = ports.write_enable
        if bit is not None:
            mine = mine & (ports.write_address[bit] == bank)
        chosen = Mux(mine, ports.write_address, ports.read_address)
        address = chosen if bit is None else Cat(chosen[:bit], chosen[bit + 1 :])
        out = Signal(WORD_BITS, name=f"single_{bank}")
        m.submodules[f"single_{bank}"] = Instance(
            "SB_SPRAM256KA",
            i_ADDRESS=Cat(address, Const(0, SINGLE_BITS))[:SINGLE_BITS],
            i_DATAIN=Cat(ports.write_data, Const(0, WORD_BITS - width)),
            i_MASKWREN=Const(0xF, 4),
            i_WREN=mine,
            i_CHIPSELECT=ALWAYS,
            i_CLOCK=ClockSignal(),
            i_STANDBY=Const(0),
            i_SLEEP=Const(0),
            i_POWEROFF=ALWAYS,  # active low
            o_DATAOUT=out,
        )
        found.append(out[:width])
    return _chosen(m, reads, found, name="low")


def _blocks(
    m: Module, ports: Ports, depth: int, init: Sequence[int], enable: Any = ALWAYS
) -> Signal:
    """Return what SB_RAM40_4K cells read, from a register that they do not have themselves."""
    plan = shape(len(ports.read_data), depth)

    def block(its: Ports, words: list[int], name: str) -> Instance:
        return _block(m, plan.word, its, words, enable, name)

    rows = lay(m, plan, ports, init, block)
    return _chosen(m, ports.read_address[plan.words.bit_length() - 1 :], rows, enable)


def _chosen(
    m: Module, row: Any, found: list[Any], enable: Any = ALWAYS, name: str = "high"
) -> Signal:
    """Return, in a register, the data of the row whose number came with their address."""
    out = Signal(len(found[0]), name=f"{name}_data", reset_less=True)
    if len(found) == 1:
        data: Any = found[0]
    else:
        later = Signal(len(row), name=f"{name}_row", reset_less=True)
        with m.If(enable):
            m.d.sync += later.eq(row)
        data = Array(found)[later]
    with m.If(enable):
        m.d.sync += out.eq(data)
    return out


def _block(m: Module, word: int, ports: Ports, init: list[int], enable: Any, name: str) -> Instance:
    """Return an SB_RAM40_4K with words of one width at both ports.

    Bit k of a narrow word has a pin in the middle of its share of the 16.
    """
    mode = (WORD_BITS // word).bit_length() - 1
    share = WORD_BITS // word
    first = (0, 0, 1, 3)[mode]
    pins = range(first, WORD_BITS, share)
    written = [Const(0)] * WORD_BITS
    for place, pin in enumerate(pins):
        written[pin] = ports.write_data[place]
    out = Signal(WORD_BITS, name=f"{name}_out")
    m.d.comb += ports.read_data.eq(Cat(*(out[pin] for pin in pins)))
    return Instance(
        "SB_RAM40_4K",
        p_READ_MODE=mode,
        p_WRITE_MODE=mode,
        **_initial(word, init),
        i_RCLK=ClockSignal(),
        i_RCLKE=enable,
        i_RE=ALWAYS,
        i_RADDR=_address(ports.read_address),
        i_WCLK=ClockSignal(),
        i_WCLKE=ports.write_enable,
        i_WE=ALWAYS,
        i_WADDR=_address(ports.write_address),
        i_MASK=Const(0, WORD_BITS),
        i_WDATA=Cat(*written),
        o_RDATA=out,
    )


def _address(address: Any) -> Any:
    return Cat(address, Const(0, _ROW_BITS + 3 - len(address)))


def _initial(word: int, init: list[int]) -> dict[str, Const]:
    """Return the INIT parameters: bit k of the word n of a row is bit k * share + n of the row."""
    share = WORD_BITS // word
    bits = 0
    for place, value in enumerate(init):
        row, within = place % (1 << _ROW_BITS), place >> _ROW_BITS
        for bit in range(word):
            bits |= (value >> bit & 1) << (row * WORD_BITS + bit * share + within)
    mask = (1 << _INIT_BITS) - 1
    return {
        f"p_INIT_{number:X}": Const(bits >> number * _INIT_BITS & mask, _INIT_BITS)
        for number in range(_INITS)
    }
