"""All stages of a build, each on what the one before it left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hwgen import files, lock
from hwgen.boards import Board, find_board
from hwgen.errors import HwgenError
from hwgen.flow import check, generate, idle, implement, left, netlist, quantize, sensing, stage
from hwgen.flow.current import current
from hwgen.flow.generated import Generated
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.implemented import Implemented
from hwgen.flow.margins import read_as
from hwgen.flow.netlist_checked import NetlistChecked
from hwgen.flow.options import SETTINGS, Settings
from hwgen.flow.quantized import Quantized
from hwgen.flow.request import check_pace, check_request
from hwgen.flow.results import judge_netlist, judge_timing, judge_verification, write_report
from hwgen.flow.stage import Say
from hwgen.flow.verified import Verified
from hwgen.quantized import QuantizedModel


def build(settings: Settings, folder: Path, say: Say, *, upto: str = "synth") -> dict[str, Any]:
    """Run the stages that have to be run, write the report, and return it.

    Parameters
    ----------
    settings
        What is asked for.
    folder
        Of the build.
    say
        Told what is done.
    upto
        Last stage: ``"verify"`` or ``"synth"``.

    Raises
    ------
    HwgenError
        Whatever a stage refuses. A mismatch or a missed clock is raised after the report is
        written, which tells of it first.
    """
    with lock.folder(folder, make=True):
        board = find_board(settings.hardware.board)
        check_request(settings.hardware, board, folder)
        for line in idle.of_hardware(settings.hardware):
            say(line)
        said = run_quantize(settings, folder, board, say)
        settings = replace(settings, source=said.source)
        return _proceed(settings, folder, board, say, upto=upto, force=False, edited=False)


def resume(
    settings: Settings, folder: Path, say: Say, *, upto: str, force: bool = False
) -> dict[str, Any]:
    """Do what `build` does, from the integer network that is there, without its checkpoint.

    The Verilog is verified as it lies there, changed by hand or not.

    Parameters
    ----------
    force
        Run the last stage though nothing has changed.

    Raises
    ------
    InputError
        If the folder holds no finished integer network.
    HwgenError
        As `build`.
    """
    with lock.folder(folder):
        board = find_board(settings.hardware.board)
        check_request(settings.hardware, board, folder)
        left.check_asked(settings, folder)
        return _proceed(settings, folder, board, say, upto=upto, force=force, edited=True)


def _proceed(
    settings: Settings,
    folder: Path,
    board: Board,
    say: Say,
    *,
    upto: str,
    force: bool,
    edited: bool,
) -> dict[str, Any]:
    """Run the stages behind `quantize`."""
    model = left.left_by_quantize(folder)
    sensing.check_model(model, settings.hardware, board, read_as(folder / quantize.FOLDER))
    known = run_generate(settings, folder, model, board, say, edited=edited)
    sensing.check_core(model, settings.hardware, board, known)
    check_pace(settings.hardware, board, known.timing.pause)
    files.write_json(folder / SETTINGS, settings.to_json())
    try:
        brief = settings.hardware.quick and upto == "synth"
        run_verify(folder, model, known, say, force=force and upto == "verify", brief=brief)
        judge_verification(settings, folder)
        if upto == "synth":
            check_netlist(settings, folder, model, board, known, say)
            run_synth(settings, folder, model, board, known, say, force=force)
    except HwgenError:
        # What was found out so far is told all the same, and an older report would mislead.
        write_report(settings, folder)
        raise
    result = write_report(settings, folder)
    judge_timing(settings, folder)
    return result


def run_quantize(settings: Settings, folder: Path, board: Board, say: Say) -> Quantized:
    """Checkpoint to integer network."""
    asked = quantize.inputs(settings)

    def work() -> Quantized:
        made = quantize.quantize(settings, say)
        # A board that is too small is told before the first file is written.
        generate.choose(made.model, settings.hardware, board)
        sensing.check_model(made.model, settings.hardware, board, made.margins.read_as)
        said = quantize.store(made, settings, folder / quantize.FOLDER)
        return replace(said, source=quantize.source(asked))

    place = folder / quantize.FOLDER
    return stage.run("quantize", place, asked, quantize.OUTPUTS, work, kind=Quantized, say=say).said


def run_generate(
    settings: Settings,
    folder: Path,
    model: QuantizedModel,
    board: Board,
    say: Say,
    *,
    edited: bool = False,
) -> Generated:
    """Integer network to Verilog."""

    def work() -> Generated:
        say("generate: writing Verilog")
        made = generate.generate(model, settings.hardware, board, folder / generate.FOLDER)
        estimate = generate.estimated(made, settings.hardware)
        if estimate and (expected := estimate.board):
            say(
                f"generate: about {expected['lut4']:,} LUT4 (estimate), {expected['dsp']} DSP "
                f"cells, {expected['ebr']} block RAMs on {board.name}"
            )
        return made

    return stage.run(
        "generate",
        folder / generate.FOLDER,
        generate.inputs(model, settings.hardware, board),
        generate.OUTPUTS,
        work,
        kind=Generated,
        say=say,
        edited=edited,
    ).said


def run_verify(
    folder: Path,
    model: QuantizedModel,
    known: Generated,
    say: Say,
    *,
    force: bool = False,
    brief: bool = False,
) -> Verified:
    """Verilog against the golden model; briefly where that is less, and not done in full yet."""
    windows = quantize.read_windows(folder / quantize.FOLDER / "windows.npz", model)
    place = folder / check.FOLDER
    full = check.inputs(folder, model, windows)
    brief = brief and check.is_long(model, windows, known) and not stage.is_done(place, full)

    def work() -> Verified:
        say(f"verify: {len(windows)} windows and corner windows in Verilator")
        made = check.check_briefly if brief else check.check
        result = made(folder, model, windows, known)
        for notice in result.notices:
            say(notice)
        return result

    return stage.run(
        "verify",
        place,
        check.inputs(folder, model, windows, brief=brief),
        (),
        work,
        kind=Verified,
        say=say,
        force=force,
    ).said


def check_netlist(
    settings: Settings,
    folder: Path,
    model: QuantizedModel,
    board: Board,
    known: Generated,
    say: Say,
) -> None:
    """Check the netlist where that is quick; else say that it is left out, and what does it.

    Raises
    ------
    MismatchError
        If netlist and golden model disagree.
    """
    reason = netlist.left_out(settings, known, model.elements, folder)
    if reason is None:
        _netlist_stage(settings, folder, model, board, known, say, force=False)
    elif current(settings, folder).netlist is None and not settings.hardware.quick:
        say(f"netlist: {reason}")
    judge_netlist(settings, folder)


def run_netlist(settings: Settings, folder: Path, say: Say, *, force: bool = False) -> None:
    """Check the netlist of a build whose Verilog is there, after `resume`; write the report.

    Raises
    ------
    MismatchError
        If netlist and golden model disagree.
    """
    with lock.folder(folder):
        board = find_board(settings.hardware.board)
        model = left.left_by_quantize(folder)
        known = run_generate(settings, folder, model, board, say)
        _netlist_stage(settings, folder, model, board, known, say, force=force)
        write_report(settings, folder)
        judge_netlist(settings, folder)


def _netlist_stage(
    settings: Settings,
    folder: Path,
    model: QuantizedModel,
    board: Board,
    known: Generated,
    say: Say,
    *,
    force: bool,
) -> None:
    """Compare what Yosys makes of the core with the golden model."""
    windows = quantize.read_windows(folder / quantize.FOLDER / "windows.npz", model)

    def work() -> NetlistChecked:
        say("netlist: synthesising the core, then a few windows through it in Verilator")
        place = folder / netlist.FOLDER
        return netlist.check(model, settings.hardware, board, known, windows, place)

    stage.run(
        "netlist",
        folder / netlist.FOLDER,
        netlist.inputs(model, settings.hardware, board, known),
        (),
        work,
        kind=NetlistChecked,
        say=say,
        force=force,
    )


def run_synth(
    settings: Settings,
    folder: Path,
    model: QuantizedModel,
    board: Board,
    known: Generated,
    say: Say,
    *,
    force: bool = False,
) -> Implemented:
    """Board top to bitstream."""
    hardware = settings.hardware
    place = folder / quantize.FOLDER
    least = sensing.least_margin(place, hardware) if hardware.sensor.sensed else None
    if _routed_in_full(hardware, folder, model, board, known, least):
        hardware = hardware.but(quick=False)

    def work() -> Implemented:
        target = folder / implement.FOLDER
        return implement.implement(
            model, hardware, board, known, least, target, lambda text: say(f"synth: {text}")
        )

    return stage.run(
        "synth",
        folder / implement.FOLDER,
        implement.inputs(model, hardware, board, known, least),
        implement.OUTPUTS,
        work,
        kind=Implemented,
        say=say,
        force=force,
    ).said


def _routed_in_full(
    hardware: HardwareOptions,
    folder: Path,
    model: QuantizedModel,
    board: Board,
    known: Generated,
    least: int | None,
) -> bool:
    """Return whether a build that is not quick has left what meets the clock."""
    place = folder / implement.FOLDER
    full = implement.inputs(model, hardware.but(quick=False), board, known, least)
    if not stage.is_done(place, full):
        return False
    done = stage.result_of(place, Implemented)
    return done is not None and done.said.timing.met
