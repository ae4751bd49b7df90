"""Whole design against the golden model's answers: runs inside the simulator, under cocotb.

The folder named by HWGEN_SIM holds `job.json` (layout of a result, the expected answers, what to
run) and gets `outcome.json`. A wrong answer, a missing one or none at all fails the test.

The harness feeds samples and watches the clock; Python is woken once a section of samples.
"""

import json
import os
from pathlib import Path

import cocotb
from cocotb.triggers import ClockCycles, RisingEdge

FOLDER = Path(os.environ["HWGEN_SIM"])
JOB = json.loads((FOLDER / "job.json").read_text())
RECORD, VALUES = FOLDER / "record.txt", FOLDER / "values.txt"
FILLED = 4
"""Windows after which the pipeline is full."""
ROUND = 4
"""Windows over which the interval is a mean: as many as may be on their way."""
SHOWN = 20
"""Wrong answers of a scenario that are written to the log."""


def signed(value, bits):
    """Return what low bits mean in two's complement."""
    return value - (1 << bits) if value >> (bits - 1) else value


def decode(payload):
    """Return (class, logits, cycles) of a result's payload, in which they lie low bits first."""
    class_bits = JOB["class_bits"]
    class_ = payload & ((1 << class_bits) - 1)
    payload >>= class_bits
    logits = []
    for bits in JOB["logits"]:
        logits.append(signed(payload & ((1 << bits) - 1), bits))
        payload >>= bits
    return class_, logits, payload


class Record:
    """What the harness has written since the last look."""

    def __init__(self):
        self.offsets = {RECORD: 0, VALUES: 0}

    def _lines(self, path):
        with path.open() as file:
            file.seek(self.offsets[path])
            lines = file.readlines()
            self.offsets[path] = file.tell()
        return lines

    def news(self):
        """Return the new results: (class, logits, counted and measured cycles, completed)."""
        results = []
        for line in self._lines(RECORD):
            payload, measured, completed = line.split()
            results.append((*decode(int(payload, 16)), int(measured), int(completed)))
        return results

    def new_values(self):
        """Return the values of the new windows, and cycles to the first and the last of each.

        A window that a reset has cut off has what came of it, and no cycles.
        """
        bits, windows = JOB["value_bits"], []
        for line in self._lines(VALUES):
            words = line.split()
            cut = words[-1] == "-"
            cycles = [] if cut else [int(word) for word in words[-2:]]
            values = words[: -1 if cut else -2]
            windows.append(([signed(int(value, 16), bits) for value in values], cycles))
        return windows


async def reset(dut):
    """Reset the design, and the harness's counters."""
    dut.rst.value = 1
    dut.abandon.value = 0
    await ClockCycles(dut.clk, 4)
    dut.rst.value = 0


async def feed(dut, section, *, goal, completions):
    """Feed a section's samples and wait until it is done, or the design has stopped.

    Parameters
    ----------
    goal
        Results since the reset that have to be out.
    completions
        Windows completed before, less those given up.
    """
    for name in ("start", "count", "junk", "idle"):
        getattr(dut, name).value = section[name]
    dut.goal.value = goal
    dut.completions.value = completions
    dut.section.value = dut.section.value.to_unsigned() + 1
    await ClockCycles(dut.clk, 2)
    if not dut.done.value:
        await RisingEdge(dut.done)


async def give_up(dut, section, before):
    """Abandon the section's last windows; return how many of the others are to be answered.

    Windows that overlap are given up together, except those that have their result already: not
    those of the last few cycles, but `least` of them.
    """
    dut.abandon.value = 1
    await ClockCycles(dut.clk, 1)
    dut.abandon.value = 0
    await ClockCycles(dut.clk, 2)
    came = dut.results.value.to_unsigned() - before
    few, many = section["answered"]
    return min(max(came, few), many)


async def run(dut, sections, record):
    """Feed sections one behind the other; return what came, what was to come, and what differs.

    That is results, values, expected answers, and how many of the windows are wrong.

    A section ends when its results are out, with a reset, with an ``abandon``, or at once: what
    is in progress is given up by the first sample of the next one. What came before a reset is
    compared, but not returned.
    """
    expected, wrong = [], 0
    await reset(dut)
    for section in sections:
        coming = JOB["expected"][section["answers"] : section["answers"] + section["windows"]]
        before = len(expected)
        waits = section["end"] == "results"
        goal = before + len(coming) if waits else 0
        await feed(dut, section, goal=goal, completions=before)
        if section["end"] == "abandon" and not dut.stuck.value:
            coming = coming[: await give_up(dut, section, before)]
        expected += coming
        if dut.stuck.value:
            break
        if section["end"] == "reset":
            await reset(dut)
            came = record.news()
            wrong += compare(came, record.new_values(), expected, cut=True)
            expected = []
    results, values = record.news(), record.new_values()
    return results, values, expected, wrong + compare(results, values, expected)


def compare(results, values, expected, *, cut=False):
    """Return of how many windows something is not as it must be.

    Class, logits and cycles counted on chip, or a value. If a reset has `cut` off what was on its
    way, windows may be missing at the end, and some values of the last one.
    """
    bad = set() if cut else set(range(len(expected)))
    bad |= set(range(len(expected), max(len(results), len(values))))
    if not cut and len(results) != len(expected):
        cocotb.log.error("%d results for %d windows", len(results), len(expected))
    whole = range(min(len(results), len(expected)))
    if JOB["value_bits"] and not cut:
        whole = range(min(len(whole), len(values)))
    bad -= set(whole)
    for number in whole:
        class_, logits, counted, measured, _ = results[number]
        found, right = [class_, logits, counted], [*expected[number][:2], measured]
        if found != right:
            bad.add(number)
            if len(bad) <= SHOWN:
                cocotb.log.error("got %s, expected %s", found, right)
    for number, (came, cycles) in enumerate(values[: len(expected)]):
        right = expected[number][2]
        if came != (right if cycles else right[: len(came)]):
            bad.add(number)
            if len(bad) <= SHOWN:
                cocotb.log.error("got values %s, expected %s", came, right)
    return len(bad)


def interval(completed):
    """Return the cycles from one window to the next once the pipeline is full, rounded up.

    `completed` are the cycles that took the windows' last samples. 0 if they are too few to tell.
    """
    rounds = (len(completed) - 1 - FILLED) // ROUND
    if rounds < 1:
        return 0
    windows = rounds * ROUND
    return -(-(completed[FILLED + windows] - completed[FILLED]) // windows)


@cocotb.test()
async def windows(dut):
    """Every scenario of the job, one after the other, in one run."""
    assert JOB["expected"] or JOB["idle"], "no windows to compare"
    record = Record()
    outcome = {"compared": 0, "mismatches": 0, "scenarios": {}}
    dut.section.value = 0
    for scenario in JOB["scenarios"]:
        dut.spacing.value = scenario["spacing"]
        dut.random_gaps.value = scenario["gaps"]
        dut.stalls.value = scenario["stalls"]
        results, values, expected, wrong = await run(dut, scenario["sections"], record)
        if dut.stuck.value:
            outcome["stopped"] = {
                "name": scenario["name"],
                "windows": len(expected),
                "answered": min(len(results), len(values)) if JOB["value_bits"] else len(results),
            }
            break
        outcome["compared"] += len(expected)
        outcome["mismatches"] += wrong
        outcome["scenarios"][scenario["name"]] = {
            "windows": len(expected),
            "mismatches": wrong,
            "cycles": [result[3] for result in results],
            "counter": [result[2] for result in results],
            "values": [cycles for _, cycles in values],
            "interval": interval([result[4] for result in results]),
            "held": dut.held.value.to_unsigned(),
            "pause": [dut.least.value.to_unsigned(), dut.most.value.to_unsigned()],
            "unsteady": dut.unsteady.value.to_unsigned(),
        }
    (FOLDER / "outcome.json").write_text(json.dumps(outcome))
    assert "stopped" not in outcome
    assert outcome["compared"] > 0 or JOB["idle"]
    assert outcome["mismatches"] == 0
