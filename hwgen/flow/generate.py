"""The integer network to Verilog, for a design point."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen import files, tools
from hwgen.errors import CannotMeetError
from hwgen.flow import stage
from hwgen.flow.decides import Stage, decisive
from hwgen.flow.generated import Estimate, Generated
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.quantized import QuantizedModel

if TYPE_CHECKING:
    from hwgen.boards import Board
    from hwgen.hardware.contract import Core
    from hwgen.plans.core import CorePlan
    from hwgen.plans.design import Design

FOLDER = "rtl"
MODULE = "hwgen_core"
VERILOG = f"{MODULE}.v"
OUTPUTS = (VERILOG,)
IMAGE = "weights.bin"
"""What is written into the board's flash, where weights come from it."""


def choose(model: QuantizedModel, options: HardwareOptions, board: Board) -> Design:
    """Return the design point that `options` ask for.

    Raises
    ------
    CannotMeetError
        If network or board have no room for it; says what would fit.
    """
    if options.design.seeking:
        from hwgen.flow.designs import seek

        return seek([model], options, board).design
    return _default(model, options, board)


def _default(model: QuantizedModel, options: HardwareOptions, board: Board) -> Design:
    """Return the design that takes a sample every clock, or has as many multipliers as asked."""
    from hwgen.designs.chip_room import TooManyWeightsError, check_fits, largest
    from hwgen.plans import arrays
    from hwgen.plans.design import Design
    from hwgen.plans.planner import source_dsp

    fixed = source_dsp(model)
    cells = board.resources
    asked = options.design
    if asked.flashed:
        return _flashed(model, options, board)
    most = min(board.target.least_dsp, cells["dsp"]) if asked.dsp is None else asked.dsp
    if not fixed <= most <= cells["dsp"]:
        raise CannotMeetError(
            f"dsp must be {fixed} (the FFT's) to {cells['dsp']} on {board.name}, not {most}"
        )
    parallel = asked.parallel
    if parallel is None:
        parallel = arrays.default_parallel(model)
        parallel = largest(model, parallel, most - fixed, cells, board.target)
    array = arrays.best_array(model, parallel)
    dsp = min(arrays.multipliers(model, array), most - fixed)
    try:
        check_fits(model, array, dsp, board.name, cells, board.target)
    except TooManyWeightsError as error:
        told = f"{error}{_larger(board, error.needed)}"
        raise TooManyWeightsError(told, error.needed) from error
    return Design(array, dsp)


def _flashed(model: QuantizedModel, options: HardwareOptions, board: Board) -> Design:
    """Return the design whose weights come from the board's flash, but for those that may stay."""
    from hwgen.designs.flashed import Bounds, flashed
    from hwgen.gateware.flash.plan import SECTOR_BYTES, SECTORS
    from hwgen.gateware.flash.reader import plan_reader

    if board.flash is None:
        raise CannotMeetError(
            f"{board.name} must have a flash that hwgen knows of, for --weights flash: `hwgen "
            f"boards {board.name}` lists what it has"
        )
    if model.score is not None:
        raise CannotMeetError("--weights flash must go with classes or values, not with a score")
    clock = float(board.plan_pll(options.clock_mhz).output_mhz)
    reader = plan_reader(board.flash.size, clock)
    room = board.flash.size - SECTORS * SECTOR_BYTES - reader.base
    return flashed(
        model,
        Bounds(board.name, board.resources, board.target, room),
        reader.pace,
        options.design.parallel,
        board.resources["dsp"] if options.design.dsp is None else options.design.dsp,
    )


def _larger(board: Board, needed: int) -> str:
    """Return which chip of the board's family has so many block RAMs, to be told behind others."""
    from hwgen.boards import load_boards

    of = [each for each in load_boards().values() if each.target is board.target]
    chips = sorted({(each.resources["ebr"], each.device) for each in of})
    fits = [f", or a board with an {device} ({ebr})" for ebr, device in chips if ebr >= needed]
    return fits[0] if fits else f"; no chip of this family has more than {chips[-1][0]}"


def accelerator(model: QuantizedModel, point: Design) -> Core:
    """Return a new component for the point; one may be elaborated only once."""
    from hwgen.hardware.accelerator.generator import generate as generated
    from hwgen.plans.planner import plan

    return generated(plan(model, point))


def inputs(model: QuantizedModel, options: HardwareOptions, board: Board) -> dict[str, Any]:
    """Return all that decides the Verilog."""
    return basis(model.digest, options) | {
        "cells": board.resources.to_json(),
        # Where it does not, a core of windows that overlap is another, or there is none.
        "keeps windows": options.design.hop is not None and options.sensor.sensed,
        "yosys": tools.version("yosys"),
    }


def basis(digest: str, options: HardwareOptions) -> dict[str, Any]:
    """Return what a result of this stage holds for."""
    return core_basis(digest, options, Stage.GENERATE)


def core_basis(digest: str, options: HardwareOptions, stage: Stage) -> dict[str, Any]:
    """Return what a result of a stage that looks at the core holds for."""
    asked = decisive(options, stage, sought=options.design.timed)
    clock = asked.pop("clock_mhz", None)
    return {"digest": digest, "clock": clock} | asked


def generate(
    model: QuantizedModel, options: HardwareOptions, board: Board, folder: Path
) -> Generated:
    """Write the core's Verilog and return what the generator knows of it."""
    from hwgen.hardware.accelerator.generator import generate as generated
    from hwgen.hardware.emit import write_verilog
    from hwgen.plans.planner import plan
    from hwgen.plans.weights.image import image

    point = choose(model, options, board)
    core = plan(model, point)
    known = Generated(
        basis=basis(model.digest, options),
        design=point,
        timing=core.timing,
        hop=core.hop,
        transform=core.front.transform,
        utilisation=core.utilisation,
        estimate=estimate(core, board),
        weights=None if core.flash is None else weights_part(core, board, options),
    )
    stage.forget(folder)
    write_verilog(generated(core), MODULE, folder / VERILOG)
    if core.flash is not None:
        with files.access(folder, "write"):
            (folder / IMAGE).write_bytes(image(core.flash.content))
    return known


def weights_part(core: CorePlan, board: Board, options: HardwareOptions) -> dict[str, Any]:
    """Return what the report says of weights that come from a flash."""
    from hwgen.plans.shared import SharedPlan
    from hwgen.plans.weights.image import HEADER_BYTES, base, digest

    layers, flash = core.layers, core.flash
    assert isinstance(layers, SharedPlan)
    assert flash is not None
    assert board.flash is not None
    assert layers.streaming is not None
    hz = float(board.plan_pll(options.clock_mhz).output_mhz) * 1e6
    return {
        "from": "flash",
        "digest": digest(flash.content).hex(),
        "image_bytes": HEADER_BYTES + len(flash.content),
        "flash_offset": base(board.flash.size),
        "bytes_per_window": flash.stream_bytes,
        "bytes_per_second": round(hz / flash.pace.byte),
        "stream_cycles": flash.stream_cycles,
        "stall_cycles": sum(layers.streaming.waits),
        "interval_stall_cycles": layers.streaming.interval - layers.busy,
        "on_chip": [step.name for step in layers.steps if not step.streamed],
        "streamed": [step.name for step in layers.steps if step.streamed],
        "block_words": max(flash.blocks),
        "ring_words": flash.ring,
    }


def estimate(core: CorePlan, board: Board) -> Estimate:
    """Return the cells that are to be expected of core and top, if a host feeds the board."""
    from hwgen.designs.linked import linked

    needed = core.cells(board.target)
    beside = linked(core, board.target, flash=board.flash is not None)
    return Estimate(needed, needed + beside)


def estimated(known: Generated, options: HardwareOptions) -> Estimate | None:
    """Return the estimate that holds for a build; without one of the top if it has a sensor.

    None for an older hwgen's build, which has none.

    The Verilog of the core is the same with a sensor and without, so that this is told apart where
    it is looked at, not where it is kept.
    """
    if known.estimate is None or not options.sensor.sensed:
        return known.estimate
    return replace(known.estimate, board=None)
