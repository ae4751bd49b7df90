"""Whole design against the golden model's answers: runs inside the simulator, under cocotb.

The folder named by HWGEN_SIM holds `job.json` (layout of a result, the expected answers, what to
run) and gets `outcome.json`. A wrong answer, a missing one or none at all fails the test.
"""

import json
import os
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, SimTimeoutError, ValueChange, with_timeout

FOLDER = Path(os.environ["HWGEN_SIM"])
JOB = json.loads((FOLDER / "job.json").read_text())
RECORD = FOLDER / "record.txt"
PERIOD_NS = 10
FILLED = 4
"""Windows after which the pipeline is full."""
ROUND = 4
"""Windows over which the interval is a mean: as many as may be on their way."""


def decode(payload):
    """Return (class, logits, cycles) of a result's payload, in which they lie low bits first."""
    class_bits, logit_bits, classes = JOB["class_bits"], JOB["logit_bits"], JOB["classes"]
    number = payload & ((1 << class_bits) - 1)
    payload >>= class_bits
    logits = []
    for _ in range(classes):
        value = payload & ((1 << logit_bits) - 1)
        logits.append(value - (1 << logit_bits) if value >> (logit_bits - 1) else value)
        payload >>= logit_bits
    return number, logits, payload


class Record:
    """What the harness has written since the last look."""

    def __init__(self):
        self.offset = 0

    def news(self):
        """Return the new results: (number, class, logits, counted and measured cycles, begun)."""
        with RECORD.open() as file:
            file.seek(self.offset)
            lines = file.readlines()
            self.offset = file.tell()
        results = []
        for line in lines:
            number, payload, measured, begun = line.split()
            results.append((int(number), *decode(int(payload, 16)), int(measured), int(begun)))
        return results


async def restart(dut, windows, *, pause=0, gaps=0, stalls=0):
    """Set a mode and reset."""
    dut.rst.value = 1
    dut.abandon.value = 0
    dut.windows.value = windows
    dut.pause.value = pause
    dut.random_gaps.value = gaps
    dut.random_stalls.value = stalls
    await ClockCycles(dut.clk, 4)
    dut.rst.value = 0


async def all_results(dut, windows, pause=0):
    """Wait until `windows` results are out; return how many came before the design stopped."""
    patience = 4 * JOB["patience"] * (1 + pause) * PERIOD_NS
    try:
        while dut.results.value.to_unsigned() < windows:
            await with_timeout(ValueChange(dut.results), patience, "ns")
    except SimTimeoutError:
        cocotb.log.error("no result for %d ns", patience)
    await RisingEdge(dut.clk)
    return dut.results.value.to_unsigned()


def compare(results, windows):
    """Return how many answers (class, logits, cycles counted on chip) are not as they must be."""
    assert [result[0] for result in results] == list(range(windows)), "results out of order"
    wrong = 0
    for (_, number, logits, counted, measured, _), (number_, logits_) in zip(
        results, JOB["expected"], strict=False
    ):
        found, expected = [number, logits, counted], [number_, logits_, measured]
        if found != expected:
            wrong += 1
            cocotb.log.error("got %s, expected %s", found, expected)
    return wrong


def interval(begun):
    """Return the cycles from one window to the next once the pipeline is full, rounded up.

    `begun` are the cycles that took the windows' first samples. 0 if they are too few to tell.
    """
    rounds = (len(begun) - 1 - FILLED) // ROUND
    if rounds < 1:
        return 0
    windows = rounds * ROUND
    return -(-(begun[FILLED + windows] - begun[FILLED]) // windows)


@cocotb.test()
async def windows(dut):
    """Every scenario of the job, one after the other, in one run."""
    assert JOB["expected"], "no windows to compare"
    Clock(dut.clk, PERIOD_NS, "ns").start()
    record = Record()
    outcome = {"compared": 0, "mismatches": 0, "scenarios": {}}
    for scenario in JOB["scenarios"]:
        mode = {key: scenario[key] for key in ("pause", "gaps", "stalls")}
        count = scenario["windows"]
        if scenario["interrupted_after"]:
            await restart(dut, count, **mode)
            await ClockCycles(dut.clk, scenario["interrupted_after"])
            await restart(dut, count, **mode)
            record.news()  # what came before the interruption has been compared elsewhere
        else:
            await restart(dut, count, **mode)
        answered = await all_results(dut, count, scenario["pause"])
        if answered < count:
            outcome["stopped"] = {"name": scenario["name"], "windows": count, "answered": answered}
            break
        results = record.news()
        wrong = compare(results, count)
        outcome["compared"] += count
        outcome["mismatches"] += wrong
        outcome["scenarios"][scenario["name"]] = {
            "windows": count,
            "mismatches": wrong,
            "cycles": [result[4] for result in results],
            "counter": [result[3] for result in results],
            "interval": interval([result[5] for result in results]),
            "held": dut.held.value.to_unsigned(),
        }
    (FOLDER / "outcome.json").write_text(json.dumps(outcome))
    assert "stopped" not in outcome
    assert outcome["compared"] > 0
    assert outcome["mismatches"] == 0
