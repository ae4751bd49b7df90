"""Builds the simulation and runs it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import files, golden, share, tools
from hwgen.errors import InputError, MismatchError, ToolError
from hwgen.fixedpoint import Integers
from hwgen.quantized import QuantizedModel
from hwgen.verify.result import Verification
from hwgen.verify.vectors import memory_file

_LEAST = 9
"""Windows from which the interval shows: the pipeline is full, and a whole round of them."""
COUNTER_BITS = 32
"""Of the on-chip latency counter in a result."""
_HELD_UP = 12
"""Windows for the scenarios with gaps and stalls, which take several times as long."""


@dataclass(frozen=True)
class Timing:
    """What the generator says of the design; the simulation measures it."""

    latency: int
    interval: int


def verify(
    verilog: Sequence[Path],
    module: str,
    model: QuantizedModel,
    windows: Integers,
    timing: Timing,
    folder: Path,
    *,
    quick: bool = False,
) -> Verification:
    """Run windows through the Verilog and compare class and logits with the golden model.

    Parameters
    ----------
    verilog, module
        Source files and the name of the accelerator's module.
    model
        What it was generated from.
    windows
        ADC steps, ``(n, input_samples)``; all of them run back to back, and some with gaps,
        stalls, and a reset in mid-window.
    timing
        For how long to wait.
    folder
        For the simulation; logs are kept.
    quick
        Back to back only, and compiled in haste: a netlist takes long to compile.

    Raises
    ------
    InputError
        If there are no windows: a check that compares nothing must fail.
    MismatchError
        If the design stops answering, or makes a sample wait within a window.
    ToolError
        If Verilator is missing or fails, or the simulation ends without its outcome.
    """
    if not len(windows):
        raise InputError("verification needs at least one window, not none")
    windows = np.resize(windows, (max(len(windows), _LEAST), windows.shape[1]))
    with files.access(folder, "write"):
        folder.mkdir(parents=True, exist_ok=True)
    scenarios = _scenarios(len(windows), timing, quick=quick)
    _write_job(model, windows, timing, scenarios, folder)
    _simulate(verilog, module, model, len(windows), folder, quick=quick)
    outcome = _read_outcome(folder)
    return Verification(
        simulator=tools.version("verilator"),
        windows=outcome["compared"],
        mismatches=outcome["mismatches"],
        latency=max(outcome["scenarios"]["alone"]["cycles"]),
        interval=outcome["scenarios"]["back to back"]["interval"],
        pause=1,
        scenarios={name: item["windows"] for name, item in outcome["scenarios"].items()},
    )


def _scenarios(windows: int, timing: Timing, *, quick: bool) -> list[dict[str, Any]]:
    def scenario(name: str, count: int, **mode: int) -> dict[str, Any]:
        plain = {"pause": 0, "gaps": 0, "stalls": 0, "interrupted_after": 0}
        return {"name": name, "windows": min(count, windows)} | plain | mode

    streams = [scenario("alone", 1), scenario("back to back", windows)]
    if quick:
        return streams
    return [
        *streams,
        scenario("gaps and stalls", _HELD_UP, gaps=1, stalls=1),
        scenario("slow samples", 2, pause=3),
        # In the middle of a window, while the ones before are in every part of the pipeline.
        scenario(
            "reset in mid-window", 5, interrupted_after=timing.latency + timing.interval * 5 // 3
        ),
    ]


def _write_job(
    model: QuantizedModel,
    windows: Integers,
    timing: Timing,
    scenarios: list[dict[str, Any]],
    folder: Path,
) -> None:
    logits = golden.run(model, windows)
    classes = golden.classify(logits)
    job = {
        "class_bits": max(1, (len(model.classes) - 1).bit_length()),
        "logit_bits": model.logit_width,
        "classes": len(model.classes),
        "patience": 2 * (timing.latency + timing.interval),
        "scenarios": scenarios,
        "expected": [
            [int(number), row] for number, row in zip(classes, logits.tolist(), strict=True)
        ],
    }
    files.write_json(folder / "job.json", job)
    files.write_text(folder / "stimulus.hex", memory_file(windows, model.bits.adc))
    with files.access(folder, "write"):
        (folder / "outcome.json").unlink(missing_ok=True)


def _simulate(
    verilog: Sequence[Path],
    module: str,
    model: QuantizedModel,
    windows: int,
    folder: Path,
    *,
    quick: bool,
) -> None:
    """Compile and run in a process of its own, whose output goes to logs."""
    for name in ("verilator", "g++", "make", "perl"):
        tools.find(name)
    classes = len(model.classes)
    payload = max(1, (classes - 1).bit_length()) + classes * model.logit_width + COUNTER_BITS
    plan = {
        "sources": [str(path.resolve()) for path in verilog],
        "sim": str(share.folder("sim")),
        "module": module,
        "optimise": not quick,
        "verilator": str(Path(tools.find("verilator")[0]).parent),
        "parameters": {
            "WINDOW": model.input_samples,
            "ADC_BITS": model.bits.adc,
            "RESULT_BITS": payload,
            "MAX_WINDOWS": windows,
        },
    }
    files.write_json(folder / "plan.json", plan)
    tools.run(
        [sys.executable, "-P", str(Path(__file__).with_name("simulate.py"))],
        folder,
        folder / "simulation.log",
        what="simulation",
    )


def _read_outcome(folder: Path) -> dict[str, Any]:
    path, log = folder / "outcome.json", folder / "simulation.log"
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
    held = {name: item["held"] for name, item in outcome["scenarios"].items() if item["held"]}
    if held:
        raise MismatchError(
            f"the design must take a sample in every cycle of a window, but let some wait "
            f"{max(held.values())} cycles ({', '.join(held)}); see {log}"
        )
    return outcome
