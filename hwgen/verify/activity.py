"""What switches in a design, per window and at rest: real windows, compared as always."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import InputError, MismatchError
from hwgen.fixedpoint import Integers
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel
from hwgen.verify import saif
from hwgen.verify.run import LONG, job_of, judge
from hwgen.verify.saif import Trace
from hwgen.verify.scenarios import at_rest, cycles
from hwgen.verify.simulation import (
    TRACE,
    Job,
    parameters,
    place_of,
    read_outcome,
    simulate,
)

RESTING = 4096
"""Cycles over which a design at rest is looked at."""
_SAMPLES = 8
"""That it has had before, so that its registers are not those of a reset."""
_MARGIN = 64
_BUSY, _SETTLED, _IDLE = "busy", "settled", "idle"


@dataclass(frozen=True)
class Traces:
    """What switched in three runs of one design.

    Parameters
    ----------
    windows
        Answers of the busy run; all were compared, and right.
    busy
        Windows as fast as the design takes them, until the last answer is out.
    settled, idle
        A few samples, until nothing of them is on its way, and the same and `RESTING` cycles more.
    """

    windows: int
    busy: Trace
    settled: Trace
    idle: Trace


def trace(
    verilog: Sequence[Path],
    module: str,
    model: QuantizedModel,
    windows: Integers,
    timing: Timing,
    folder: Path,
    *,
    hop: int | None = None,
) -> Traces:
    """Run windows through a netlist, and let it rest, and return what switched.

    Parameters
    ----------
    verilog, module, model, windows, timing, folder, hop
        As of `hwgen.verify.verify`; windows are run back to back, the first of them alone too.

    Raises
    ------
    InputError
        If there are no windows.
    MismatchError
        If an answer differs from the golden model, or as `hwgen.verify.verify`.
    ToolError
        If Verilator is missing or fails.
    """
    if not len(windows):
        raise InputError("windows must be at least one, not none")
    hop = model.elements if hop is None else hop
    job = job_of(model, windows, hop, timing, quick=True)
    settled = timing.latency + 2 * timing.pause + _MARGIN
    jobs = {_BUSY: job} | {
        name: _resting(model, job, timing, idle)
        for name, idle in ((_SETTLED, settled), (_IDLE, settled + RESTING))
    }
    long = cycles(job.scenarios, timing, model.elements) > LONG
    compiled, log = parameters(model, timing, job, hop), folder / "simulation.log"
    with place_of(folder) as place:
        simulate(
            verilog, module, model, compiled, jobs, place, log, quick=True, long=long, traced=True
        )
        outcome = read_outcome(place / _BUSY, log)
        judge(outcome, timing.pause, log)
        for name in (_SETTLED, _IDLE):
            read_outcome(place / name, log, idle=True)
        if outcome["mismatches"]:
            raise MismatchError(
                f"{outcome['mismatches']} of {outcome['compared']} windows through the netlist "
                f"differ from the golden model; see {log}"
            )
        found = [saif.read(place / name / TRACE) for name in jobs]
    return Traces(outcome["compared"], *found)


def _resting(model: QuantizedModel, job: Job, timing: Timing, idle: int) -> Job:
    """Return the job that feeds a few samples and then none."""
    few = min(_SAMPLES, model.elements // 2)
    return Job(job.samples, job.answers[:0], at_rest(few, idle, timing), idle=True)
