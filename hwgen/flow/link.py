"""A build on a board, real or virtual: benchmark, programming, and what the board diagnoses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hwgen import lock, signals, tools
from hwgen.boards import find_board
from hwgen.errors import InputError, MismatchError, ToolError
from hwgen.flow import generate, implement, quantize, results, stage
from hwgen.flow.benched import Benched
from hwgen.flow.current import BENCH, current
from hwgen.flow.generated import Generated
from hwgen.flow.left import check_asked, left_by_quantize
from hwgen.flow.options import Settings, read_settings
from hwgen.flow.stage import Done, Say
from hwgen.flow.virtual import VIRTUAL, start_virtual
from hwgen.link import Board, Expected, SerialPort, measure
from hwgen.link.benchmark import check_hello
from hwgen.quantized import QuantizedModel
from hwgen.synth import BITSTREAM

if TYPE_CHECKING:
    from hwgen.protocol import Diagnosis

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
            port = stack.enter_context(start_virtual(settings, build, model, known, say)).port
            timeout_s = max(timeout_s, _VIRTUAL_TIMEOUT_S)
        serial = SerialPort(port, baud or settings.hardware.baud, write_timeout_s=timeout_s)
        yield Board(stack.enter_context(serial), timeout_s=timeout_s)


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
