"""Nexus's cells with the registers that inference leaves unused.

Ports and parameters are those of Lattice's cell library, as Yosys and nextpnr know them;
`sim/nexus_cells.v` has models of the cells. Parameters are texts, as Lattice writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Signal

from hwgen.targets.blocks import UNIT_BITS, in_units
from hwgen.targets.hardware import ALWAYS, lay, lay_rom, selected, sign_extended
from hwgen.targets.nexus.cells import OPERAND_BITS, PORT_BITS, shape
from hwgen.targets.nexus.loop import loop_settings
from hwgen.targets.nexus.pll import PllSettings
from hwgen.targets.target import Ports

_PRODUCT_BITS = 36
_ADDRESS_BITS = 14
_INIT_UNITS = 32
_INIT_PITCH = 10
"""An INITVAL parameter holds 32 units, 10 bits apart."""
_INITS = 64
_SELECTED = Const(7, 3)
_CSDECODE = "111"
_ADD_SUBTRACT = "0x96AA"
"""Sum of a, b and the choice; where that carries nothing on, the carry is a."""


def multiplier(m: Module, a: Signal, b: Signal, p: Signal) -> None:
    """Add a MULT18X18: `p` is ``a * b`` (signed) of three cycles before.

    The cell has registers for its operands and its product; flip-flops are the third.
    """
    product = Signal(_PRODUCT_BITS)
    stages = ("A", "B", "OUT")
    m.submodules.cell = Instance(
        "MULT18X18",
        p_REGINPUTA="REGISTER",
        p_REGINPUTB="REGISTER",
        p_REGOUTPUT="REGISTER",
        p_GSR="DISABLED",
        p_RESETMODE="SYNC",
        i_CLK=ClockSignal(),
        **{f"i_CE{stage}": ALWAYS for stage in stages},
        **{f"i_RST{stage}": Const(0) for stage in stages},
        i_SIGNEDA=ALWAYS,
        i_SIGNEDB=ALWAYS,
        i_A=sign_extended(a, OPERAND_BITS),
        i_B=sign_extended(b, OPERAND_BITS),
        o_Z=product,
    )
    later = Signal(len(p), reset_less=True)
    m.d.sync += later.eq(product[: len(p)])
    m.d.comb += p.eq(later)


def add_subtract(m: Module, a: Any, b: Any, subtract: Any, total: Signal) -> None:
    """Add a carry chain: `total` is ``a + b``, or ``a - b`` where `subtract` is high, modulo.

    A look-up table of the chain has a pin to spare for the choice; synthesis does not use it.
    """
    bits = len(total)
    carry = Signal(name="carry_0")
    # A carry comes from another cell of the chain alone: the first one takes it from its tables.
    ones = {f"i_{pin}": ALWAYS for pin in ("A0", "B0", "C0", "D0", "B1", "C1", "D1")}
    m.submodules.carry_in = _carry("0xFFFF", "0x00AA", o_COUT=carry, i_A1=subtract, **ones)
    for low in range(0, bits, 2):
        following = Signal(name=f"carry_{low + 2}")
        pins: dict[str, Any] = {"i_CIN": carry}
        if low + 2 < bits:
            pins["o_COUT"] = following
        for place in (0, 1):
            there = low + place < bits
            pins |= {
                f"i_A{place}": a[low + place] if there else Const(0),
                f"i_B{place}": b[low + place] if there else Const(0),
                f"i_C{place}": subtract,
                f"i_D{place}": ALWAYS,
            }
            if there:
                pins[f"o_S{place}"] = total[low + place]
        m.submodules[f"bits_{low}"] = _carry(_ADD_SUBTRACT, _ADD_SUBTRACT, **pins)
        carry = following


def memory(m: Module, ports: Ports, depth: int, init: Sequence[int]) -> None:
    """Add the block RAMs of a memory; data come two cycles after the address.

    What a read gives of a word that is written in the same cycle is undefined.
    """
    plan = shape(len(ports.read_data), depth)

    def block(its: Ports, words: list[int], name: str) -> Instance:
        del name
        return _block(m, plan.word, its, words)

    rows = lay(m, plan, ports, init, block)
    row = ports.read_address[plan.words.bit_length() - 1 :]
    m.d.comb += ports.read_data.eq(selected(m, row, rows))


def two_port_rom(
    m: Module, enable: Any, ports: Sequence[tuple[Any, Any]], init: Sequence[int]
) -> None:
    """Add the block RAMs of a ROM with two ports, each an address and its data.

    Data come two cycles with `enable` after the address. The second cycle is flip-flops': whether
    a block's clock enable holds the register at its output too, Lattice's documents do not say.
    """
    plan = shape(len(ports[0][1]), len(init), PORT_BITS)

    def block(its: Sequence[tuple[Any, Any]], words: list[int]) -> Instance:
        return _rom_block(m, enable, plan.word, its, words)

    rows = [
        [_held(m, enable, read, len(ports[0][1])) for read in reads]
        for reads in lay_rom(m, plan, ports, init, block)
    ]
    low = plan.words.bit_length() - 1
    for (address, data), *reads in zip(ports, *rows, strict=True):
        m.d.comb += data.eq(selected(m, address[low:], reads, enable))


def pll(plan: PllSettings, source: Any, output: Any, locked: Any) -> Instance:
    """Return a PLL that makes `output` of `source`; its feedback is an output of its own."""
    feedback = Signal(name="pll_feedback")
    return Instance(
        "PLL",
        **{f"p_{name}": text for name, text in loop_settings(plan).items()},
        # Of a core voltage of 1.0 V, as Lattice's own generator gives them.
        p_V2I_1V_EN="ENABLED",
        p_V2I_KVCO_SEL="60",
        p_KP_VCO="0b00011",
        p_V2I_PP_ICTRL="0b11111",
        p_IPI_CMPN="0b0011",
        p_PLLPD_N="USED",
        p_PLLRESET_ENA="ENABLED",
        p_REF_INTEGER_MODE="ENABLED",
        p_REF_MMD_DIG=str(plan.input_div),
        p_REF_MMD_PULS_CTL="0b0000" if plan.input_div <= 2 else "0b0001",
        p_FBK_INTEGER_MODE="ENABLED",
        p_FBK_MASK="0b00000000",
        p_FBK_MMD_DIG="1",
        p_SEL_FBK="FBKCLK5",
        p_CLKMUX_FB="CMUX_CLKOS5",
        p_ENCLK_CLKOS5="ENABLED",
        p_DIVF=str(plan.feedback_div - 1),
        p_DELF=str(plan.feedback_div - 1),
        p_ENCLK_CLKOP="ENABLED",
        p_DIVA=str(plan.output_div - 1),
        p_DELA=str(plan.output_div - 1),
        p_PHIA="0",
        i_REFCK=source,
        i_FBKCK=feedback,
        i_PLLRESET=Const(0),
        i_PLLPOWERDOWN_N=ALWAYS,
        o_CLKOP=output,
        o_CLKOS5=feedback,
        o_LOCK=locked,
    )


def _carry(first: str, second: str, **pins: Any) -> Instance:
    """Return two bits of a carry chain with look-up tables of these contents."""
    return Instance("CCU2", p_INIT0=first, p_INIT1=second, p_INJECT="NO", **pins)


def _held(m: Module, enable: Any, data: Signal, width: int) -> Signal:
    """Return the lowest bits of some data behind a register with `enable`."""
    later = Signal(width, name=f"{data.name}_later", reset_less=True)
    with m.If(enable):
        m.d.sync += later.eq(data[:width])
    return later


def _block(m: Module, word: int, ports: Ports, init: list[int]) -> Instance:
    """Return a block that writes at one port and reads at the other, with a register behind.

    Words of 36 bits take the data pins of both ports.
    """
    out = Signal(2 * PORT_BITS)
    m.d.comb += ports.read_data.eq(out)
    # The lowest address pins of words of several units enable writing them.
    units = ports.write_enable.replicate(word // UNIT_BITS) if word >= PORT_BITS else Const(0, 0)
    return Instance(
        "PDPSC16K",
        p_DATA_WIDTH_W=f"X{word}",
        p_DATA_WIDTH_R=f"X{word}",
        p_OUTREG="USED",
        p_RESETMODE="SYNC",
        p_ASYNC_RST_RELEASE="SYNC",
        p_ECC="DISABLED",
        p_CSDECODE_W=_CSDECODE,
        p_CSDECODE_R=_CSDECODE,
        p_GSR="DISABLED",
        **_initial(word, init),
        i_CLK=ClockSignal(),
        i_CEW=ports.write_enable,
        i_CSW=_SELECTED,
        i_ADW=_address(word, units, ports.write_address),
        i_DI=Cat(ports.write_data, Const(0, 2 * PORT_BITS - word)),
        i_CER=ALWAYS,
        i_CSR=_SELECTED,
        i_RST=Const(0),
        i_ADR=_address(word, Const(0, 0), ports.read_address),
        o_DO=out,
    )


def _rom_block(
    m: Module, enable: Any, word: int, ports: Sequence[tuple[Any, Any]], init: list[int]
) -> Instance:
    """Return a DP16K that reads at both ports."""
    pins: dict[str, Any] = {}
    for port, (address, data) in zip("AB", ports, strict=True):
        out = Signal(PORT_BITS, name=f"out_{port}")
        m.d.comb += data.eq(out)
        pins |= {
            f"p_DATA_WIDTH_{port}": f"X{word}",
            f"p_OUTREG_{port}": "BYPASSED",
            f"p_RESETMODE_{port}": "SYNC",
            f"p_ASYNC_RST_RELEASE_{port}": "SYNC",
            f"p_CSDECODE_{port}": _CSDECODE,
            f"i_CLK{port}": ClockSignal(),
            f"i_CE{port}": enable,
            f"i_WE{port}": Const(0),
            f"i_CS{port}": _SELECTED,
            f"i_RST{port}": Const(0),
            f"i_DI{port}": Const(0, PORT_BITS),
            f"i_AD{port}": _address(word, Const(0, 0), address),
            f"o_DO{port}": out,
        }
    return Instance("DP16K", **pins, **_initial(word, init), p_GSR="DISABLED")


def _address(word: int, units: Any, address: Any) -> Any:
    """Return the 14 address pins: an address counts bits, of which a word skips the lowest.

    Pins that say nothing are high, as in what synthesis makes.
    """
    silent = word.bit_length() - 1 - len(units)
    pins = Cat(units, Const((1 << silent) - 1, silent), address)
    return Cat(pins, Const(0, _ADDRESS_BITS - len(pins)))


def _initial(word: int, init: list[int]) -> dict[str, str]:
    """Return the INITVAL parameters that hold the words."""
    bits = in_units(word, init)
    parameters = {}
    for number in range(_INITS):
        packed = 0
        for place in range(_INIT_UNITS):
            unit = bits >> (number * _INIT_UNITS + place) * UNIT_BITS & ((1 << UNIT_BITS) - 1)
            packed |= unit << place * _INIT_PITCH
        digits = _INIT_UNITS * _INIT_PITCH // 4
        parameters[f"p_INITVAL_{number:02X}"] = f"0x{packed:0{digits}x}"
    return parameters
