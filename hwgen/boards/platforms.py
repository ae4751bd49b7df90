"""Makes Amaranth platforms: from an amaranth-boards class, or from a chip and its pins."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from amaranth.build import Attrs, Clock, Pins, PinsN, Resource, Subsignal

from hwgen import targets
from hwgen.boards.board import Chip, Connection
from hwgen.boards.fields import Fields
from hwgen.errors import InputError
from hwgen.targets import families


def platform_class(table: Fields) -> Callable[[], Any]:
    """Return the amaranth-boards class that field ``platform`` names (``MODULE:CLASS``)."""
    text = table.text("platform")
    module, _, name = text.partition(":")
    try:
        made = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"{table.path}: platform must be MODULE:CLASS of amaranth-boards, "
                         f"not {text!r} ({error})") from error  # fmt: skip
    known = families().values()
    bases = tuple(family.platform for family in known)
    if not (isinstance(made, type) and issubclass(made, bases)):
        names = " or ".join(family.title for family in known)
        raise InputError(f"{table.path}: platform must be a {names} platform, not {text!r}")
    return made


def platform_from_pins(table: Fields, chips: Mapping[str, Chip]) -> Callable[[], Any]:
    """Return a platform class for one of the chips, whose clock pin the table names."""
    device = table.text("device")
    family = chip_of(table.path, device, chips).family
    package = table.choice("package", family.packages)
    speed = table.choice("speed", family.speeds) if any(family.speeds) else ""
    clock = table.table("clock")
    pin = clock.text("pin")
    mhz = clock.number("mhz", *family.oscillator_mhz)
    io_type = clock.text("io_type", "LVCMOS33")
    clock.finish()
    attributes = Attrs(**family.pin_attributes(io_type))
    resource = Resource("clk", 0, Pins(pin, dir="i"), Clock(mhz * 1e6), attributes)
    members = {
        **family.members(device, package, speed),
        "default_clk": "clk",
        "resources": [resource],
        "connectors": [],
    }
    return type("BoardFromPins", (family.platform,), members)


def chip_of(path: Path, device: str, chips: Mapping[str, Chip]) -> Chip:
    """Return the chip of that name; `InputError` if there is none."""
    if device not in chips:
        raise InputError(f"{path}: device must be one of {', '.join(chips)}, not {device!r}")
    return chips[device]


def request(platform: Any, connection: Connection) -> Any:
    """Return the port, or the group of ports, of a connection."""
    if connection.pins:
        kind = PinsN if connection.invert else Pins
        parts = [
            Subsignal(part, kind(pin, dir="i" if part in connection.inputs else "o"))
            for part, pin in connection.pins
        ]
        attributes = Attrs(**targets.of(platform).pin_attributes(connection.io_type))
        platform.add_resources([Resource(connection.resource, 0, *parts, attributes)])
    port = platform.request(connection.resource, 0, dir="-")
    return getattr(port, connection.member) if connection.member else port


def request_clock(platform: Any) -> tuple[Any, Any | None]:
    """Return the ports of the platform's clock and, where it has one, its reset."""
    clock = platform.request(platform.default_clk, dir="-")
    reset = platform.request(platform.default_rst, dir="-") if platform.default_rst else None
    return clock, reset
