"""A simulation of harness and design: compiled once, run for one job or several."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from hwgen import files, golden, share, tools
from hwgen.errors import MismatchError, ToolError
from hwgen.fixedpoint import Integers
from hwgen.plans.timing import Timing
from hwgen.plans.weights.flash import FlashPlan, Pace
from hwgen.quantized import QuantizedModel
from hwgen.verify.scenarios import Scenario
from hwgen.verify.vectors import memory_file

COUNTER_BITS = 32
"""Of the on-chip latency counter in a result."""
TRACE = "activity.saif"
_SOURCES = "source"
"""Folder of copies of the Verilog, whose own paths may be such that no tool takes them."""
_COMPILED = "verilator"
"""Folder of the compiled simulation."""
_LONGEST_STALL = 4096
"""Cycles; results that are taken at random wait for 64 on average."""


@dataclass(frozen=True)
class Streamed:
    """A stream of weights, again and again.

    Parameters
    ----------
    content
        Its bytes.
    pace
        How fast they come.
    """

    content: bytes
    pace: Pace

    @classmethod
    def of(cls, flash: FlashPlan) -> Self:
        """Return the stream of a plan."""
        return cls(flash.content, flash.pace)

    @property
    def parameters(self) -> dict[str, int]:
        """What the harness is compiled for."""
        return {
            "WEIGHT_BYTES": len(self.content),
            "WEIGHT_PACE": self.pace.byte,
            "WEIGHT_AGAIN": self.pace.again,
        }


@dataclass(frozen=True, eq=False)
class Job:
    """What one run feeds, and what has to come of it.

    Parameters
    ----------
    samples
        ADC steps, one behind the other.
    answers
        Of the golden model, ``(windows, logits and values)``.
    scenarios
        Runs of samples.
    idle
        Whether no window is fed whole, so that nothing is compared.
    weights
        The stream of weights; None where there is none.
    """

    samples: Integers
    answers: Integers
    scenarios: list[Scenario]
    idle: bool = False
    weights: Streamed | None = None


def parameters(model: QuantizedModel, timing: Timing, job: Job, hop: int) -> dict[str, int]:
    """Return what the simulation is compiled for."""
    patience = 8 * (timing.latency + (timing.interval if timing.pause == 1 else timing.pause))
    return {
        "WINDOW": model.elements,
        "HOP": hop,
        "PAUSE": timing.pause,
        "ADC_BITS": model.bits.adc,
        "LENGTH": job.samples.size,
        "MAX_RESULTS": max(_due(scenario) for scenario in job.scenarios),
        "PATIENCE": patience + _LONGEST_STALL,
    } | (job.weights.parameters if job.weights else {})


def _due(scenario: Scenario) -> int:
    """Return the most windows that may have been taken whole in it."""
    due: int = sum(section["windows"] for section in scenario["sections"])
    return due


def write_job(model: QuantizedModel, job: Job, place: Path) -> None:
    """Write what a run reads into its folder."""
    answers, count = job.answers, len(model.classes)
    classes = golden.classify(answers[:, :count]).tolist() if count else [0] * len(answers)
    logits, values = answers[:, :count].tolist(), answers[:, count:].tolist()
    told = {
        "class_bits": _class_bits(model),
        "logits": [model.logit_width] * count,
        "value_bits": model.number_bits if model.numbers else 0,
        "scenarios": job.scenarios,
        "idle": job.idle,
        "expected": list(zip(classes, logits, values, strict=True)),
    }
    files.write_json(place / "job.json", told)
    files.write_text(place / "stimulus.hex", memory_file(job.samples, model.bits.adc))
    if job.weights is not None:
        files.write_text(place / "weights.hex", job.weights.content.hex("\n"))


def _class_bits(model: QuantizedModel) -> int:
    """Return the bits of a result's class; 0 where no output is one."""
    return max(1, (len(model.classes) - 1).bit_length()) if model.classes else 0


def simulate(
    verilog: Sequence[Path],
    module: str,
    model: QuantizedModel,
    compiled: dict[str, int],
    jobs: Mapping[str, Job],
    place: Path,
    log: Path,
    *,
    quick: bool,
    long: bool,
    traced: bool = False,
) -> None:
    """Compile, and run the jobs, in a process of its own, whose output goes to logs.

    Parameters
    ----------
    verilog, module
        Source files and the name of the accelerator's module.
    model
        What it was generated from.
    compiled
        What the simulation is compiled for: see `parameters`.
    jobs
        By the folder in `place` where each runs; ``"."`` is `place` itself.
    place
        Folder to work in, empty but for what was compiled before.
    log
        Of the output.
    quick, long
        Whether to compile in haste; whether Verilator's own library is worth compiling well.
    traced
        Whether each run leaves how often every bit of the design changed: ``TRACE`` in its folder,
        in the Switching Activity Interchange Format.

    Raises
    ------
    ToolError
        If Verilator or what it needs is missing, or fails.
    """
    for name in ("verilator", "g++", "make", "perl"):
        tools.find(name)
    for folder, job in jobs.items():
        with files.access(place, "write"):
            (place / folder).mkdir(exist_ok=True)
        write_job(model, job, place / folder)
    told = _copied(verilog, module, model, compiled, place) | {
        "optimise": long or not quick,
        "long": long,
        "runs": list(jobs),
        "trace": TRACE if traced else None,
    }
    files.write_json(place / "plan.json", told)
    program = Path(__file__).with_name("simulate.py")
    tools.run([sys.executable, "-P", str(program)], place, log, what="simulation")


def _copied(
    verilog: Sequence[Path],
    module: str,
    model: QuantizedModel,
    compiled: dict[str, int],
    place: Path,
) -> dict[str, Any]:
    """Copy the sources, and return what the simulation is compiled of."""
    payload = _class_bits(model) + len(model.classes) * model.logit_width + COUNTER_BITS
    sources = [f"{_SOURCES}/{number}{path.suffix}" for number, path in enumerate(verilog)]
    with files.access(place, "write"):
        (place / _SOURCES).mkdir()
        for path, name in zip(verilog, sources, strict=True):
            shutil.copyfile(path, place / name)
    return {
        "sources": sources,
        "sim": str(share.folder("sim")),
        "module": module,
        "scored": model.score is not None,
        "values": bool(model.numbers),
        "weights": "WEIGHT_BYTES" in compiled,
        "verilator": str(Path(tools.find("verilator")[0]).parent),
        "parameters": compiled | {"RESULT_BITS": payload, "VALUE_BITS": max(1, model.number_bits)},
    }


@contextlib.contextmanager
def place_of(folder: Path) -> Iterator[Path]:
    """Yield a folder to compile and run in; what was compiled before is in it, and is kept."""
    with files.access(folder, "write"):
        # An outcome that lies there without this run's end would be another run's.
        (folder / "outcome.json").unlink(missing_ok=True)
    with tools.workshop(folder) as place:
        kept = folder / _COMPILED
        with files.access(folder, "write"):
            if kept.is_dir():
                shutil.move(kept, place / _COMPILED)
        try:
            yield place
        finally:
            with files.access(folder, "write"):
                if (place / _COMPILED).is_dir():
                    shutil.move(place / _COMPILED, kept)


def read_outcome(place: Path, log: Path, *, idle: bool = False) -> dict[str, Any]:
    """Return what a run found.

    Parameters
    ----------
    place
        Its folder.
    log
        To be named in errors.
    idle
        As of its job.

    Raises
    ------
    MismatchError
        If the design stopped answering.
    ToolError
        If there is no outcome, or nothing was compared.
    """
    path = place / "outcome.json"
    if not path.exists():
        raise ToolError(f"the simulation gave no outcome; see {log}")
    outcome: dict[str, Any] = files.read_json(path)
    if stopped := outcome.get("stopped"):
        raise MismatchError(
            f"the design stopped answering: {stopped['answered']} of {stopped['windows']} windows "
            f"({stopped['name']}); see {log}"
        )
    if not outcome["compared"] and not idle:
        raise ToolError(f"the simulation compared nothing; see {log}")
    return outcome
