"""What templates may say of what stands around the core: AXI, a serial link, known answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from amaranth.hdl import Shape
from amaranth.lib.wiring import In

from hwgen import files, golden
from hwgen.export.ports import Port
from hwgen.export.windows import spread
from hwgen.fixedpoint import Integers
from hwgen.gateware.axi import registers
from hwgen.gateware.axi.names import lite_members, sample_bits, stream_members
from hwgen.gateware.axi.results import packet, result_words
from hwgen.plans.facts import KnownCore
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel

Emit = Callable[[], str]


def facts(
    model: QuantizedModel,
    module: str,
    timing: Timing,
    hop: int | None,
    place: Path,
    baud: int,
) -> dict[str, Any]:
    """Return the facts; Verilog is only made where a template asks for it.

    Parameters
    ----------
    place
        A folder for Yosys.
    baud
        Of a serial line.
    """
    known_core = known_as(model, timing, hop)
    return {
        "axi_ports": axi_ports(model.bits.adc),
        "axi_verilog": _axi(known_core, module, model.digest, place),
        "linked_verilog": lambda mhz: _linked(known_core, module, model, place, mhz, baud),
        "registers": registers.register_map(known_core, model.digest, result_words(known_core)),
        "register_space": 1 << registers.ADDRESS_BITS,
        "address_bits": registers.ADDRESS_BITS,
        "numbers": packet(known_core),
        "result_words": result_words(known_core),
        "tdata_bits": sample_bits(model.bits.adc),
        "overlapping": known_core.hop < known_core.input_samples,
    }


def axi_ports(adc_bits: int) -> list[Port]:
    """Return the ports of the core behind AXI."""
    members = stream_members(adc_bits) | lite_members()
    found = [
        Port("aclk", "input", 1, "clock; everything happens at its rising edge"),
        Port("aresetn", "input", 1, "synchronous reset, active low"),
    ]
    for name, member in members.items():
        direction = "input" if member.flow is In else "output"
        found.append(Port(name, direction, Shape.cast(member.shape).width, "AXI"))
    return found


def known_as(model: QuantizedModel, timing: Timing, hop: int | None) -> KnownCore:
    """Return a core's numbers, as those around it know them."""
    return KnownCore(
        input_samples=model.elements,
        adc_bits=model.bits.adc,
        hop=model.elements if hop is None else hop,
        classes=len(model.classes),
        logit_bits=model.logit_width,
        timing=timing,
        numbers=model.numbers,
        number_bits=model.number_bits,
        threshold=model.threshold,
    )


def known(model: QuantizedModel, windows: Integers, count: int) -> list[dict[str, Any]]:
    """Return a few windows with the words of their result's packet, but for the cycles."""
    chosen = windows[spread(len(windows), count)]
    answers = golden.answers(model, chosen).tolist()
    classes = len(model.classes)
    found = []
    for window, row in zip(chosen.tolist(), answers, strict=True):
        first = [int(golden.classify(np.asarray(row[:classes])))] if classes else []
        found.append({"samples": window, "numbers": [*first, *row]})
    return found


def _axi(core: KnownCore, module: str, digest: str, place: Path) -> Emit:
    """Return what makes the AXI wrapper's Verilog, without the core's."""

    def emit() -> str:
        from hwgen.gateware.axi.core import AxiCore

        return _emitted(AxiCore(_elsewhere(core, module), digest), f"{module}_axi", place)

    return emit


def _linked(
    core: KnownCore, module: str, model: QuantizedModel, place: Path, mhz: float, baud: int
) -> str:
    """Return the Verilog of a core behind a serial line, without the core's."""
    from hwgen.gateware.top import LinkedCore

    linked = LinkedCore(_elsewhere(core, module), clock_mhz=mhz, baud=baud, digest=model.digest)
    return _emitted(linked, f"{module}_linked", place)


def _elsewhere(core: KnownCore, module: str) -> Any:
    from hwgen.gateware.elsewhere import CoreElsewhere

    return CoreElsewhere(core, module)


def _emitted(component: Any, name: str, place: Path) -> str:
    """Return a component's Verilog."""
    from hwgen.hardware.emit import write_verilog

    with files.access(place, "write"):
        place.mkdir(exist_ok=True)
    write_verilog(component, name, place / f"{name}.v")
    return files.read_text(place / f"{name}.v")
