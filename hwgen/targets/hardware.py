"""What several families' primitives are made of: rows of block RAMs, a carry chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from amaranth.hdl import Array, Cat, Const, Instance, Module, Signal

from hwgen.targets.blocks import Shape
from hwgen.targets.target import Ports

ALWAYS = Const(1)

Block = Callable[[Ports, list[int], str], Instance]
"""Returns a block of a memory, from its ports, its first words and its name."""


def lay(m: Module, plan: Shape, ports: Ports, init: Sequence[int], block: Block) -> list[Any]:
    """Add the blocks of a memory; return what each row of them reads, as wide as the memory.

    Parameters
    ----------
    plan
        Of the memory.
    ports
        Those of the memory; ``read_data`` is not driven.
    init
        The first words.
    """
    low = plan.words.bit_length() - 1
    mask = (1 << plan.word) - 1
    pad = Const(0, plan.columns * plan.word - len(ports.write_data))
    data, rows = Cat(ports.write_data, pad), []
    for row in range(plan.rows):
        mine = ports.write_address[low:] == row if plan.rows > 1 else Const(1)
        words = init[row * plan.words : (row + 1) * plan.words]
        read = Signal(plan.columns * plan.word, name=f"read_{row}")
        for column in range(plan.columns):
            part = slice(column * plan.word, (column + 1) * plan.word)
            its = Ports(
                ports.write_enable & mine,
                ports.write_address[:low],
                data[part],
                ports.read_address[:low],
                read[part],
            )
            name = f"block_{row}_{column}"
            m.submodules[name] = block(its, [word >> part.start & mask for word in words], name)
        rows.append(read[: len(ports.read_data)])
    return rows


RomBlock = Callable[[Sequence[tuple[Any, Any]], list[int]], Instance]
"""Returns a block of a ROM, from the address and the data of each port, and its words."""


def lay_rom(
    m: Module,
    plan: Shape,
    ports: Sequence[tuple[Any, Any]],
    init: Sequence[int],
    block: RomBlock,
) -> list[list[Signal]]:
    """Add the blocks of a ROM with two ports; return what each row of them reads at each.

    Parameters
    ----------
    plan
        Of the ROM.
    ports
        An address and its data; the data are not driven.
    init
        The words.
    """
    low = plan.words.bit_length() - 1
    mask = (1 << plan.word) - 1
    rows = []
    for row in range(plan.rows):
        reads = [Signal(plan.columns * plan.word, name=f"read_{row}_{name}") for name in "ab"]
        words = init[row * plan.words : (row + 1) * plan.words]
        for column in range(plan.columns):
            part = slice(column * plan.word, (column + 1) * plan.word)
            its = [
                (address[:low], read[part]) for (address, _), read in zip(ports, reads, strict=True)
            ]
            m.submodules[f"block_{row}_{column}"] = block(
                its, [word >> part.start & mask for word in words]
            )
        rows.append(reads)
    return rows


def selected(m: Module, row: Any, data: Sequence[Any], enable: Any = ALWAYS) -> Any:
    """Return the data of a row whose number was valid two cycles with `enable` before."""
    if len(data) == 1:
        return data[0]
    for step in range(2):
        later = Signal(len(row), name=f"row_{step + 1}", reset_less=True)
        with m.If(enable):
            m.d.sync += later.eq(row)
        row = later
    return Array(data)[row]


def add_subtract(m: Module, a: Any, b: Any, subtract: Any, total: Any) -> None:
    """Add a carry chain: `total` is ``a + b``, or ``a - b`` where `subtract` is high, modulo.

    For families whose Yosys makes one of a sum and leaves the choice to look-up tables before it.
    """
    other = b ^ subtract.replicate(len(b))
    both = Cat(subtract, a) + Cat(subtract, other)
    m.d.comb += total.eq(both[1 : 1 + len(total)])


def sign_extended(value: Any, width: int) -> Any:
    """Return a number in two's complement with more bits."""
    return Cat(value, value[-1].replicate(width - len(value)))
