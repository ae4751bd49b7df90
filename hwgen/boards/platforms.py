"""Makes Amaranth platforms: from an amaranth-boards class, or from a chip and its pins."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from amaranth.build import Attrs, Clock, Pins, PinsN, Resource, Subsignal
from amaranth.vendor import LatticeECP5Platform

from hwgen.boards.board import Connection
from hwgen.boards.fields import Fields
from hwgen.errors import InputError

_PACKAGES = ("BG256", "MG285", "BG381", "BG554", "BG756")
"""Lattice's codes of the packages that the place-and-route tool knows."""
_SPEEDS = ("6", "7", "8")
_PLL_INPUT_MHZ = (8.0, 400.0)


def platform_class(table: Fields) -> Callable[[], Any]:
    """Return the amaranth-boards class that field ``platform`` names (``MODULE:CLASS``)."""
    text = table.text("platform")
    module, _, name = text.partition(":")
    try:
        made = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"{table.path}: platform must be MODULE:CLASS of amaranth-boards, "
                         f"not {text!r} ({error})") from error  # fmt: skip
    if not (isinstance(made, type) and issubclass(made, LatticeECP5Platform)):
        raise InputError(f"{table.path}: platform must be a Lattice ECP5 platform, not {text!r}")
    return made


def platform_from_pins(table: Fields) -> Callable[[], Any]:
    """Return a platform class for a chip whose clock pin the table names."""
    device = table.text("device")
    package = table.choice("package", _PACKAGES)
    speed = table.choice("speed", _SPEEDS)
    clock = table.table("clock")
    pin = clock.text("pin")
    mhz = clock.number("mhz", *_PLL_INPUT_MHZ)
    io_type = clock.text("io_type", "LVCMOS33")
    clock.finish()
    if not device.startswith("LFE5U"):
        raise InputError(f"{table.path}: device must be an ECP5 (LFE5U...), not {device!r}")
    resource = Resource("clk", 0, Pins(pin, dir="i"), Clock(mhz * 1e6), Attrs(IO_TYPE=io_type))
    members = {
        "device": device,
        "package": package,
        "speed": speed,
        "default_clk": "clk",
        "resources": [resource],
        "connectors": [],
    }
    return type("BoardFromPins", (LatticeECP5Platform,), members)


def request(platform: Any, connection: Connection) -> Any:
    """Return the port, or the group of ports, of a connection."""
    if connection.pins:
        kind = PinsN if connection.invert else Pins
        parts = [
            Subsignal(part, kind(pin, dir="i" if part in connection.inputs else "o"))
            for part, pin in connection.pins
        ]
        platform.add_resources(
            [Resource(connection.resource, 0, *parts, Attrs(IO_TYPE=connection.io_type))]
        )
    port = platform.request(connection.resource, 0, dir="-")
    return getattr(port, connection.member) if connection.member else port


def request_clock(platform: Any) -> tuple[Any, Any | None]:
    """Return the ports of the platform's clock and, where it has one, its reset."""
    clock = platform.request(platform.default_clk, dir="-")
    reset = platform.request(platform.default_rst, dir="-") if platform.default_rst else None
    return clock, reset
