"""Looks for the design point that a user's goal asks for."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from hwgen.boards import Board, load_boards
from hwgen.designs.goals import Need, choose, need_of, refuse
from hwgen.errors import UsageError
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import Settings
from hwgen.network import Network
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.make import uncalibrated

if TYPE_CHECKING:
    from hwgen.designs.points import Option

TWIDDLES = {"fft": 18, "dft": 10}
"""Width of a transform's factors unless asked for. An FFT rounds behind each of its stages; sums
over a whole window average the errors of single factors away: the noise of their spectrum is the
same with these widths, and sums of 16-bit samples fill the 36 bits of a block RAM's word."""

AREA_DSP = 4
"""DSP cells of a small design, if any design does with so few."""


def settled(
    network: Network,
    settings: Settings,
    board: Board,
    sample_rate: float | None,
    input_scale: float = 1.0,
) -> Precision:
    """Return the settings' bits with the transform that the goal asks for.

    Raises
    ------
    CannotMeetError
        If no design does what is asked; says what would.
    """
    hardware = settings.hardware
    every = {name: _bits(settings, name) for name in hardware.design.transforms}
    if len(every) == 1:
        return next(iter(every.values()))
    models = [uncalibrated(network, bits, sample_rate, input_scale) for bits in every.values()]
    return every[seek(models, hardware, board).transform]


def _bits(settings: Settings, transform: str) -> Precision:
    twiddle = TWIDDLES[transform] if settings.twiddle is None else settings.twiddle
    return dataclasses.replace(settings.bits, transform=transform, twiddle=twiddle)


def seek(models: list[QuantizedModel], hardware: HardwareOptions, board: Board) -> Option:
    """Return the best design of any of the integer networks for the goal.

    Raises
    ------
    CannotMeetError
        If there is none; says what would do.
    UsageError
        If weights are to come from a flash, of which no such designs are known.
    """
    if hardware.design.flashed:
        raise UsageError(
            "--weights flash goes with --parallel and --dsp, not with a goal, a bound, "
            "--transform dft, --hop or --unroll"
        )
    best, found = _sought(models, hardware, board, _need(models, hardware))
    if best is not None:
        return best
    raise refuse(
        found,
        _need(models, hardware),
        board.resources,
        board.target,
        board.name,
        hardware.clock_mhz,
        larger=lambda: _larger(found, board),
    )


def _need(models: list[QuantizedModel], hardware: HardwareOptions) -> Need:
    return need_of(
        hardware.design.goal,
        hardware.clock_mhz,
        latency_us=hardware.design.latency_us,
        windows_per_second=hardware.design.windows_per_second,
        sample_rate=models[0].sample_rate,
    )


def _larger(found: list[Option], board: Board) -> str | None:
    """Return the board of the fewest LUT4 that the smallest design fits; None if there is none."""
    from hwgen.designs.goals import fits
    from hwgen.designs.points import option

    least = min(found, key=lambda each: each.cost.weight(board.resources))
    for other in sorted(load_boards().values(), key=lambda each: each.resources["lut4"]):
        if other.target is board.target and other.resources["lut4"] <= board.resources["lut4"]:
            continue
        there = option(least.model, least.design, other.target)
        if fits(there, other.resources) and _has_room(there, other):
            return other.name
    return None


def _has_room(option: Option, board: Board) -> bool:
    """Return whether a design fits on a board with what is beside it there."""
    from hwgen.designs.linked import linked
    from hwgen.plans.planner import plan

    beside = linked(plan(option.model, option.design), board.target, flash=board.flash is not None)
    return (option.cost + beside).fit_in(board.resources)


def _sought(
    models: list[QuantizedModel], hardware: HardwareOptions, board: Board, need: Need
) -> tuple[Option | None, list[Option]]:
    """Return the best design on a board, if any will do, and all that were looked at."""
    from hwgen.designs.points import options

    found: list[Option] = []
    for dsp in _budgets(hardware, board):
        found += [
            each
            for model in models
            for each in options(
                model,
                dsp,
                board.target,
                parallel=hardware.design.parallel,
                hop=_core_hop(model, hardware),
                unrolled=hardware.design.unroll,
            )
        ]
        best = choose(found, need, board.resources)
        if best is not None:
            return best, found
    return None, found


def _core_hop(model: QuantizedModel, hardware: HardwareOptions) -> int | None:
    """Return the hop that the core itself must do; None: windows are kept, or do not overlap.

    Where a sensor gives the samples, the board keeps those that windows share for a core that
    takes whole windows.
    """
    from hwgen.plans.planner import accumulates

    return None if hardware.sensor.sensed and not accumulates(model) else hardware.design.hop


def _budgets(hardware: HardwareOptions, board: Board) -> list[int]:
    """Return how many DSP cells a design may take, the number that is tried first in front."""
    if hardware.design.dsp is not None:
        return [hardware.design.dsp]
    most = board.resources["dsp"]
    return [AREA_DSP, most] if hardware.design.goal == "area" else [most]
