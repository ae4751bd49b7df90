"""A build on a board, real or virtual: benchmark, programming, and what the board diagnoses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hwgen import lock, signals, tools
from hwgen.boards import Board as Chip
from hwgen.boards import find_board
from hwgen.errors import InputError, LinkError, MismatchError, ToolError, UsageError
from hwgen.flow import generate, implement, quantize, results, sensing, stage, threshold
from hwgen.flow.benched import Benched
from hwgen.flow.current import BENCH, current
from hwgen.flow.generated import Generated
from hwgen.flow.left import check_asked, left_by_quantize
from hwgen.flow.options import Settings, read_settings
from hwgen.flow.stage import Done, Say
from hwgen.flow.threshold import Asked, Wanted
from hwgen.flow.virtual import VIRTUAL, start_virtual
from hwgen.link import Board, Expected, SerialPort, learning, measure
from hwgen.link.benchmark import check_hello
from hwgen.protocol import Learn, Threshold
from hwgen.quantized import QuantizedModel
from hwgen.synth import BITSTREAM

if TYPE_CHECKING:
    from hwgen.protocol import Diagnosis


@dataclass(frozen=True)
class Meter:
    """A meter of power in the board's supply.

    Parameters
    ----------
    busy_s
        Seconds for which the board is to replay a window, so that it can be read.
    watts, idle_watts
        What it said then, and when nothing was computed; None where it was not read.

    Raises
    ------
    UsageError
        If the idle board is given alone.
    """

    busy_s: float = 0.0
    watts: float | None = None
    idle_watts: float | None = None

    def __post_init__(self) -> None:
        if self.idle_watts is not None and self.watts is None:
            raise UsageError("--idle-watts must come with --watts, what the busy board takes")


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
    meter: Meter = Meter(),
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
    meter
        What was read off one, and how long the board is to be busy so that it can be.

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
        return _bench(build, port, say, windows, timeout_s, baud, meter, progress)


def _bench(
    build: Path,
    port: str,
    say: Say,
    windows: int,
    timeout_s: float,
    baud: int | None,
    meter: Meter,
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
        with contextlib.ExitStack() as stack:
            board = stack.enter_context(
                _board(settings, build, model, known, port, say, timeout_s, baud)
            )
            hello = board.hello()
            check_hello(hello, model.digest, model.elements, len(model.classes))
            say(f"bench: {len(chosen)} windows")
            stack.enter_context(_model_threshold(board, build, model, say))
            if meter.busy_s:
                say(f"a window is replayed for {meter.busy_s:g} s: read the meter now")
            found = measure(
                board,
                hello,
                chosen.tolist(),
                expected,
                port=port,
                # Every window that is replayed is a new one, also where windows overlap.
                cycles_per_window=max(known.timing.interval, known.timing.pause * model.elements),
                busy_s=meter.busy_s,
                progress=progress,
            )
        found = found.metered(meter.watts, meter.idle_watts)
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


@contextlib.contextmanager
def _model_threshold(board: Board, build: Path, model: QuantizedModel, say: Say) -> Iterator[None]:
    """Let the board have the model's threshold, with which its answers are compared, meanwhile."""
    if model.threshold is None:
        yield
        return
    threshold.restore(board, build, model, say)
    before = board.threshold().value
    board.threshold(model.threshold)
    there = True
    try:
        yield
    except LinkError:
        there = False  # nobody is there to take it back
        raise
    finally:
        if there:
            board.threshold(before)


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
    loader = [*tools.find("openFPGALoader"), *board.loader]
    known = current(settings, build).generate
    if known is not None and known.said.design.pace is not None:
        _program_weights(loader, build / generate.FOLDER / generate.IMAGE, board, say)
    command = [*loader, *(["-f"] if flash else [])]
    say(f"program: {bitstream} into {board.name}{', kept in its flash' if flash else ''}")
    folder = build / implement.FOLDER
    tools.run(
        [*command, bitstream.name], folder, folder / "program.log", what="programming the board"
    )


def _program_weights(loader: list[str], image: Path, board: Chip, say: Say) -> None:
    """Write the image of the weights to its place in the flash, behind any bitstream."""
    from hwgen.plans.weights.image import base

    if board.flash is None or not image.is_file():
        raise InputError(f"{image} must be there, and {board.name} have a flash; build it anew")
    at = base(board.flash.size)
    say(f"program: {image} into the flash of {board.name} at {at:#x}")
    tools.run(
        [*loader, "-f", "-o", str(at), "--file-type", "raw", image.name],
        image.parent,
        image.parent / "program.log",
        what="writing the weights into the flash",
    )


def monitor(
    build: Path,
    port: str,
    say: Say,
    *,
    timeout_s: float,
    baud: int | None = None,
    learn: Asked | None = None,
) -> Iterator[tuple[int, Diagnosis, str, str | None]]:
    """Yield what a board with a sensor diagnoses, as it comes.

    Parameters
    ----------
    build, port, timeout_s, baud
        As of `bench`. The virtual board's sensor plays the build's test windows.
    learn
        The threshold is first learnt of the machine, which is healthy, and kept; None: the one
        that was kept is set again if the board has lost it.

    Returns
    -------
    Number, diagnosis, name of its class, and name of the confirmed class, if there is one.

    Raises
    ------
    InputError
        If `build` is no build with a sensor, or is to learn and has no score.
    UsageError
        If the learn phase is too short or too long.
    LinkError
        If there is no board at the port, one with another design, or none that diagnoses.
    """
    settings = read_settings(build)
    check_asked(settings, build)
    model = left_by_quantize(build)
    if not settings.hardware.sensor.sensed:
        raise InputError(f"{build} has no sensor; build it with --source NAME")
    known = _generated(settings, build)
    order = None if learn is None else _planned(learn, settings, build, model, known, say)
    with _board(settings, build, model, known, port, say, timeout_s, baud) as board:
        check_hello(board.hello(), model.digest, model.elements, len(model.classes))
        if model.threshold is not None:
            threshold.restore(board, build, model, say)
        if order is not None:
            _learn(board, order, build, model, say)
        for number, diagnosis in board.diagnoses():
            place = diagnosis.confirmed
            confirmed = model.classes[place] if place < len(model.classes) else None
            yield number, diagnosis, model.classes[diagnosis.result.class_], confirmed


def _planned(
    learn: Asked, settings: Settings, build: Path, model: QuantizedModel, known: Generated, say: Say
) -> Learn:
    """Return the learn phase for the build's sensor."""
    threshold.score_of(model, build)
    options = settings.hardware
    sensor = sensing.plan(model, options, find_board(options.board))
    hop = options.design.hop or known.hop
    return learn.planned(sensing.windows_per_second(sensor, hop), say)


def _learn(board: Board, order: Learn, build: Path, model: QuantizedModel, say: Say) -> None:
    """Have the board learn, and keep what it has learnt."""
    say(f"learn: {order.windows:,} windows, of which {order.allowed:,} may be above the threshold")
    tenth = -(-order.windows // 10)

    def progress(collected: int, wanted: int, diagnosis: Diagnosis) -> None:
        if not diagnosis.faults and collected % tenth == 0:
            say(f"learn: {collected:,} of {wanted:,} windows")

    found = learning.learn(board, order, progress)
    found = replace(found, after=threshold.settled(board, found.after))
    threshold.tell(found, order, model, say)
    threshold.keep(build, model, found.after)


def set_threshold(
    build: Path,
    port: str,
    say: Say,
    wanted: Wanted,
    *,
    timeout_s: float,
    baud: int | None = None,
) -> tuple[Threshold, QuantizedModel]:
    """Ask a board for its threshold, or set it and keep it; return how it stands, and the model.

    Parameters
    ----------
    build, port, timeout_s, baud
        As of `bench`.
    wanted
        What it is to be.

    Raises
    ------
    InputError
        If `build` is no build of a network with a score.
    UsageError
        If no score has the value.
    LinkError
        If there is no board at the port, or one with another design.
    """
    settings = read_settings(build)
    check_asked(settings, build)
    model = left_by_quantize(build)
    value = wanted.value(threshold.score_of(model, build))
    known = _generated(settings, build)
    with _board(settings, build, model, known, port, say, timeout_s, baud) as board:
        check_hello(board.hello(), model.digest, model.elements, len(model.classes))
        if value is None:
            threshold.restore(board, build, model, say)
        stands = threshold.settled(board, board.threshold(value))
    if value is not None:
        threshold.keep(build, model, None if wanted.reset else stands)
        windows = quantize.read_windows(build / quantize.FOLDER / "windows.npz", model)
        scores = [each.logits[1] for each in Expected.of(model, windows)]
        for doubt in threshold.doubts(value, scores, model, "windows of the build"):
            say(f"threshold: warning: {doubt}")
    return stands, model
