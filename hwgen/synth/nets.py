"""The nets of a netlist: what drives each, and how many pins it reaches through routing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwgen import files
from hwgen.errors import ToolError
from hwgen.targets.family import Toolchain
from hwgen.targets.power import Wiring

LOGIC = ("lut4", "ff")
"""Kinds of cells whose outputs are told apart from those of memories and multipliers."""


@dataclass(frozen=True)
class Net:
    """A bit that a cell or a port drives.

    Parameters
    ----------
    name
        As in the netlist that is simulated.
    logic
        Whether a look-up table, a carry chain or a flip-flop drives it.
    reached
        Pins that it reaches through routing.
    """

    name: str
    logic: bool
    reached: int


@dataclass(frozen=True)
class Nets:
    """All that switches in a netlist.

    Parameters
    ----------
    nets
        Without the clock, which is a net of its own kind.
    works
        Kind of each memory and multiplier, by the cell's name.
    """

    nets: tuple[Net, ...]
    works: Mapping[str, str]


def read(path: Path, top: str, toolchain: Toolchain, wiring: Wiring, clock: str = "clk") -> Nets:
    """Return the nets of what Yosys's ``write_json`` wrote.

    Parameters
    ----------
    path, top
        The file, and the module in it.
    toolchain
        Of the family: which cells are of which kind.
    wiring
        Of the family: which pins routing does not reach.
    clock
        The port that clocks all.

    Raises
    ------
    ToolError
        If it is not what Yosys writes.
    """
    try:
        module = files.read_json(path)["modules"][top]
        return _nets(module, toolchain, wiring, clock)
    except (KeyError, TypeError, AttributeError) as error:
        raise ToolError(f"{path} must be Yosys's netlist of {top}; run it again") from error


def _nets(module: dict[str, Any], toolchain: Toolchain, wiring: Wiring, clock: str) -> Nets:
    kinds = {cell: kind for kind, made in toolchain.counted.items() for cell in made}
    driver: dict[int, tuple[str, str]] = {}
    reached: Counter[int] = Counter()
    for cell in module["cells"].values():
        for pin, bits in cell["connections"].items():
            out = cell["port_directions"][pin] == "output"
            for bit in (bit for bit in bits if isinstance(bit, int)):
                if out:
                    driver[bit] = cell["type"], pin
                elif pin not in wiring.beside.get(cell["type"], ()):
                    reached[bit] += 1
    names = _names(module["netnames"])
    clocks = set(module["ports"][clock]["bits"])
    inputs = {
        bit for port in module["ports"].values() if port["direction"] == "input"
        for bit in port["bits"]
    }  # fmt: skip
    nets = []
    for bit, name in names.items():
        if bit in clocks or not (bit in driver or bit in inputs):
            continue
        kind, pin = driver.get(bit, ("", ""))
        logic = bit in driver and kinds.get(kind, LOGIC[0]) in LOGIC
        inner = pin in wiring.within.get(kind, ())
        nets.append(Net(name, logic, 0 if inner else reached[bit]))
    works = {
        name: kinds[cell["type"]] for name, cell in module["cells"].items()
        if kinds.get(cell["type"], LOGIC[0]) not in LOGIC
    }  # fmt: skip
    return Nets(tuple(nets), works)


def _names(netnames: Mapping[str, Any]) -> dict[int, str]:
    """Return a name for each bit: ``net``, or ``net[3]`` of several."""
    found: dict[int, str] = {}
    for name, net in netnames.items():
        for place, bit in enumerate(net["bits"]):
            if isinstance(bit, int):
                found.setdefault(bit, name if len(net["bits"]) == 1 else f"{name}[{place}]")
    return found
