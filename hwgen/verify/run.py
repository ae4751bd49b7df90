"""Builds the simulation and runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import golden, tools
from hwgen.errors import InputError, MismatchError
from hwgen.fixedpoint import Integers
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel
from hwgen.verify.result import Verification
from hwgen.verify.scenarios import LEAST, cycles, in_blocks, in_streams
from hwgen.verify.simulation import Job, Streamed, parameters, place_of, read_outcome, simulate

_STEADY = ("alone", "back to back")
"""Scenarios in which nothing is in the way of samples and results."""
LONG = 2_000_000
"""Cycles from which on a simulation gains more from a faster program than that takes to compile."""


def verify(
    verilog: Sequence[Path],
    module: str,
    model: QuantizedModel,
    windows: Integers,
    timing: Timing,
    folder: Path,
    *,
    hop: int | None = None,
    quick: bool = False,
    weights: Streamed | None = None,
) -> Verification:
    """Run windows through the Verilog and compare class and numbers with the golden model.

    Parameters
    ----------
    verilog, module
        Source files and the name of the accelerator's module.
    model
        What it was generated from.
    windows
        ADC steps, ``(n, input_samples)``; all of them run back to back, and some with gaps,
        stalls, a reset in mid-window, and given up. See `affordable` for how many to give.
    timing
        For how long to wait, and how far apart samples are.
    folder
        For the simulation; logs are kept.
    hop
        Samples from one window to the next; None for windows that do not overlap. Else the windows
        given are one stream of samples, and every window in it is compared.
    quick
        Back to back only, and compiled in haste: a netlist takes long to compile.
    weights
        The stream of weights; None where there is none.

    Raises
    ------
    InputError
        If there are no windows: a check that compares nothing must fail.
    MismatchError
        If the design stops answering, takes samples at another pace than `timing` says or not at
        a steady one, or takes a result back.
    ToolError
        If Verilator is missing or fails, or the simulation ends without its outcome.
    """
    if not len(windows):
        raise InputError("verification needs at least one window, not none")
    hop = model.elements if hop is None else hop
    job = replace(job_of(model, windows, hop, timing, quick=quick), weights=weights)
    long = cycles(job.scenarios, timing, model.elements) > LONG
    compiled, log = parameters(model, timing, job, hop), folder / "simulation.log"
    with place_of(folder) as place:
        simulate(verilog, module, model, compiled, {".": job}, place, log, quick=quick, long=long)
        outcome = read_outcome(place, log)
        judge(outcome, timing.pause, log)
    return _found(outcome, overlapping=hop < model.elements)


def job_of(
    model: QuantizedModel, windows: Integers, hop: int, timing: Timing, *, quick: bool
) -> Job:
    """Return what is fed, and what has to come: windows, or where they overlap a stream of them."""
    if hop < model.elements:
        return _streams(model, windows, hop, timing, quick=quick)
    return _blocks(model, windows, timing, quick=quick)


def _blocks(model: QuantizedModel, windows: Integers, timing: Timing, *, quick: bool) -> Job:
    """Return the job of windows that do not overlap."""
    count = len(windows) if quick else max(len(windows), LEAST)
    windows = np.resize(windows, (count, windows.shape[1]))
    scenarios = in_blocks(count, model.elements, timing, quick=quick)
    return Job(windows.ravel(), golden.answers(model, windows), scenarios)


def _streams(
    model: QuantizedModel, windows: Integers, hop: int, timing: Timing, *, quick: bool
) -> Job:
    """Return the job of a stream of all windows, and a short other one."""
    windows = np.resize(windows, (max(len(windows), 3), windows.shape[1]))
    streams = windows.ravel(), windows[-2:][::-1].ravel()
    lengths = streams[0].size, streams[1].size
    answers = np.concatenate([golden.answers(model, stream, hop) for stream in streams])
    scenarios = in_streams(*lengths, model.elements, hop, timing, quick=quick)
    return Job(np.concatenate(streams), answers, scenarios)


def judge(outcome: dict[str, Any], pause: int, log: Path) -> None:
    """Raise `MismatchError` if the design kept samples or results otherwise than it must."""
    said = outcome["scenarios"]
    distances = [said[name]["pause"] for name in _STEADY]
    least, most = min(low for low, _ in distances), max(high for _, high in distances)
    held = {name: item["held"] for name, item in said.items() if item["held"]}
    every = "in every cycle" if pause == 1 else f"every {pause} cycles"
    if least == most != pause:
        raise MismatchError(
            f"the design must take a sample {every} of a window, as the generator says, but took "
            f"one every {least}; see {log}"
        )
    if least < pause:
        raise MismatchError(
            f"the design must take a sample {every} of a window, but took some {least} and some "
            f"{most} cycles after the one before; see {log}"
        )
    if held:
        raise MismatchError(
            f"the design must take a sample {every} of a window, but let some wait "
            f"{max(held.values())} cycles{'' if pause == 1 else ' more'} ({', '.join(held)}); "
            f"see {log}"
        )
    if taken_back := {name: item["unsteady"] for name, item in said.items() if item["unsteady"]}:
        raise MismatchError(
            f"a result or value must stand until it is taken, but {sum(taken_back.values())} did "
            f"not ({', '.join(taken_back)}); see {log}"
        )


def _found(outcome: dict[str, Any], *, overlapping: bool) -> Verification:
    """Return what was compared and measured; `overlapping`: windows begin within the one before."""
    said = outcome["scenarios"]
    # Windows that overlap are all alone: none is in the way of the next.
    free = _STEADY if overlapping else _STEADY[:1]
    return Verification(
        simulator=tools.version("verilator"),
        windows=outcome["compared"],
        mismatches=outcome["mismatches"],
        latency=max(cycles for name in free for cycles in said[name]["cycles"]),
        interval=said["back to back"]["interval"],
        pause=said["back to back"]["pause"][0],
        scenarios={name: item["windows"] for name, item in said.items()},
    )
