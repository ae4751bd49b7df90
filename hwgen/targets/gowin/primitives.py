"""Gowin's cells with the registers that inference leaves unused.

Ports and parameters are those of Gowin's libraries (UG285, UG286, UG287), as Yosys and nextpnr know
them; `sim/gowin_cells.v` has models of the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Signal

from hwgen.targets.gowin.cells import OPERAND_BITS, shape
from hwgen.targets.gowin.pll import PllSettings
from hwgen.targets.hardware import ALWAYS, add_subtract, lay, selected, sign_extended
from hwgen.targets.target import Ports

__all__ = ["add_subtract", "memory", "multiplier", "pll", "two_port_rom"]

_PRODUCT_BITS = 36
_ADDRESS_BITS = 14
_UNIT_BITS = 9
"""Words of 9 bits and more count the ninth of each unit."""
_INITS = 64


def multiplier(m: Module, a: Signal, b: Signal, p: Signal) -> None:
    """Add a MULT18X18: `p` is ``a * b`` (signed) of three cycles before."""
    product = Signal(_PRODUCT_BITS)
    m.submodules.cell = Instance(
        "MULT18X18",
        **{f"p_{name}": Const(1, 1) for name in ("AREG", "BREG", "PIPE_REG", "OUT_REG")},
        **{f"p_{name}": Const(0, 1) for name in ("ASIGN_REG", "BSIGN_REG", "SOA_REG")},
        p_MULT_RESET_MODE="SYNC",
        i_CLK=ClockSignal(),
        i_CE=ALWAYS,
        i_RESET=Const(0),
        i_ASIGN=ALWAYS,
        i_BSIGN=ALWAYS,
        i_ASEL=Const(0),
        i_BSEL=Const(0),
        i_SIA=Const(0, OPERAND_BITS),
        i_SIB=Const(0, OPERAND_BITS),
        i_A=sign_extended(a, OPERAND_BITS),
        i_B=sign_extended(b, OPERAND_BITS),
        o_DOUT=product,
    )
    m.d.comb += p.eq(product[: len(p)])


def memory(m: Module, ports: Ports, depth: int, init: Sequence[int]) -> None:
    """Add the block RAMs of a memory; data come two cycles after the address.

    What a read gives of a word that is written in the same cycle is undefined.
    """
    _blocks(m, ports, depth, init)


def two_port_rom(
    m: Module, enable: Any, ports: Sequence[tuple[Any, Any]], init: Sequence[int]
) -> None:
    """Add the block RAMs of a ROM for each port, an address and its data.

    Data come two cycles with `enable` after the address.
    """
    for name, (address, data) in zip("ab", ports, strict=True):
        m.submodules[name] = one = Module()
        rom = Ports(Const(0), Const(0, len(address)), Const(0, len(data)), address, data)
        _blocks(one, rom, len(init), init, enable)


def pll(plan: PllSettings, source: Any, output: Any, locked: Any) -> Instance:
    """Return an rPLL that makes `output` of `source`, its feedback inside."""
    return Instance(
        "rPLL",
        p_FCLKIN=f"{float(plan.input_mhz):g}",
        p_IDIV_SEL=plan.input_div - 1,
        p_FBDIV_SEL=plan.feedback_div - 1,
        p_ODIV_SEL=plan.output_div,
        p_DYN_IDIV_SEL="false",
        p_DYN_FBDIV_SEL="false",
        p_DYN_ODIV_SEL="false",
        p_DYN_DA_EN="false",
        p_PSDA_SEL="0000",
        p_DUTYDA_SEL="1000",
        p_CLKFB_SEL="internal",
        p_CLKOUT_BYPASS="false",
        p_CLKOUTP_BYPASS="false",
        p_CLKOUTD_BYPASS="false",
        p_DYN_SDIV_SEL=2,
        i_CLKIN=source,
        i_CLKFB=Const(0),
        i_RESET=Const(0),
        i_RESET_P=Const(0),
        i_FBDSEL=Const(0, 6),
        i_IDSEL=Const(0, 6),
        i_ODSEL=Const(0, 6),
        i_PSDA=Const(0, 4),
        i_FDLY=Const(0, 4),
        i_DUTYDA=Const(0, 4),
        o_CLKOUT=output,
        o_LOCK=locked,
    )


def _blocks(m: Module, ports: Ports, depth: int, init: Sequence[int], enable: Any = ALWAYS) -> None:
    """Add rows of block RAMs, of which one row's data are chosen."""
    plan = shape(len(ports.read_data), depth)

    def block(its: Ports, words: list[int], name: str) -> Instance:
        del name
        return _block(m, plan.word, its, words, enable)

    rows = lay(m, plan, ports, init, block)
    row = ports.read_address[plan.words.bit_length() - 1 :]
    m.d.comb += ports.read_data.eq(selected(m, row, rows, enable))


def _block(m: Module, word: int, ports: Ports, init: list[int], enable: Any) -> Instance:
    """Return a block that writes at port A and reads at port B, with a register behind."""
    nine = word >= _UNIT_BITS
    pins = 36 if nine else 32
    skipped = (word // 8 * 8 if nine else word).bit_length() - 1
    # The lowest address pins of words of several units enable writing them.
    units = Const(3, 2) if word > _UNIT_BITS else Const(0, 0)
    out = Signal(pins)
    m.d.comb += ports.read_data.eq(out)
    return Instance(
        "SDPX9B" if nine else "SDPB",
        p_READ_MODE=Const(1, 1),  # the register
        p_BIT_WIDTH_0=word,
        p_BIT_WIDTH_1=word,
        p_BLK_SEL_0=Const(0, 3),
        p_BLK_SEL_1=Const(0, 3),
        p_RESET_MODE="SYNC",
        **_initial(word, init),
        i_CLKA=ClockSignal(),
        i_CEA=ports.write_enable,
        i_RESETA=Const(0),
        i_ADA=_address(units, skipped, ports.write_address),
        i_BLKSELA=Const(0, 3),
        i_DI=Cat(ports.write_data, Const(0, pins - word)),
        i_CLKB=ClockSignal(),
        i_CEB=enable,
        i_OCE=enable,
        i_RESETB=Const(0),
        i_ADB=_address(Const(0, 0), skipped, ports.read_address),
        i_BLKSELB=Const(0, 3),
        o_DO=out,
    )


def _address(units: Any, skipped: int, address: Any) -> Any:
    """Return the address pins: an address counts bits, of which a word skips the lowest."""
    pins = Cat(units, Const(0, skipped - len(units)), address)
    return Cat(pins, Const(0, _ADDRESS_BITS - len(pins)))


def _initial(word: int, init: list[int]) -> dict[str, Const]:
    """Return the INIT_RAM parameters that hold the words, one after the other."""
    each = 288 if word >= _UNIT_BITS else 256
    per = each // word
    parameters = {}
    for number in range(_INITS):
        packed = 0
        for place, value in enumerate(init[number * per : (number + 1) * per]):
            packed |= value << place * word
        parameters[f"p_INIT_RAM_{number:02X}"] = Const(packed, each)
    return parameters
