"""What is wrong with a build, told before anything else."""

from __future__ import annotations

from typing import Any

from hwgen.report.text import count, number

KINDS = {"lut4": "LUT4", "comb": "COMB", "ff": "FF", "dsp": "DSP", "ebr": "EBR"}
"""Names of the chip's cells; ``comb`` are packed LUT4s, of which a chip has as many."""


def available(resources: dict[str, Any], kind: str) -> int:
    """Return how many cells of a kind the chip has."""
    have: dict[str, int] = resources["available"]
    return have[kind] if kind in have else have["lut4"]


def problems(report: dict[str, Any]) -> list[str]:
    """Return one line for each thing that makes the build unfit for use, the worst first."""
    found = []
    verification, timing, resources = (
        report[name] for name in ("verification", "timing", "resources")
    )
    if verification is not None and verification["mismatches"]:
        found.append(
            f"verification failed: {count(verification['mismatches'])} mismatches between hardware "
            f"and golden model in {count(verification['windows'])} windows"
        )
    netlist = report.get("netlist")
    if netlist and netlist.get("mismatches"):
        found.append(
            f"the netlist is wrong: {count(netlist['mismatches'])} of {count(netlist['windows'])} "
            f"windows through what Yosys made of the core differ from the golden model"
        )
    bench = report.get("bench")
    if bench and bench["mismatches"]:
        found.append(
            f"the board is wrong: {count(bench['mismatches'])} of {count(bench['windows'])} "
            f"answers at {bench['port']} differ from the golden model"
        )
    if timing is not None and not timing["met"]:
        found.append(
            f"timing not met: {number(timing['fmax_mhz'], 4)} MHz reached of "
            f"{number(timing['target_mhz'], 4)} MHz; lower --clock-mhz"
        )
    if resources is not None:
        found += [
            f"the chip is too small: {count(resources[kind])} {name} of "
            f"{count(available(resources, kind))}; lower --parallel or take a larger board"
            for kind, name in KINDS.items()
            if resources[kind] > available(resources, kind)
        ]
    return found


def missing(report: dict[str, Any]) -> list[str]:
    """Return the names of the sections whose stage did not run."""
    names = ("accuracy", "verification", "latency", "resources", "timing")
    return [name for name in names if report[name] is None]
