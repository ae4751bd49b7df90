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
    from hwgen.link.virtual import VirtualBoard

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
        made = virtual_board(core, clock, model.digest, folder, bus=bus, **extra)
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
        return Compiled(folder / PROGRAM, made.divisor, made.timeout_cycles).start(part)
