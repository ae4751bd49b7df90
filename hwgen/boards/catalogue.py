"""Reads ``boards/*.toml`` and finds a board by name."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

from hwgen import share
from hwgen.boards.board import BUSES, OUTPUTS, Board, Chip, Connection, Flash
from hwgen.boards.fields import Fields, read_toml
from hwgen.boards.platforms import chip_of, platform_class, platform_from_pins
from hwgen.errors import InputError, UsageError
from hwgen.files import access
from hwgen.targets import Cells, families

FLASH_BYTES = (1 << 19, 1 << 24)
"""Sizes of a flash: from the smallest that a bitstream goes into to what 24 bits address."""
_FLASH_PARTS = ("cs", "copi", "cipo")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def load_boards(folder: Path | None = None) -> dict[str, Board]:
    """Return every board, by name in alphabetical order.

    Parameters
    ----------
    folder
        Where the TOML files are; hwgen's own by default.

    Raises
    ------
    InputError
        If a file breaks a rule; names file, field and rule.
    FileAccessError
        If a file cannot be read.
    """
    folder = share.folder("boards") if folder is None else folder
    with access(folder, "read"):
        paths = sorted(folder.glob("*.toml"))
        tables = sorted((folder / "devices").glob("*.toml"))
    devices = {name: chip for path in tables for name, chip in load_devices(path).items()}
    boards = {path.stem: load_board(path, devices) for path in paths}
    _check_aliases(folder, boards)
    return boards


def find_board(name: str, boards: dict[str, Board] | None = None) -> Board:
    """Return the board of that name or alias.

    Raises
    ------
    UsageError
        If there is none, with the nearest names.
    """
    boards = load_boards() if boards is None else boards
    known = {alias: board for board in boards.values() for alias in (board.name, *board.aliases)}
    if name.lower() in known:
        return known[name.lower()]
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.4)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    raise UsageError(f"board must be one of those that `hwgen boards` lists, not {name!r}{hint}")


def load_devices(path: Path) -> dict[str, Chip]:
    """Return the chips in a device table, which is called like their family.

    Raises
    ------
    InputError
        If there is no such family, or the table breaks a rule.
    """
    known = families()
    if path.stem not in known:
        raise InputError(f"{path}: the file's name must be that of a family "
                         f"({', '.join(known)}), not {path.stem!r}")  # fmt: skip
    family = known[path.stem]
    result = {}
    for name, value in read_toml(path).items():
        table = Fields(path, name, value)
        cells = {kind: int(table.number(kind, 1, 10_000_000)) for kind in family.kinds}
        table.finish()
        result[name] = Chip(family, Cells(cells))
    return result


def load_board(path: Path, devices: dict[str, Chip]) -> Board:
    """Return the board that one TOML file describes."""
    table = Fields(path, "", read_toml(path))
    title = table.text("title")
    aliases = table.texts("aliases")
    uart = _uart(table.table("uart"))
    led = _led(table.table("led")) if "led" in table else None
    sources = _sources(table.table("sources")) if "sources" in table else {}
    outputs = _outputs(table.table("outputs")) if "outputs" in table else None
    lights = _lights(table.table("lights")) if "lights" in table else None
    learn = _button(table.table("learn")) if "learn" in table else None
    flash = _flash(table.table("flash")) if "flash" in table else None
    loader = tuple(table.texts("loader")) if "loader" in table else ()
    make = platform_class(table) if "platform" in table else platform_from_pins(table, devices)
    table.finish()
    platform = make()
    family = next(each for each in families().values() if each.serves(platform))
    device = family.device(platform)
    chip = chip_of(path, device, devices)
    _check_name(path, chip.family.size(device), aliases)
    kept = None if flash is None else flash.connection
    for use, connection in (("uart", uart), ("led", led), ("learn", learn), ("flash", kept)):
        if connection is not None:
            _check_connection(path, use, connection, platform)
    return Board(
        name=path.stem,
        title=title,
        device=device,
        package=platform.package,
        speed=getattr(platform, "speed", ""),
        clock_mhz=float(platform.default_clk_frequency) / 1e6,
        target=chip.family,
        resources=chip.cells,
        uart=uart,
        led=led,
        aliases=aliases,
        platform=make,
        sources=sources,
        outputs=outputs,
        lights=lights,
        learn=learn,
        flash=flash,
        loader=loader,
    )


def _sources(table: Fields) -> dict[str, Connection]:
    """Return the pins of each bus for sensors; one may leave out those that no part uses."""
    found = {}
    for bus, names in BUSES.items():
        if bus not in table:
            continue
        one = table.table(bus)
        pins = tuple((name, one.text(name)) for name in names if name in one)
        inputs = tuple(name for name, way in names.items() if way == "i")
        found[bus] = Connection(
            f"hwgen_{bus}", None, pins, one.text("io_type", "LVCMOS33"), inputs=inputs
        )
        one.finish()
    table.finish()
    return found


def _outputs(table: Fields) -> Connection:
    pins = tuple((name, table.text(name)) for name in OUTPUTS if name in table)
    io_type = table.text("io_type", "LVCMOS33")
    invert = table.flag("invert")
    table.finish()
    return Connection("hwgen_outputs", None, pins, io_type, invert)


def _lights(table: Fields) -> Connection:
    pins = tuple((f"light_{place}", pin) for place, pin in enumerate(table.texts("pins")))
    io_type = table.text("io_type", "LVCMOS33")
    invert = table.flag("invert")
    table.finish()
    return Connection("hwgen_lights", None, pins, io_type, invert)


def _uart(table: Fields) -> Connection:
    if "resource" in table:
        connection = Connection(table.text("resource"))
    else:
        pins = (("rx", table.text("rx")), ("tx", table.text("tx")))
        connection = Connection("hwgen_uart", None, pins, table.text("io_type", "LVCMOS33"))
    table.finish()
    return connection


def _led(table: Fields) -> Connection:
    if "resource" in table:
        member = table.text("member") if "member" in table else None
        connection = Connection(table.text("resource"), member)
    else:
        pins = (("o", table.text("pin")),)
        io_type = table.text("io_type", "LVCMOS33")
        connection = Connection("hwgen_led", "o", pins, io_type, table.flag("invert"))
    table.finish()
    return connection


def _button(table: Fields) -> Connection:
    if "resource" in table:
        connection = Connection(table.text("resource"))
    else:
        pins = (("i", table.text("pin")),)
        io_type = table.text("io_type", "LVCMOS33")
        connection = Connection("hwgen_learn", "i", pins, io_type, table.flag("invert"), ("i",))
    table.finish()
    return connection


def _flash(table: Fields) -> Flash:
    size = table.number("bytes", *FLASH_BYTES)
    if size != int(size) or int(size).bit_count() != 1:
        raise InputError(f"{table.path}: flash.bytes must be a power of two, not {size:g}")
    connection = Connection(table.text("resource"))
    table.finish()
    return Flash(int(size), connection)


def _check_name(path: Path, size: str, aliases: tuple[str, ...]) -> None:
    if not _NAME.fullmatch(path.stem) or (size and not path.stem.endswith(f"-{size}")):
        last = f" with the chip's size last (name-{size}.toml)" if size else ""
        raise InputError(f"{path}: the file's name must be lower case{last}")
    for alias in aliases:
        if not _NAME.fullmatch(alias):
            raise InputError(f"{path}: aliases must be lower case words, not {alias!r}")


def _check_connection(path: Path, use: str, connection: Connection, platform: Any) -> None:
    """Raise unless the platform has the resource, with the parts that `use` needs."""
    if connection.pins:
        return
    resource = platform.resources.get((connection.resource, 0))
    if resource is None:
        names = sorted({name for name, _ in platform.resources})
        raise InputError(f"{path}: {use}.resource must be one of {', '.join(names)}, "
                         f"not {connection.resource!r}")  # fmt: skip
    parts = {part.name for part in resource.ios if hasattr(part, "name")}
    several = {"uart": {"rx", "tx"}, "flash": set(_FLASH_PARTS)}
    needed = several.get(use, {connection.member} - {None})
    if not needed <= parts or (parts and not needed):
        raise InputError(f"{path}: {use}.resource {connection.resource!r} must have the parts "
                         f"{sorted(map(str, needed))}, not {sorted(parts)}")  # fmt: skip


def _check_aliases(folder: Path, boards: dict[str, Board]) -> None:
    owner: dict[str, str] = {name: name for name in boards}
    for board in boards.values():
        for alias in board.aliases:
            if alias in owner:
                raise InputError(f"{folder / board.name}.toml: alias {alias!r} must be unique; "
                                 f"{owner[alias]} has it")  # fmt: skip
            owner[alias] = board.name
