"""The virtual board of a build: its top, compiled for simulation, as a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hwgen import files, lock, share, tools
from hwgen.boards import find_board
from hwgen.flow import generate, quantize, sensing, stage
from hwgen.flow.generated import Generated
from hwgen.flow.options import Settings
from hwgen.flow.stage import Say, StageResult
from hwgen.quantized import QuantizedModel

if TYPE_CHECKING:
    from hwgen.boards import Board
    from hwgen.gateware.flash.reader import ReaderPlan
    from hwgen.link.virtual import VirtualBoard, VirtualFlash

VIRTUAL = "virtual"
"""The port that is no port: the board top in a simulator. Also its folder."""


@dataclass(frozen=True)
class VirtualTop(StageResult):
    """A board top that is compiled for simulation: of `hwgen.link.virtual.Compiled`."""

    divisor: int
    timeout_cycles: int

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(**value)


def start_virtual(
    settings: Settings, build: Path, model: QuantizedModel, known: Generated, say: Say
) -> VirtualBoard:
    """Return the virtual board of a build, running; a sensor of its own plays test windows."""
    from hwgen.link.virtual import PROGRAM, Compiled, virtual_board
    from hwgen.link.virtual_sensor import write_recording

    folder = build / VIRTUAL
    options = settings.hardware
    board = find_board(options.board)
    clock = float(board.plan_pll(options.clock_mhz).output_mhz)
    margin = sensing.least_margin(build / quantize.FOLDER, options) if options.sensor.sensed else 0
    sensor = sensing.hurried(model, options, board, known, clock) if options.sensor.sensed else None

    def work() -> VirtualTop:
        say("virtual: compiling the board top (Verilator)")
        core = generate.accelerator(model, known.design)
        extra = sensing.components(model, options, board, core, margin, sensor)
        bus = None if sensor is None else sensor.part.bus
        made = virtual_board(
            core,
            clock,
            model.digest,
            folder,
            bus=bus,
            weights=_reader(known, board, clock),
            **extra,
        )
        return VirtualTop(made.divisor, made.timeout_cycles)

    sources = [
        files.digest(files.read_bytes(path))
        for path in sorted(share.folder("sim").glob("virtual_*"))
    ]
    inputs = {
        "digest": model.digest,
        "design": known.design.to_json(),
        "hop": known.hop,
        "clock_mhz": clock,
        "sensor": sensing.report_parts(
            model, options, board, build / quantize.FOLDER, known.hop
        ),
        "sources": sources,
        "tools": [tools.version(name) for name in ("yosys", "verilator", "g++")],
    }  # fmt: skip
    with lock.folder(build):  # what is running does not need it any more
        made = stage.run(VIRTUAL, folder, inputs, (PROGRAM,), work, kind=VirtualTop, say=say).said
        part = []
        if sensor is not None:
            windows = quantize.read_windows(build / quantize.FOLDER / "windows.npz", model)
            part = write_recording(windows, model.bits.adc, sensor, folder)
            say(f"virtual: the sensor plays {len(windows)} test windows over and over")
        flash = _flash(known, build, board, folder)
        return Compiled(folder / PROGRAM, made.divisor, made.timeout_cycles).start(part, flash)


def _reader(known: Generated, board: Board, clock_mhz: float) -> ReaderPlan | None:
    """Return how the weights are read, where they come from the board's flash."""
    from hwgen.gateware.flash.reader import plan_reader

    if known.design.pace is None or board.flash is None:
        return None
    return plan_reader(board.flash.size, clock_mhz)


def _flash(known: Generated, build: Path, board: Board, folder: Path) -> VirtualFlash | None:
    """Return the board's flash with the weights in it, where they come from there."""
    from hwgen.link.virtual import VirtualFlash
    from hwgen.plans.weights.image import base

    if known.design.pace is None or board.flash is None:
        return None
    image = files.read_bytes(build / generate.FOLDER / generate.IMAGE)
    at = base(board.flash.size)
    path = folder / "flash.bin"
    with files.access(path, "write"), path.open("wb") as file:
        file.write(b"\xff" * at + image)
        file.write(b"\xff" * (board.flash.size - at - len(image)))
    return VirtualFlash(path)
