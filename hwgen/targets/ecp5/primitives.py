"""The ECP5's cells that inference leaves slow or half used.

An inferred multiplier or block RAM has no registers inside the cell, and its clock-to-out alone
stops a design near 135 MHz. An adder that may subtract costs look-up tables besides its carry
chain. Ports and parameters are those of Lattice's cell library, as Yosys and nextpnr know them;
`sim/ecp5_cells.v` has models of the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Signal

from hwgen.targets.blocks import UNIT_BITS, in_units
from hwgen.targets.ecp5.cells import OPERAND_BITS, PORT_BITS, shape, two_port_rom_shape
from hwgen.targets.ecp5.pll import PllSettings
from hwgen.targets.hardware import ALWAYS, lay, lay_rom, selected, sign_extended
from hwgen.targets.target import Ports

_PRODUCT_BITS = 36
_ADDRESS_BITS = 14
_INIT_WORDS = 16
_INIT_PITCH = 20
"""An INITVAL parameter holds 16 words of 18 bits, 20 bits apart."""
_INITS = 64
_ADD_SUBTRACT = 0x96AA
"""Sum of a, b and the choice; where that carries nothing on, the carry is a."""


def multiplier(m: Module, a: Signal, b: Signal, p: Signal) -> None:
    """Add a MULT18X18D: `p` is ``a * b`` (signed) of three cycles before."""
    product = Signal(_PRODUCT_BITS)
    registers = {
        f"p_REG_{stage}_{what}": f"{what}0"
        for stage in ("INPUTA", "INPUTB", "PIPELINE", "OUTPUT")
        for what in ("CLK", "CE", "RST")
    }
    m.submodules.cell = Instance(
        "MULT18X18D",
        **registers,
        p_GSR="DISABLED",
        **_bus("i_CLK", Cat(ClockSignal(), Const(0, 3))),
        **_bus("i_CE", Const(1, 4)),
        **_bus("i_RST", Const(0, 4)),
        i_SIGNEDA=Const(1),
        i_SIGNEDB=Const(1),
        i_SOURCEA=Const(0),
        i_SOURCEB=Const(0),
        **_bus("i_A", sign_extended(a, OPERAND_BITS)),
        **_bus("i_B", sign_extended(b, OPERAND_BITS)),
        **_bus("i_C", Const(0, OPERAND_BITS)),
        **_bus("o_P", product),
    )
    m.d.comb += p.eq(product[: len(p)])


def add_subtract(m: Module, a: Any, b: Any, subtract: Any, total: Signal) -> None:
    """Add a carry chain: `total` is ``a + b``, or ``a - b`` where `subtract` is high, modulo.

    A look-up table of the chain has a pin to spare for the choice; synthesis does not use it.
    """
    carry = subtract
    bits = len(total)
    for low in range(0, bits, 2):
        following = Signal(name=f"carry_{low + 2}")
        pins: dict[str, Any] = {}
        for place in (0, 1):
            there = low + place < bits
            pins |= {
                f"i_A{place}": a[low + place] if there else Const(0),
                f"i_B{place}": b[low + place] if there else Const(0),
                f"i_C{place}": subtract,
                f"i_D{place}": Const(1),
                f"p_INIT{place}": Const(_ADD_SUBTRACT, 16),
                f"p_INJECT1_{place}": "NO",
            }
            if there:
                pins[f"o_S{place}"] = total[low + place]
        m.submodules[f"bits_{low}"] = Instance("CCU2C", i_CIN=carry, o_COUT=following, **pins)
        carry = following


def memory(m: Module, ports: Ports, depth: int, init: Sequence[int]) -> None:
    """Add the DP16KD cells of a memory; data come two cycles after the address.

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
    """Add the DP16KD cells of a ROM with two ports, each an address and its data.

    Data come two cycles with `enable` after the address.
    """
    plan = two_port_rom_shape(len(ports[0][1]), len(init))

    def block(its: Sequence[tuple[Any, Any]], words: list[int]) -> Instance:
        return _rom_block(m, enable, plan.word, its, words)

    rows = lay_rom(m, plan, ports, init, block)
    low = plan.words.bit_length() - 1
    for (address, data), *reads in zip(ports, *rows, strict=True):
        m.d.comb += data.eq(selected(m, address[low:], reads, enable))


def pll(plan: PllSettings, source: Any, output: Any, locked: Any) -> Instance:
    """Return an EHXPLLL that makes `output` of `source`, its own feedback."""
    return Instance(
        "EHXPLLL",
        a_FREQUENCY_PIN_CLKI=f"{float(plan.input_mhz):.6f}",
        a_FREQUENCY_PIN_CLKOP=f"{float(plan.output_mhz):.6f}",
        # Analogue settings as Lattice's own generator gives them for these ranges.
        a_ICP_CURRENT="12",
        a_LPF_RESISTOR="8",
        a_MFG_ENABLE_FILTEROPAMP="1",
        a_MFG_GMCREF_SEL="2",
        p_CLKI_DIV=plan.input_div,
        p_CLKFB_DIV=plan.feedback_div,
        p_CLKOP_DIV=plan.output_div,
        p_CLKOP_ENABLE="ENABLED",
        p_CLKOP_CPHASE=plan.output_div - 1,
        p_CLKOP_FPHASE=0,
        p_FEEDBK_PATH="CLKOP",
        i_CLKI=source,
        i_CLKFB=output,
        i_RST=Const(0),
        i_STDBY=Const(0),
        i_PHASESEL0=Const(0),
        i_PHASESEL1=Const(0),
        i_PHASEDIR=Const(1),
        i_PHASESTEP=Const(1),
        i_PHASELOADREG=Const(1),
        i_PLLWAKESYNC=Const(0),
        i_ENCLKOP=Const(0),
        o_CLKOP=output,
        o_LOCK=locked,
    )


def flash_clock(clock: Any) -> Instance:
    """Return a USRMCLK: MCLK, the configuration flash's clock, is no pin that a design can name.

    It is driven all the time after configuration.
    """
    return Instance("USRMCLK", i_USRMCLKI=clock, i_USRMCLKTS=Const(0))


def _block(m: Module, word: int, ports: Ports, init: list[int]) -> Instance:
    """Return a DP16KD that writes at port A and reads at port B, with registered outputs.

    Words of 36 bits take the data pins of both ports: A's are the low half.
    """
    data = Cat(ports.write_data, Const(0, 2 * PORT_BITS - len(ports.write_data)))
    # The lowest address pins of wide words enable writing by unit.
    units = Const(0, 0) if word < PORT_BITS else ports.write_enable.replicate(word // UNIT_BITS)
    skipped = word.bit_length() - 1
    out = Signal(2 * PORT_BITS)
    m.d.comb += ports.read_data.eq(out if word > PORT_BITS else out[PORT_BITS:])
    pins = {
        **_bus("i_DIA", data[:PORT_BITS]),
        **_bus("i_DIB", data[PORT_BITS:]),
        **_bus("i_ADA", _address(units, skipped, ports.write_address)),
        **_bus("i_ADB", _address(Const(0, 0), skipped, ports.read_address)),
        **_bus("o_DOA", out[:PORT_BITS]),
        **_bus("o_DOB", out[PORT_BITS:]),
    }
    return _cell(word, init, pins, write_enable=ports.write_enable)


def _rom_block(
    m: Module, enable: Any, word: int, ports: Sequence[tuple[Any, Any]], init: list[int]
) -> Instance:
    """Return a DP16KD that reads at both ports, with registered outputs."""
    pins: dict[str, Any] = {}
    for port, (address, data) in zip("AB", ports, strict=True):
        out = Signal(PORT_BITS, name=f"out_{port}")
        m.d.comb += data.eq(out)
        pins |= {
            **_bus(f"i_DI{port}", Const(0, PORT_BITS)),
            **_bus(f"i_AD{port}", _address(Const(0, 0), word.bit_length() - 1, address)),
            **_bus(f"o_DO{port}", out),
        }
    return _cell(word, init, pins, enable=enable, write_enable=Const(0))


def _cell(
    word: int, init: list[int], pins: dict[str, Any], *, write_enable: Any, enable: Any = ALWAYS
) -> Instance:
    """Return a DP16KD with words of one width at both ports; port A may write."""
    for port in "AB":
        pins |= {
            f"i_CLK{port}": ClockSignal(),
            f"i_CE{port}": enable,
            f"i_OCE{port}": enable,
            f"i_RST{port}": Const(0),
            f"p_DATA_WIDTH_{port}": word,
            f"p_REGMODE_{port}": "OUTREG",
            f"p_WRITEMODE_{port}": "NORMAL",
            f"p_CSDECODE_{port}": "0b000",
            **_bus(f"i_CS{port}", Const(0, 3)),
        }
    return Instance(
        "DP16KD",
        **pins,
        **_initial(word, init),
        p_RESETMODE="SYNC",
        p_ASYNC_RESET_RELEASE="SYNC",
        p_GSR="DISABLED",
        i_WEA=write_enable,
        i_WEB=Const(0),
    )


def _address(units, skipped: int, address):
    """Return the 14 address pins: an address counts bits, of which a word skips the lowest."""
    pins = Cat(units, Const(0, skipped - len(units)), address)
    return Cat(pins, Const(0, _ADDRESS_BITS - len(pins)))


def _initial(word: int, init: list[int]) -> dict[str, Const]:
    """Return the INITVAL parameters that hold the words."""
    bits = in_units(word, init)
    parameters = {}
    for number in range(_INITS):
        packed = 0
        for place in range(_INIT_WORDS):
            start = (number * _INIT_WORDS + place) * PORT_BITS
            packed |= (bits >> start & ((1 << PORT_BITS) - 1)) << (place * _INIT_PITCH)
        parameters[f"p_INITVAL_{number:02X}"] = Const(packed, _INIT_WORDS * _INIT_PITCH)
    return parameters


def _bus(name: str, value) -> dict[str, Any]:
    """Return the cell's pins of a bus, each a port of its own."""
    return {f"{name}{place}": value[place] for place in range(len(value))}
