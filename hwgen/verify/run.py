"""Builds the simulation and runs it."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from hwgen import files, golden, share, tools
from hwgen.errors import InputError, MismatchError, ToolError
from hwgen.fixedpoint import Integers
from hwgen.plans.timing import Timing
from hwgen.plans.weights.flash import FlashPlan, Pace
from hwgen.quantized import QuantizedModel
from hwgen.verify.result import Verification
from hwgen.verify.scenarios import LEAST, Scenario, cycles, in_blocks, in_streams
from hwgen.verify.vectors import memory_file

COUNTER_BITS = 32
"""Of the on-chip latency counter in a result."""
_STEADY = ("alone", "back to back")
"""Scenarios in which nothing is in the way of samples and results."""
_LONG = 2_000_000
"""Cycles from which on a simulation gains more from a faster program than that takes to compile."""
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
    _check_some(windows)
    hop = model.elements if hop is None else hop
    if overlapping := hop < model.elements:
        samples, answers, scenarios = _streams(model, windows, hop, timing, quick=quick)
    else:
        samples, answers, scenarios = _blocks(model, windows, timing, quick=quick)
    parameters = _parameters(model, timing, samples.size, scenarios, weights) | {"HOP": hop}
    log = folder / "simulation.log"
    with _place(folder) as place:
        _write_job(model, samples, answers, scenarios, place, weights)
        long = cycles(scenarios, timing, model.elements) > _LONG
        _simulate(verilog, module, model, parameters, place, log, quick=quick, long=long)
        outcome = _read_outcome(place, log)
        _judge(outcome, timing.pause, log)
    return _found(outcome, overlapping=overlapping)


def _check_some(windows: Integers) -> None:
    if not len(windows):
        raise InputError("verification needs at least one window, not none")


def _parameters(
    model: QuantizedModel,
    timing: Timing,
    length: int,
    scenarios: list[Scenario],
    weights: Streamed | None,
) -> dict[str, int]:
    """Return what the simulation is compiled for."""
    patience = 8 * (timing.latency + (timing.interval if timing.pause == 1 else timing.pause))
    return {
        "WINDOW": model.elements,
        "PAUSE": timing.pause,
        "ADC_BITS": model.bits.adc,
        "LENGTH": length,
        "MAX_RESULTS": max(_due(scenario) for scenario in scenarios),
        "PATIENCE": patience + _LONGEST_STALL,
    } | (weights.parameters if weights else {})


def _blocks(
    model: QuantizedModel, windows: Integers, timing: Timing, *, quick: bool
) -> tuple[Integers, Integers, list[Scenario]]:
    """Return samples, answers and scenarios of windows that do not overlap."""
    count = len(windows) if quick else max(len(windows), LEAST)
    windows = np.resize(windows, (count, windows.shape[1]))
    scenarios = in_blocks(count, model.elements, timing, quick=quick)
    return windows.ravel(), golden.answers(model, windows), scenarios


def _streams(
    model: QuantizedModel, windows: Integers, hop: int, timing: Timing, *, quick: bool
) -> tuple[Integers, Integers, list[Scenario]]:
    """Return samples, answers and scenarios of a stream of all windows, and a short other one."""
    windows = np.resize(windows, (max(len(windows), 3), windows.shape[1]))
    streams = windows.ravel(), windows[-2:][::-1].ravel()
    lengths = streams[0].size, streams[1].size
    answers = np.concatenate([golden.answers(model, stream, hop) for stream in streams])
    scenarios = in_streams(*lengths, model.elements, hop, timing, quick=quick)
    return np.concatenate(streams), answers, scenarios


def _due(scenario: Scenario) -> int:
    """Return the most windows that may have been taken whole in it."""
    due: int = sum(section["windows"] for section in scenario["sections"])
    return due


def _write_job(
    model: QuantizedModel,
    samples: Integers,
    answers: Integers,
    scenarios: list[Scenario],
    place: Path,
    weights: Streamed | None,
) -> None:
    count = len(model.classes)
    classes = golden.classify(answers[:, :count]).tolist() if count else [0] * len(answers)
    logits, values = answers[:, :count].tolist(), answers[:, count:].tolist()
    job = {
        "class_bits": _class_bits(model),
        "logits": [model.logit_width] * count,
        "value_bits": model.number_bits if model.numbers else 0,
        "scenarios": scenarios,
        "expected": list(zip(classes, logits, values, strict=True)),
    }
    files.write_json(place / "job.json", job)
    files.write_text(place / "stimulus.hex", memory_file(samples, model.bits.adc))
    if weights is not None:
        files.write_text(place / "weights.hex", weights.content.hex("\n"))


def _class_bits(model: QuantizedModel) -> int:
    """Return the bits of a result's class; 0 where no output is one."""
    return max(1, (len(model.classes) - 1).bit_length()) if model.classes else 0


def _simulate(
    verilog: Sequence[Path],
    module: str,
    model: QuantizedModel,
    parameters: dict[str, int],
    place: Path,
    log: Path,
    *,
    quick: bool,
    long: bool,
) -> None:
    """Compile and run in a process of its own, whose output goes to logs."""
    for name in ("verilator", "g++", "make", "perl"):
        tools.find(name)
    payload = _class_bits(model) + len(model.classes) * model.logit_width + COUNTER_BITS
    sources = [f"{_SOURCES}/{number}{path.suffix}" for number, path in enumerate(verilog)]
    with files.access(place, "write"):
        (place / _SOURCES).mkdir()
        for path, name in zip(verilog, sources, strict=True):
            shutil.copyfile(path, place / name)
    plan = {
        "sources": sources,
        "sim": str(share.folder("sim")),
        "module": module,
        "scored": model.score is not None,
        "values": bool(model.numbers),
        "weights": "WEIGHT_BYTES" in parameters,
        "optimise": long or not quick,
        "long": long,
        "verilator": str(Path(tools.find("verilator")[0]).parent),
        "parameters": parameters
        | {"RESULT_BITS": payload, "VALUE_BITS": max(1, model.number_bits)},
    }
    files.write_json(place / "plan.json", plan)
    program = Path(__file__).with_name("simulate.py")
    tools.run([sys.executable, "-P", str(program)], place, log, what="simulation")


@contextlib.contextmanager
def _place(folder: Path) -> Iterator[Path]:
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


def _read_outcome(place: Path, log: Path) -> dict[str, Any]:
    path = place / "outcome.json"
    if not path.exists():
        raise ToolError(f"the simulation gave no outcome; see {log}")
    outcome: dict[str, Any] = files.read_json(path)
    if stopped := outcome.get("stopped"):
        raise MismatchError(
            f"the design stopped answering: {stopped['answered']} of {stopped['windows']} windows "
            f"({stopped['name']}); see {log}"
        )
    if not outcome["compared"]:
        raise ToolError(f"the simulation compared nothing; see {log}")
    return outcome


def _judge(outcome: dict[str, Any], pause: int, log: Path) -> None:
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
