"""A build on a board, real or virtual: benchmark, programming, and what the board diagnoses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hwgen import files, lock, share, signals, tools
from hwgen.boards import find_board
from hwgen.errors import InputError, MismatchError, ToolError
from hwgen.flow import generate, implement, quantize, results, sensing, stage
from hwgen.flow.benched import Benched
from hwgen.flow.current import BENCH, current
from hwgen.flow.generated import Generated
from hwgen.flow.left import check_asked, left_by_quantize
from hwgen.flow.options import Settings, read_settings
from hwgen.flow.stage import Done, Say, StageResult
from hwgen.link import Board, Expected, SerialPort, measure
from hwgen.link.benchmark import check_hello
from hwgen.quantized import QuantizedModel
from hwgen.synth import BITSTREAM

if TYPE_CHECKING:
    from hwgen.link.virtual import VirtualBoard
    from hwgen.protocol import Diagnosis

VIRTUAL = "virtual"
"""The port that is no port: the board top in a simulator. Also its folder."""
_VIRTUAL_TIMEOUT_S = 120.0
"""A simulation is as slow as the machine is busy; one that ends is noticed at once."""


def bench(
    build: Path,
    port: str,
    say: Say,
    *,
    windows: int,
    timeout_s: float,
    baud: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Done[Benched]:
    """Measure a build on a board, add that to its report, and return it.

    Parameters
    ----------
    build
        Its folder.
    port
        Of the board, or ``"virtual"``.
    windows
        How many of the build's verification windows are sent at most.
    timeout_s
        Seconds without a byte from the board after which it counts as silent.
    baud
        Bits a second; None: the build's.

    Raises
    ------
    InputError
        If `build` is no build, or has no Verilog yet.
    LinkError
        If there is no board at the port, or one with another design.
    MismatchError
        If an answer differs from the golden model; after the report is written.
    """
    with lock.folder(build):
        return _bench(build, port, say, windows, timeout_s, baud, progress)


def _bench(
    build: Path,
    port: str,
    say: Say,
    windows: int,
    timeout_s: float,
    baud: int | None,
    progress: Callable[[int, int], None],
) -> Done[Benched]:
    """Do it, the folder being locked."""
    settings = read_settings(build)
    check_asked(settings, build)
    model = left_by_quantize(build)
    known = _generated(settings, build)
    chosen = quantize.read_windows(build / quantize.FOLDER / "windows.npz", model)
    chosen = chosen[signals.spread(len(chosen), windows)]
    expected = Expected.of(model, chosen)

    def work() -> Benched:
        with _board(settings, build, model, known, port, say, timeout_s, baud) as board:
            hello = board.hello()
            check_hello(hello, model.digest, model.elements, len(model.classes))
            say(f"bench: {len(chosen)} windows")
            found = measure(
                board,
                hello,
                chosen.tolist(),
                expected,
                port=port,
                # Every window that is replayed is a new one, also where windows overlap.
                cycles_per_window=max(known.timing.interval, known.timing.pause * model.elements),
                progress=progress,
            )
        return Benched(generate.basis(model.digest, settings.hardware), found)

    done = stage.run("bench", build / BENCH, None, (), work, kind=Benched, say=say, force=True)
    results.write_report(settings, build)
    found = done.said.found
    if found.mismatches:
        raise MismatchError(
            f"{found.mismatches} of {found.windows} answers of the board differ from the "
            f"golden model"
        )
    return done


def _generated(settings: Settings, build: Path) -> Generated:
    """Return what the generator said of the present design."""
    known = current(settings, build).generate
    if known is None:
        raise InputError(f"{build} has no Verilog of its design; build again: hwgen verify {build}")
    return known.said


@contextlib.contextmanager
def _board(
    settings: Settings,
    build: Path,
    model: QuantizedModel,
    known: Generated,
    port: str,
    say: Say,
    timeout_s: float,
    baud: int | None,
) -> Iterator[Board]:
    """Yield the board at a port, which is started first if it is the virtual one."""
    with contextlib.ExitStack() as stack:
        if port == VIRTUAL:
            port = stack.enter_context(_virtual(settings, build, model, known, say)).port
            timeout_s = max(timeout_s, _VIRTUAL_TIMEOUT_S)
        serial = SerialPort(port, baud or settings.hardware.baud, write_timeout_s=timeout_s)
        yield Board(stack.enter_context(serial), timeout_s=timeout_s)


@dataclass(frozen=True)
class _VirtualTop(StageResult):
    """A board top that is compiled for simulation: of `hwgen.link.virtual.Compiled`."""

    divisor: int
    timeout_cycles: int

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(**value)


def _virtual(
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

    def work() -> _VirtualTop:
        say("virtual: compiling the board top (Verilator)")
        core = generate.accelerator(model, known.design)
        extra = sensing.components(model, options, board, core, margin, sensor)
        bus = None if sensor is None else sensor.part.bus
        made = virtual_board(core, clock, model.digest, folder, bus=bus, **extra)
        return _VirtualTop(made.divisor, made.timeout_cycles)

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
        made = stage.run(VIRTUAL, folder, inputs, (PROGRAM,), work, kind=_VirtualTop, say=say).said
        part = []
        if sensor is not None:
            windows = quantize.read_windows(build / quantize.FOLDER / "windows.npz", model)
            part = write_recording(windows, model.bits.adc, sensor, folder)
            say(f"virtual: the sensor plays {len(windows)} test windows over and over")
        return Compiled(folder / PROGRAM, made.divisor, made.timeout_cycles).start(part)


def program(build: Path, say: Say, *, flash: bool = False) -> None:
    """Load a build's bitstream onto the board that is connected.

    Parameters
    ----------
    flash
        Keep it over a power cycle.

    Raises
    ------
    InputError
        If the build has no bitstream.
    ToolError
        If openFPGALoader is missing or fails.
    """
    with lock.folder(build):
        _program(build, say, flash=flash)


def _program(build: Path, say: Say, *, flash: bool) -> None:
    """Do it, the folder being locked."""
    settings = read_settings(build)
    check_asked(settings, build)
    board = find_board(settings.hardware.board)
    bitstream = build / implement.FOLDER / BITSTREAM
    if current(settings, build).synth is None or not bitstream.is_file():
        raise InputError(f"{build} has no bitstream of its design; make it: hwgen synth {build}")
    if not board.loader:
        raise ToolError(
            f"openFPGALoader needs to know the cable of {board.name}: "
            f"openFPGALoader -c CABLE {'-f ' if flash else ''}{bitstream}"
        )
    command = [*tools.find("openFPGALoader"), *board.loader, *(["-f"] if flash else [])]
    say(f"program: {bitstream} into {board.name}{', kept in its flash' if flash else ''}")
    folder = build / implement.FOLDER
    tools.run(
        [*command, bitstream.name], folder, folder / "program.log", what="programming the board"
    )


def monitor(
    build: Path, port: str, say: Say, *, timeout_s: float, baud: int | None = None
) -> Iterator[tuple[int, Diagnosis, str, str | None]]:
    """Yield what a board with a sensor diagnoses, as it comes.

    Parameters
    ----------
    build, port, timeout_s, baud
        As of `bench`. The virtual board's sensor plays the build's test windows.

    Returns
    -------
    Number, diagnosis, name of its class, and name of the confirmed class, if there is one.

    Raises
    ------
    InputError
        If `build` is no build with a sensor.
    LinkError
        If there is no board at the port, one with another design, or none that diagnoses.
    """
    settings = read_settings(build)
    check_asked(settings, build)
    model = left_by_quantize(build)
    if not settings.hardware.sensor.sensed:
        raise InputError(f"{build} has no sensor; build it with --source NAME")
    known = _generated(settings, build)
    with _board(settings, build, model, known, port, say, timeout_s, baud) as board:
        check_hello(board.hello(), model.digest, model.elements, len(model.classes))
        for number, diagnosis in board.diagnoses():
            place = diagnosis.confirmed
            confirmed = model.classes[place] if place < len(model.classes) else None
            yield number, diagnosis, model.classes[diagnosis.result.class_], confirmed
