"""Stimulus and read-back, so that a test reads ``assert rtl(x) == ref(x)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import ClockDomain, Elaboratable, Module
from amaranth.lib import data
from amaranth.sim import Simulator

from hwgen.fixedpoint import Integers
from hwgen.hardware.accelerator.shell import Accelerator
from hwgen.hardware.primitives.memory import BlockRam


def port(component: Any, path: str) -> Any:
    """Return a port by its dotted path, such as ``"i.valid"``."""
    for part in path.split("."):
        component = getattr(component, part)
    return component


def as_plain(value: Any) -> Any:
    """Return an integer, list or dict instead of an Amaranth constant."""
    if not isinstance(value, data.Const):
        return int(value)
    layout = value.shape()
    if isinstance(layout, data.ArrayLayout):
        return [as_plain(value[index]) for index in range(layout.length)]
    return {name: as_plain(value[name]) for name in layout.members}


def run_bench(top: Elaboratable, process: Callable) -> None:
    """Run one test bench; ``process(ctx, reset)`` is called once."""
    m = Module()
    m.domains.sync = domain = ClockDomain()
    m.submodules.top = top
    simulator = Simulator(m)
    simulator.add_clock(1e-8)

    async def run(ctx):
        await process(ctx, domain.rst)

    simulator.add_testbench(run)
    simulator.run()


def play_inputs(
    dut: Any,
    inputs: Mapping[str, Sequence[Any]],
    watch: Iterable[str],
    *,
    cycles: int | None = None,
    top: Elaboratable | None = None,
    reset: Iterable[int] = (),
) -> dict[str, list[Any]]:
    """Give each input its value of each cycle and return what each watched port held in each.

    An input without further values keeps the last one. Without `cycles` it is as long as the
    longest input. In the cycles of `reset` the reset is high.
    """
    length = cycles or max(len(values) for values in inputs.values())
    traces: dict[str, list[Any]] = {name: [] for name in watch}
    resets = set(reset)

    async def process(ctx, rst):
        for cycle in range(length):
            for name, values in inputs.items():
                if cycle < len(values) and (cycle == 0 or values[cycle] != values[cycle - 1]):
                    ctx.set(port(dut, name), values[cycle])
            if resets:
                ctx.set(rst, cycle in resets)
            for name, trace in traces.items():
                trace.append(as_plain(ctx.get(port(dut, name))))
            await ctx.tick()

    run_bench(top or dut, process)
    return traces


def beside_memory(component: Any, words: Sequence[int], width: int, address: str, value: str):
    """Return a module in which a read port of `component` sees a memory that holds `words`."""
    m = Module()
    m.submodules.dut = component
    m.submodules.ram = ram = BlockRam(width, len(words), list(words))
    m.d.comb += [
        ram.read_address.eq(port(component, address)),
        port(component, value).eq(ram.read_data),
    ]
    return m


@pytest.fixture(scope="session")
def play() -> Callable[..., dict[str, list[Any]]]:
    """Return `play_inputs`."""
    return play_inputs


@pytest.fixture(scope="session")
def bench() -> Callable[..., None]:
    """Return `run_bench`."""
    return run_bench


@pytest.fixture(scope="session")
def plain() -> Callable[[Any], Any]:
    """Return `as_plain`."""
    return as_plain


@pytest.fixture(scope="session")
def with_memory() -> Callable[..., Module]:
    """Return `beside_memory`."""
    return beside_memory


def complex_inputs(
    windows: Sequence[Integers], rng: np.random.Generator, most_wait: int, width: int
) -> tuple[dict[str, list[int]], list[list[int]]]:
    """Return what ports ``i`` of a complex stream see, and the cycle of every value.

    `windows` are ``(2, n)`` parts; values are two cycles apart, and up to `most_wait` more.
    Without ``valid`` the ports hold rubbish.
    """
    places: list[list[int]] = []
    cycle = 0
    for window in windows:
        places.append([])
        for _ in range(window.shape[1]):
            cycle += int(rng.integers(0, most_wait + 1))
            places[-1].append(cycle)
            cycle += 2
    table = {
        "i.valid": np.zeros(cycle, dtype=np.int64),
        "i.first": rng.integers(0, 2, cycle),
        "i.re": rng.integers(-(1 << (width - 1)), 1 << (width - 1), cycle),
        "i.im": rng.integers(-(1 << (width - 1)), 1 << (width - 1), cycle),
    }
    for window, cycles in zip(windows, places, strict=True):
        table["i.valid"][cycles] = 1
        table["i.first"][cycles] = 0
        table["i.first"][cycles[:1]] = 1
        table["i.re"][cycles], table["i.im"][cycles] = window
    return {name: values.tolist() for name, values in table.items()}, places


@dataclass(frozen=True)
class Output:
    """A window that left through a complex stream: ``(2, n)`` parts, and their cycles."""

    parts: Integers
    cycles: list[int]


def complex_outputs(trace: Mapping[str, list[int]]) -> list[Output]:
    """Cut what left port ``o`` into windows, each begun by ``first``."""
    valid = np.flatnonzero(trace["o.valid"])
    assert (np.diff(valid) >= 2).all(), "values must be two cycles apart"
    cuts = [index for index, cycle in enumerate(valid) if trace["o.first"][cycle]]
    assert not len(valid) or cuts[0] == 0, "the first value must be marked"
    parts = np.array([trace["o.re"], trace["o.im"]])
    pieces = np.split(valid, cuts[1:]) if cuts else []
    return [Output(parts[:, piece], piece.tolist()) for piece in pieces]


@pytest.fixture(scope="session")
def through() -> Callable[..., tuple[list[Output], list[list[int]]]]:
    """Return a function that sends windows through a component with complex streams."""

    def send(dut, windows, *, width, seed=0, most_wait=0, after, reset=()):
        rng = np.random.default_rng(seed)
        inputs, places = complex_inputs(windows, rng, most_wait, width)
        watch = ["o.valid", "o.first", "o.re", "o.im"]
        trace = play_inputs(dut, inputs, watch, cycles=len(inputs["i.valid"]) + after, reset=reset)
        return complex_outputs(trace), places

    return send


@dataclass(frozen=True)
class Sample:
    """A step of a program: one sample, in whose cycles ``abandon`` may be high."""

    value: int
    first: bool = False
    abandon: bool = False


@dataclass(frozen=True)
class Gap:
    """A step of a program: cycles without a sample."""

    cycles: int = 1


@dataclass(frozen=True)
class Abandon:
    """A step of a program: cycles without a sample and with ``abandon`` high."""

    cycles: int = 1


@dataclass(frozen=True)
class Reset:
    """A step of a program: cycles of reset."""

    cycles: int = 1


Step = Sample | Gap | Abandon | Reset


@dataclass(frozen=True)
class Result:
    """What the accelerator answered, and the cycles when it did and when it was taken."""

    cycles: int
    presented: int
    taken: int
    class_: int | None = None
    logits: list[int] = field(default_factory=list)


@dataclass
class Values:
    """A window's values; the cycles when the first was offered, and the last was taken."""

    presented: int
    taken: int = 0
    numbers: list[int] = field(default_factory=list)


@dataclass
class Record:
    """What happened while a program ran, by cycle."""

    results: list[Result] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    taken: list[tuple[int, Sample]] = field(default_factory=list)
    waits: list[tuple[int, Sample]] = field(default_factory=list)

    @property
    def logits(self) -> list[list[int]]:
        return [result.logits for result in self.results]

    @property
    def answers(self) -> list[list[int]]:
        if not self.values:
            return self.logits
        pairs = zip(self.results, self.values, strict=True)
        return [result.logits + values.numbers for result, values in pairs]

    @property
    def classes(self) -> list[int | None]:
        return [result.class_ for result in self.results]

    @property
    def starts(self) -> list[int]:
        return [cycle for cycle, sample in self.taken if sample.first]


def of_window(values: Iterable[int]) -> list[Step]:
    """Return the samples of one window."""
    return [Sample(int(value), first=index == 0) for index, value in enumerate(values)]


def run_program(
    core: Accelerator,
    program: Sequence[Step],
    *,
    ready: Callable[[int], bool] = lambda cycle: True,
    values_ready: Callable[[int], bool] = lambda cycle: True,
    limit: int = 20_000,
) -> Record:
    """Run a program, then until nothing has come for as long as anything could take.

    Samples are held until they are taken; ``result`` and ``values`` are checked to stand until
    then, too. Of what a reset cuts off neither is kept that is without the other.
    """
    record = Record()
    quiet = max(core.plan.timing.latency, core.plan.timing.interval) + 20

    async def process(ctx, rst):
        drive = _Inputs(ctx, core, rst)
        steps = iter(program)
        step, left = next(steps, None), 0
        last_event = 0
        watch = _ResultPort(ctx, core, record)
        values = _ValuePort(ctx, core, record) if core.plan.numbers else None
        for cycle in range(limit):
            drive(step, taking := bool(ready(cycle)), moving := bool(values_ready(cycle)))
            resetting = isinstance(step, Reset)
            if watch(cycle, taking, resetting) or step is not None:
                last_event = cycle
            if values is not None and values(cycle, moving, resetting):
                last_event = cycle
            if isinstance(step, Sample):
                accepted = ctx.get(core.samples.ready)
                (record.taken if accepted else record.waits).append((cycle, step))
                step = next(steps, None) if accepted else step
            elif step is not None:
                left = (left or step.cycles) - 1
                step = step if left else next(steps, None)
            elif cycle - last_event > quiet:
                return
            await ctx.tick()
        raise AssertionError(f"the program did not end within {limit} cycles")

    run_bench(core, process)
    return record


class _Inputs:
    """Sets the accelerator's inputs; only those that change, which costs simulation time."""

    def __init__(self, ctx, core: Accelerator, rst):
        self._ctx = ctx
        self._ports = {
            "valid": core.samples.valid,
            "p": core.samples.p,
            "abandon": core.abandon,
            "reset": rst,
            "ready": core.result.ready,
        } | ({"values": core.values.ready} if core.plan.numbers else {})
        self._last: dict[str, Any] = {}

    def __call__(self, step: Step | None, ready: bool, values: bool) -> None:
        inputs: dict[str, Any] = {
            "valid": isinstance(step, Sample),
            "abandon": isinstance(step, Abandon) or (isinstance(step, Sample) and step.abandon),
            "reset": isinstance(step, Reset),
            "ready": ready,
        }
        if "values" in self._ports:
            inputs["values"] = values
        if isinstance(step, Sample):
            inputs["p"] = {"value": step.value, "first": step.first}
        for name, value in inputs.items():
            if self._last.get(name) != value:
                self._ctx.set(self._ports[name], value)
                self._last[name] = value


class _ResultPort:
    """Reads the accelerator's results and checks that each stands until it is taken."""

    def __init__(self, ctx, core: Accelerator, record: Record):
        self._ctx, self._port, self._record = ctx, core.result, record
        self._standing: dict | None = None
        self._since = 0

    def __call__(self, cycle: int, taking: bool, reset: bool) -> bool:
        """Look at one cycle; return whether a result was there."""
        if not self._ctx.get(self._port.valid):
            assert self._standing is None, "a result must stand until it is taken"
            return False
        now = as_plain(self._ctx.get(self._port.p))
        if self._standing is None:
            self._standing, self._since = now, cycle
        assert now == self._standing, "a result must stand until it is taken"
        if taking and not reset:
            self._record.results.append(Result(**now, presented=self._since, taken=cycle))
        if taking or reset:
            self._standing = None
        return True


class _ValuePort:
    """Reads the accelerator's values, and checks that each stands, and what marks them."""

    def __init__(self, ctx, core: Accelerator, record: Record):
        self._ctx, self._port, self._record = ctx, core.values, record
        self._count = core.plan.numbers
        self._standing: dict | None = None
        self._window: Values | None = None

    def __call__(self, cycle: int, taking: bool, reset: bool) -> bool:
        """Look at one cycle; return whether a value was there."""
        if there := self._ctx.get(self._port.valid):
            now = as_plain(self._ctx.get(self._port.p))
            assert self._standing in (None, now), "a value must stand until it is taken"
            self._standing = now
            if self._window is None:
                self._window = Values(presented=cycle)
            if taking and not reset:
                self._take(cycle, now)
        else:
            assert self._standing is None, "a value must stand until it is taken"
        if reset:
            kept = min(len(self._record.results), len(self._record.values))
            del self._record.results[kept:], self._record.values[kept:]
            self._standing = self._window = None
        return bool(there)

    def _take(self, cycle: int, now: dict) -> None:
        window, self._standing = self._window, None
        assert window is not None
        assert now["first"] == (not window.numbers)
        window.numbers.append(now["value"])
        assert now["last"] == (len(window.numbers) == self._count)
        if now["last"]:
            window.taken, self._window = cycle, None
            self._record.values.append(window)


@dataclass(frozen=True)
class Programs:
    """How to write and run a program, for tests that cannot import this file."""

    sample: Callable[..., Step] = Sample
    gap: Callable[..., Step] = Gap
    abandon: Callable[..., Step] = Abandon
    reset: Callable[..., Step] = Reset
    window: Callable[[Iterable[int]], list[Step]] = of_window
    run: Callable[..., Record] = run_program


@pytest.fixture(scope="session")
def programs() -> Programs:
    """Return what writes and runs programs of samples, gaps, abandons and resets."""
    return Programs()
