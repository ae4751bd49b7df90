"""An estimate of what a build takes: activity of its netlist, times its chip family's figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hwgen import lock, targets
from hwgen.boards import Board, find_board
from hwgen.errors import CannotMeetError, InputError
from hwgen.fixedpoint import Integers
from hwgen.flow import generate, quantize, results, stage
from hwgen.flow.current import POWER, current
from hwgen.flow.generated import Generated
from hwgen.flow.implemented import Implemented
from hwgen.flow.left import check_asked, left_by_quantize
from hwgen.flow.options import Settings, read_settings
from hwgen.flow.powered import Mode, Powered
from hwgen.flow.stage import Done, Say
from hwgen.quantized import QuantizedModel
from hwgen.synth.estimate import Band, clocking, switching, total
from hwgen.targets.power import Power
from hwgen.verify import spread

if TYPE_CHECKING:
    from hwgen.synth.switched import Switched

USUAL_RATE = 25_600.0
"""Hz of a sensor, where neither network nor user says it."""
STATIC, PLL, CLOCK, PINS = "static", "pll", "clock", "pins"
_EDGES = 2
"""Of a converter's clock for each bit of a sample."""
_LEAST = 3
"""Windows of a stream in which they overlap."""


def power(
    build: Path, say: Say, *, windows: int, sample_rate: float | None = None
) -> Done[Powered]:
    """Estimate what a build takes, add that to its report, and return it.

    Parameters
    ----------
    build
        Its folder.
    windows
        Of the build's own, run through its netlist.
    sample_rate
        Hz of a sensor; None: the build's sensor's, or the network's, or `USUAL_RATE`.

    Raises
    ------
    InputError
        If `build` is no build, or has no Verilog yet.
    CannotMeetError
        If nothing is known of the board's chip, weights come of its flash, or the design does not
        take samples so fast.
    MismatchError
        If the netlist answers otherwise than the golden model.
    ToolError
        If Yosys or Verilator is missing or fails.
    """
    with lock.folder(build):
        settings = read_settings(build)
        check_asked(settings, build)
        model = left_by_quantize(build)
        board = find_board(settings.hardware.board)
        figures = figures_of(board)
        known = current(settings, build)
        if known.generate is None:
            raise InputError(
                f"{build} has no Verilog of its design; build again: hwgen verify {build}"
            )
        made = known.generate.said
        if made.design.pace is not None:
            raise CannotMeetError(
                f"the power of {build} can only be measured, for what its flash takes while "
                "weights come from it is not known; see docs/board.md"
            )
        usual = settings.hardware.sensor.sensor_rate or model.sample_rate or USUAL_RATE
        chip = _chip(settings, board, made, model, known.synth, sample_rate or usual)
        least = _LEAST if made.hop < model.elements else 1
        every = quantize.read_windows(build / quantize.FOLDER / "windows.npz", model)
        chosen = spread(every, max(windows, least))

        def work() -> Powered:
            count = "a window" if len(chosen) == 1 else f"{len(chosen)} windows"
            say(f"power: synthesising the core, then {count} through it in Verilator")
            found = _switched(chip, figures, model, made, chosen, build / POWER)
            return _powered(settings, chip, figures, model, found)

        done = stage.run("power", build / POWER, None, (), work, kind=Powered, say=say, force=True)
        results.write_report(settings, build)
        return done


def figures_of(board: Board) -> Power:
    """Return the figures of a board's chip.

    Raises
    ------
    CannotMeetError
        If its family has none; names those that have.
    """
    figures = board.target.power
    if figures is not None and board.device in figures.static:
        return figures
    others = [each.title for each in targets.families().values() if each.power is not None]
    raise CannotMeetError(
        f"the power of {board.name} ({board.target.title}, {board.device}) can only be measured, "
        f"for hwgen has figures of {' and '.join(others)} alone; see docs/board.md"
    )


@dataclass(frozen=True)
class _Chip:
    """A chip at work: its clock, and how fast samples and windows come."""

    board: Board
    clock_mhz: float
    vco_mhz: float
    hop: int
    fastest: float
    sample_rate: float
    registers: int | None


def _chip(
    settings: Settings,
    board: Board,
    made: Generated,
    model: QuantizedModel,
    routed: Done[Implemented] | None,
    rate: float,
) -> _Chip:
    """Return the chip as the build has it."""
    plan = board.target.plan_pll(board.clock_mhz, settings.hardware.clock_mhz)
    clock, timing = float(plan.output_mhz), made.timing
    most = clock * 1e6 / timing.pause
    if not 0 < rate <= most:
        raise CannotMeetError(
            f"--sample-rate must be at most {most:.0f} Hz, for the design takes a sample every "
            f"{timing.pause} cycles at {clock:g} MHz, not {rate:g}"
        )
    cycles = timing.pause * made.hop
    if made.hop == model.elements:
        cycles = max(cycles, timing.interval)
    registers = routed.said.cells["ff"] if routed else None
    fastest = clock * 1e6 / cycles
    return _Chip(board, clock, float(plan.vco_mhz), made.hop, fastest, rate, registers)


def _switched(
    chip: _Chip,
    figures: Power,
    model: QuantizedModel,
    made: Generated,
    windows: Integers,
    folder: Path,
) -> Switched:
    """Return what switches in the core's netlist."""
    from hwgen.synth.switched import switched

    return switched(
        generate.accelerator(model, made.design),
        chip.board,
        figures,
        model,
        windows,
        made.timing,
        folder,
        hop=made.hop,
    )


def _powered(
    settings: Settings, chip: _Chip, figures: Power, model: QuantizedModel, found: Switched
) -> Powered:
    """Return the estimate."""
    registers = found.core["ff"] if chip.registers is None else chip.registers
    always = {
        STATIC: Band.of(figures.static[chip.board.device]),
        PLL: Band.of(figures.pll, chip.vco_mhz * 1e-3),
        CLOCK: clocking(registers, figures) * (chip.clock_mhz * 1e9),
    }
    rest = switching(found.rest, figures)
    own = switching(found.window, figures)
    pins = Band.of(figures.pad, _EDGES * model.bits.adc * chip.hop * 1e-12)

    def mode(rate: float) -> Mode:
        each = {
            kind: rest[kind] * (chip.clock_mhz * 1e9) + own[kind] * (rate * 1e3) for kind in own
        }
        return Mode(rate, rate / chip.fastest, always | each | {PINS: pins * (rate * 1e3)})

    return Powered(
        basis=generate.basis(model.digest, settings.hardware),
        windows=found.windows,
        device=chip.board.device,
        clock_mhz=chip.clock_mhz,
        registers=registers,
        sample_rate=chip.sample_rate,
        own_joules=total(own.values()) + pins,
        busy=mode(chip.fastest),
        sensor=mode(chip.sample_rate / chip.hop),
    )
