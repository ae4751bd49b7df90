"""Runs nextpnr with one seed after another, two at a time, and reads its reports."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hwgen import tools
from hwgen.errors import CannotMeetError, ToolError
from hwgen.files import read_json
from hwgen.targets.family import Toolchain

_POLL_SECONDS = 0.1
_CONSTRAINT_TOLERANCE = 1e-3
"""The tool rounds periods to picoseconds."""
_DOES_NOT_FIT = re.compile(
    r"unable to (find|place)|failed to (place|legali)|no bels? remaining", re.I
)


@dataclass(frozen=True)
class Route:
    """One routed design.

    Parameters
    ----------
    seed
        The placer's seed.
    fmax_mhz
        Highest frequency of the design's clock.
    report
        nextpnr's report.
    """

    seed: int
    fmax_mhz: float
    report: dict[str, Any]


def config_name(seed: int) -> str:
    """Return the file name of a seed's routed design."""
    return f"top.seed{seed}.config"


def route(
    command: Sequence[str],
    toolchain: Toolchain,
    place: Path,
    folder: Path,
    *,
    clock_mhz: float,
    seeds: Sequence[int],
    progress: Callable[[str], None],
    jobs: int = 2,
    in_order: bool = True,
    ways: Mapping[int, Sequence[str]] = MappingProxyType({}),
) -> Route:
    """Return the first seed's route that meets `clock_mhz`, else the fastest.

    Parameters
    ----------
    command
        nextpnr with everything but seed, report and output.
    toolchain
        Which nextpnr it is.
    place, folder
        The working folder, and the one for logs.
    clock_mhz
        What the design's clock is to reach, and what it is constrained to.
    seeds, ways
        Tried in this order; further options of nextpnr for some of them.
    progress
        Told which seed begins.
    jobs
        How many run at a time.
    in_order
        Whether the first in `seeds` wins, always the same one; else the one that is done first.

    Raises
    ------
    CannotMeetError
        If the design cannot be placed.
    ToolError
        If nextpnr fails otherwise, or the clock's constraint has not reached it.
    """
    waiting = list(seeds)
    running: dict[int, tools.Job] = {}
    done: dict[int, Route] = {}
    with contextlib.ExitStack() as stack:
        while waiting or running:
            while waiting and len(running) < jobs:
                seed = waiting.pop(0)
                progress(f"place and route (nextpnr), seed {seed}")
                words = [*command, *ways.get(seed, ())]
                running[seed] = stack.enter_context(_start(words, toolchain, place, folder, seed))
            for seed in [seed for seed, job in running.items() if job.done()]:
                _check(running.pop(seed))
                done[seed] = _read(toolchain, place, seed, clock_mhz)
                if done[seed].fmax_mhz >= clock_mhz:
                    waiting.clear()  # they come after one that meets the clock: none can win
            if winner := _winner(seeds if in_order else list(done), done, clock_mhz):
                return winner
            time.sleep(_POLL_SECONDS)
    return max((done[seed] for seed in seeds), key=lambda one: one.fmax_mhz)


def route_quickly(
    command: Sequence[str],
    toolchain: Toolchain,
    place: Path,
    folder: Path,
    *,
    clock_mhz: float,
    seeds: Sequence[int],
    progress: Callable[[str], None],
) -> Route:
    """Return the route that is the first to be done and meets `clock_mhz`, else the fastest.

    In haste at first, where nextpnr has ways for that (`Toolchain.haste`), each with a seed of its
    own; with all effort once they have failed. Parameters and errors are those of `route`.
    """
    told: dict[str, Any] = {"clock_mhz": clock_mhz, "progress": progress, "in_order": False}
    if toolchain.haste:
        ways = dict(zip(seeds, toolchain.haste, strict=False))
        with contextlib.suppress(CannotMeetError, ToolError):
            found = route(command, toolchain, place, folder, seeds=list(ways), ways=ways, **told)
            if found.fmax_mhz >= clock_mhz:
                return found
        progress("the clock is not met in haste: again with all effort")
    return route(command, toolchain, place, folder, seeds=seeds, **told)


def _winner(seeds: Sequence[int], done: dict[int, Route], clock_mhz: float) -> Route | None:
    """Return the first seed that meets the clock, once none before it can any more."""
    for seed in seeds:
        if seed not in done:
            return None
        if done[seed].fmax_mhz >= clock_mhz:
            return done[seed]
    return None


def _start(
    command: Sequence[str], toolchain: Toolchain, place: Path, folder: Path, seed: int
) -> tools.Job:
    # A missed clock is judged from the report, so that its figures are still had.
    extra = ["--timing-allow-fail", "--seed", str(seed), "--report", _report_name(seed),
             toolchain.routed, config_name(seed)]  # fmt: skip
    log = folder / f"nextpnr.seed{seed}.log"
    return tools.Job([*command, *extra], place, log, what="place and route (nextpnr)")


def _check(job: tools.Job) -> None:
    try:
        job.check()
    except ToolError as error:
        if _DOES_NOT_FIT.search(str(error)):
            raise CannotMeetError(f"the design cannot be placed: {error}") from error
        raise


def _report_name(seed: int) -> str:
    return f"report.seed{seed}.json"


def _read(toolchain: Toolchain, place: Path, seed: int, clock_mhz: float) -> Route:
    """Return a seed's route, the design's clock being the slowest constrained to `clock_mhz`."""
    path = place / _report_name(seed)
    report = read_json(path)
    try:
        clocks = {str(name): (float(clock["achieved"]), float(clock["constraint"]))
                  for name, clock in report["fmax"].items()}  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ToolError(f"{path} must have fmax of each clock; "
                        f"update {toolchain.placer.name}") from error  # fmt: skip
    ours = [achieved for achieved, constraint in clocks.values()
            if abs(constraint / clock_mhz - 1) < _CONSTRAINT_TOLERANCE]  # fmt: skip
    if not ours:
        raise ToolError(f"{path} must have a clock constrained to {clock_mhz:g} MHz, "
                        f"not {clocks}")  # fmt: skip
    return Route(seed, min(ours), report)
